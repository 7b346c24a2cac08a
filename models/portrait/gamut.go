package portrait

import (
	"math"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// gamut is the range of chroma in a portrait's face: a rectangle along the line from grey through its colours. What is painted stays
// in it, so that a grey portrait stays grey and a sepia one sepia. The zero value is grey.
type gamut struct {
	x, y   float32 // direction of the first axis in U and V, a unit vector
	lo, hi [2]float32
}

const (
	gamutCut   = 0.002 // share of the face's pixels at either end that does not count
	gamutWider = 0.3   // of the range is added: the inside of a mouth is redder than lips
	gamutBins  = 512
)

// newGamut measures the face of a persona.
func newGamut(p *persona.Persona) gamut {
	var uu, uv, vv float64
	eachChroma(p, func(u, v float32) {
		uu, uv, vv = uu+float64(u*u), uv+float64(u*v), vv+float64(v*v)
	})
	// Along the line through grey of most chroma, and across it.
	turn := math.Atan2(2*uv, uu-vv) / 2
	g := gamut{x: float32(math.Cos(turn)), y: float32(math.Sin(turn))}
	var count [2][gamutBins]float64
	total := 0.0
	eachChroma(p, func(u, v float32) {
		for k, c := range g.turned(u, v) {
			count[k][min(max(int(c+0.5*gamutBins+0.5), 0), gamutBins-1)]++
		}
		total++
	})
	for k := range 2 {
		g.lo[k], g.hi[k] = chromaRange(&count[k], gamutCut*total)
	}
	return g
}

// chromaRange is where a histogram of chroma begins and ends but for cut samples at either end, grey included, a part wider.
func chromaRange(count *[gamutBins]float64, cut float64) (lo, hi float32) {
	const zero = gamutBins / 2
	first, last := 0, gamutBins-1
	for sum := count[first]; first < zero && sum <= cut; sum += count[first] {
		first++
	}
	for sum := count[last]; last > zero && sum <= cut; sum += count[last] {
		last--
	}
	lo, hi = float32(min(first-zero, 0)), float32(max(last-zero, 0))
	wider := gamutWider * (hi - lo)
	if wider < 1 { // rounding, not colour
		return lo, hi
	}
	return lo - wider, hi + wider
}

// eachChroma visits the chroma, about 0, of every second pixel of every second row of the face.
func eachChroma(p *persona.Persona, f func(u, v float32)) {
	edge := p.Crop.Rect.Dx()
	x0, y0, x1, y1 := float32(edge), float32(edge), float32(0), float32(0)
	for _, q := range p.Face.Points[:landmark.SkinCount] {
		at := p.Face.Head.Apply(q)
		x0, x1 = min(x0, at.X*float32(edge)), max(x1, at.X*float32(edge))
		y0, y1 = min(y0, at.Y*float32(edge)), max(y1, at.Y*float32(edge))
	}
	for y := int(max(y0, 0)); y < int(min(y1, float32(edge))); y += 2 {
		for x := int(max(x0, 0)); x < int(min(x1, float32(edge))); x += 2 {
			c := p.Crop.Pix[p.Crop.PixOffset(x, y):]
			_, u, v := frame.ToYUV(float32(c[0]), float32(c[1]), float32(c[2]))
			f(u-frame.ChromaZero, v-frame.ChromaZero)
		}
	}
}

// turned gives a chroma about 0 along the axes of g.
func (g *gamut) turned(u, v float32) [2]float32 { return [2]float32{u*g.x + v*g.y, v*g.x - u*g.y} }

// tie brings the chroma (u, v) that is to stand in place of (u0, v0), in bytes, into the gamut, or no farther out than that was.
func (g *gamut) tie(u, v, u0, v0 float32) (float32, float32) {
	now, was := g.turned(u-frame.ChromaZero, v-frame.ChromaZero), g.turned(u0-frame.ChromaZero, v0-frame.ChromaZero)
	for k := range now {
		now[k] = min(max(now[k], min(g.lo[k], was[k])), max(g.hi[k], was[k]))
	}
	return now[0]*g.x - now[1]*g.y + frame.ChromaZero, now[0]*g.y + now[1]*g.x + frame.ChromaZero
}
