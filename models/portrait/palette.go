package portrait

import (
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// palette tells how much chroma a mouth has at each brightness: little on teeth, more on tongue and gums.
type palette struct {
	chroma [paletteTones]float32 // at luma above black of 0, paletteStep, ...; bytes
}

const (
	paletteStep  = 20 // luma, bytes
	paletteTones = 12
	paletteRare  = 0.01 // share of the mouth from which a tone counts
	paletteMore  = 1.15 // times as much chroma is still the same colour
	paletteLit   = 40   // luma, bytes, by which a place is made brighter that is something else now
	black        = 16   // luma, bytes
)

// read measures the picture (R, G, B, 0..1) inside the lips, the PlaneInner of the same pixels; false where they are shut.
func (p *palette) read(picture []float32, inner []byte) bool {
	n := len(inner)
	r, g, b := picture[:n], picture[n:2*n], picture[2*n:3*n]
	*p = palette{}
	var weight [paletteTones]float32
	var all float32
	for i, v := range inner {
		if v == 0 {
			continue
		}
		y, c := toneOf(frame.ToYUV(255*r[i], 255*g[i], 255*b[i]))
		k, part := paletteTone(y)
		w := float32(v)
		weight[k] += w * (1 - part)
		weight[k+1] += w * part
		p.chroma[k] += w * (1 - part) * c
		p.chroma[k+1] += w * part * c
		all += w
	}
	last := -1
	for k := range p.chroma {
		if all == 0 || weight[k] < paletteRare*all {
			continue
		}
		p.chroma[k] /= weight[k]
		p.between(last, k)
		last = k
	}
	if last >= 0 {
		p.beyond(last)
	}
	return last >= 0
}

// between fills the tones between two that are known; those below the first, where the former is -1, have as much chroma as it.
func (p *palette) between(a, b int) {
	if a < 0 {
		for k := range b {
			p.chroma[k] = p.chroma[b]
		}
		return
	}
	for k := a + 1; k < b; k++ {
		p.chroma[k] = p.chroma[a] + (p.chroma[b]-p.chroma[a])*float32(k-a)/float32(b-a)
	}
}

// beyond fills the tones brighter than the last that is known: they are as saturated.
func (p *palette) beyond(last int) {
	for k := last + 1; k < paletteTones; k++ {
		p.chroma[k] = p.chroma[last] * float32(k) / max(float32(last), 0.5)
	}
}

// paletteTone is the tone at or below a luma above black, and how far it is to the next, 0..1.
func paletteTone(y float32) (k int, part float32) {
	at := min(max(y, 0)/paletteStep, paletteTones-1.001)
	k = int(at)
	return k, at - float32(k)
}

// most is the chroma that belongs to a luma above black.
func (p *palette) most(y float32) float32 {
	k, part := paletteTone(y)
	return paletteMore * (p.chroma[k] + (p.chroma[k+1]-p.chroma[k])*part)
}

// toneOf gives luma above black and how far the chroma is from grey.
func toneOf(y, u, v float32) (luma, chroma float32) {
	u, v = u-frame.ChromaZero, v-frame.ChromaZero
	return y - black, num.Sqrt(u*u + v*v)
}

// tieColour keeps what a difference d (planes of Y, U, V in bytes) adds inside the lips to the colours that the picture has there: what
// becomes as bright as a tooth becomes no redder than one. What is not made brighter may keep its own colour.
func tieColour(d, picture []float32, inner []byte) {
	var p palette
	if !p.read(picture, inner) {
		return
	}
	n := len(inner)
	r, g, b := picture[:n], picture[n:2*n], picture[2*n:3*n]
	for i, in := range inner {
		if in == 0 {
			continue
		}
		y0, u0, v0 := frame.ToYUV(255*r[i], 255*g[i], 255*b[i])
		_, c0 := toneOf(y0, u0, v0)
		y, c := toneOf(y0+d[i], u0+d[n+i], v0+d[2*n+i])
		most := max(p.most(y), c0*(1-num.Smoothstep(0, paletteLit, d[i])))
		if c <= most {
			continue
		}
		by := (1 - most/c) * float32(in) / 255
		d[n+i] -= by * (u0 + d[n+i] - frame.ChromaZero)
		d[2*n+i] -= by * (v0 + d[2*n+i] - frame.ChromaZero)
	}
}
