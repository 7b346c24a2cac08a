package portrait

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// readI420 samples the region that lies at a (pixels of src) into dst, I420 of Edge x Edge: rows of Y, then U, then V.
// Beyond the picture its nearest pixels repeat. It does not allocate.
func (r *Region) readI420(dst []byte, src *frame.I420, a *Alignment) {
	e := r.Edge
	n := e * e
	c := a.chroma()
	sample(dst[:n], e, src.Y, src.Width, src.Height, a)
	sample(dst[n:n+n/4], e/2, src.U, src.Width/2, src.Height/2, &c)
	sample(dst[n+n/4:n+n/2], e/2, src.V, src.Width/2, src.Height/2, &c)
}

// chroma is the alignment between planes of half the size: steps stay, the origin halves.
func (a *Alignment) chroma() Alignment { return Alignment{a.OX / 2, a.OY / 2, a.UX, a.UY} }

// sample reads a plane of e x e pixels that lies at a in src.
func sample(dst []byte, e int, src []byte, w, h int, a *Alignment) {
	step := math.Hypot(float64(a.UX), float64(a.UY))
	taps := min(max(int(step+0.5), 1), maxTaps)
	weight := 1 / float32(taps*taps)
	for j := range e {
		for i := range e {
			var v float32
			for t := range taps * taps {
				x, y := a.At(float32(i)+(float32(t%taps)+0.5)/float32(taps), float32(j)+(float32(t/taps)+0.5)/float32(taps))
				v += bilinear(src, w, h, x-0.5, y-0.5)
			}
			dst[j*e+i] = byte(v*weight + 0.5)
		}
	}
}

// subtract writes what a network changed, share of it, into d: planes Y, U, V as in I420, faded out at the border.
func (r *Region) subtract(d []float32, after, before []byte, share float32) {
	e := r.Edge
	n := e * e
	plane := func(from, e, ramp int) {
		for j := range e {
			down := min(float32(min(j, e-1-j))/float32(ramp), 1) * share
			k := from + j*e
			for i := range e {
				across := min(float32(min(i, e-1-i))/float32(ramp), 1)
				d[k+i] = (float32(after[k+i]) - float32(before[k+i])) * down * across
			}
		}
	}
	plane(0, e, border)
	plane(n, e/2, border/2)
	plane(n+n/4, e/2, border/2)
}

// addI420 lays what subtract wrote over f, where the region lies at a, from the even column left on.
func (r *Region) addI420(f *frame.I420, d []float32, a *Alignment, left int) {
	e := r.Edge
	n := e * e
	c := a.chroma()
	overlay(f.Y, f.Width, f.Height, d[:n], e, a, left, 235)
	overlay(f.U, f.Width/2, f.Height/2, d[n:n+n/4], e/2, &c, left/2, 240)
	overlay(f.V, f.Width/2, f.Height/2, d[n+n/4:n+n/2], e/2, &c, left/2, 240)
}

// overlay adds a plane of differences, e x e, that lies at a in dst.
func overlay(dst []byte, w, h int, d []float32, e int, a *Alignment, left int, most float32) {
	x0, y0, x1, y1 := a.cover(box{0, 0, e, e}, w, h)
	x0 = max(x0, left)
	for y := y0; y < y1; y++ {
		row := dst[y*w : (y+1)*w]
		for x := x0; x < x1; x++ {
			i, j := a.Into(float32(x)+0.5, float32(y)+0.5)
			if v := lerp(d, e, i-0.5, j-0.5); v != 0 {
				row[x] = within(float32(row[x])+v, most)
			}
		}
	}
}
