package portrait

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// maxTaps bounds the samples per axis with which a shrunk picture is read.
const maxTaps = 4

// Read samples the region that lies at a (pixels of src) into dst: three planes R, G, B of Edge x Edge, 0..1.
// Beyond the picture its nearest pixels repeat. It does not allocate.
func (r *Region) Read(dst []float32, src *frame.I420, a *Alignment) {
	e := r.Edge
	n := e * e
	step := math.Hypot(float64(a.UX), float64(a.UY))
	taps := min(max(int(step+0.5), 1), maxTaps)
	weight := 1 / float32(taps*taps)
	for j := range e {
		for i := range e {
			var y, u, v float32
			for t := range taps * taps {
				fi := float32(i) + (float32(t%taps)+0.5)/float32(taps)
				fj := float32(j) + (float32(t/taps)+0.5)/float32(taps)
				px, py := a.At(fi, fj)
				y += bilinear(src.Y, src.Width, src.Height, px-0.5, py-0.5)
				px, py = px/2-0.5, py/2-0.5
				u += bilinear(src.U, src.Width/2, src.Height/2, px, py)
				v += bilinear(src.V, src.Width/2, src.Height/2, px, py)
			}
			y, u, v = (y*weight-16)*(1/219.0), (u*weight-128)*(1/224.0), (v*weight-128)*(1/224.0)
			k := j*e + i
			dst[k] = unit(y + 1.402*v)
			dst[n+k] = unit(y - 0.344136*u - 0.714136*v)
			dst[2*n+k] = unit(y + 1.772*u)
		}
	}
}

func unit(v float32) float32 { return min(max(v, 0), 1) }

// bilinear reads a plane of bytes between its pixels; whole numbers are pixel centres.
func bilinear(p []byte, w, h int, x, y float32) float32 {
	x = min(max(x, 0), float32(w-1))
	y = min(max(y, 0), float32(h-1))
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	i1, j1 := min(i+1, w-1), min(j+1, h-1)
	top := p[j*w : j*w+w]
	low := p[j1*w : j1*w+w]
	a := float32(top[i]) + (float32(top[i1])-float32(top[i]))*fx
	b := float32(low[i]) + (float32(low[i1])-float32(low[i]))*fx
	return a + (b-a)*fy
}
