package reenact

import (
	"image"
	"math"

	"github.com/gioconda-live/gioconda/models/portrait"
)

// Truth samples the region that lies at a (crop units) from a picture of the person that lies at p: three planes R, G, B.
func Truth(dst []byte, edge int, view *image.RGBA, p Placement, a portrait.Alignment) {
	// Region pixels to picture pixels, through the inverse of p.
	d := p.A*p.A + p.B*p.B
	w := float64(view.Rect.Dx())
	at := func(i, j float64) (float64, float64) {
		cx, cy := a.At(float32(i), float32(j))
		x, y := float64(cx)-p.X, float64(cy)-p.Y
		return (x*p.A+y*p.B)/d*w - 0.5, (y*p.A-x*p.B)/d*w - 0.5
	}
	x0, y0 := at(0, 0)
	x1, y1 := at(1, 0)
	taps := min(max(int(math.Hypot(x1-x0, y1-y0)+0.5), 1), 4)
	n := edge * edge
	for j := range edge {
		for i := range edge {
			var sum [3]float64
			for t := range taps * taps {
				x, y := at(float64(i)+(float64(t%taps)+0.5)/float64(taps), float64(j)+(float64(t/taps)+0.5)/float64(taps))
				c := cubic(view, x, y)
				for k := range sum {
					sum[k] += c[k]
				}
			}
			for k := range sum {
				dst[k*n+j*edge+i] = byte(min(max(sum[k]/float64(taps*taps)+0.5, 0), 255))
			}
		}
	}
}

// cubic reads a picture between its pixels (Catmull-Rom); its nearest pixels repeat beyond it.
func cubic(m *image.RGBA, x, y float64) (c [3]float64) {
	x0, y0 := math.Floor(x), math.Floor(y)
	wx, wy := catmull(x-x0), catmull(y-y0)
	for r := range 4 {
		py := min(max(int(y0)+r-1, 0), m.Rect.Dy()-1)
		for q := range 4 {
			px := min(max(int(x0)+q-1, 0), m.Rect.Dx()-1)
			i := py*m.Stride + 4*px
			k := wx[q] * wy[r]
			c[0] += k * float64(m.Pix[i])
			c[1] += k * float64(m.Pix[i+1])
			c[2] += k * float64(m.Pix[i+2])
		}
	}
	return c
}

func catmull(t float64) [4]float64 {
	return [4]float64{
		((-0.5*t+1)*t - 0.5) * t, (1.5*t-2.5)*t*t + 1, ((-1.5*t+2)*t + 0.5) * t, (0.5*t - 0.5) * t * t,
	}
}

// Interleave makes a picture of planes R, G, B of its size.
func Interleave(dst *image.RGBA, planes []byte) {
	n := dst.Rect.Dx() * dst.Rect.Dy()
	for i := range n {
		dst.Pix[4*i], dst.Pix[4*i+1], dst.Pix[4*i+2], dst.Pix[4*i+3] = planes[i], planes[n+i], planes[2*n+i], 255
	}
}
