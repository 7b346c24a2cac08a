package outpaint

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	fadeBeside = 0.16 // how far within its own edges a picture fades out, as a share of the square's edge, at most
	fadeAbove  = 0.05
)

// show puts what a shows beside the square over what is there. Towards its own borders it fades out: to either side from the square
// on where it shows little.
func (w *wide) show(a *Around) {
	if !(a.Edge > 0) {
		return
	}
	step := a.Edge / float64(w.edge)
	b := a.Picture.Bounds()
	// Where the picture lies in ours.
	x0, x1 := float32(-a.X/step)+float32(w.from), float32((float64(b.Dx())-a.X)/step)+float32(w.from)
	y0, y1 := float32(-a.Y/step), float32((float64(b.Dy())-a.Y)/step)
	known := w.sides(planar.FromRGBA(a.Picture), a, step)
	width := w.out[0].W
	w.beside(func(x int, distance float32) {
		extent := float32(w.from) - x0
		if x > w.from {
			extent = x1 - float32(w.from+w.edge)
		}
		if extent <= 0 {
			return
		}
		share := float32(1)
		if extent < float32(w.from) {
			fade := min(extent, fadeBeside*float32(w.edge))
			share = 1 - num.Smoothstep(extent-fade, extent, distance)
		}
		for y := range w.edge {
			s := share
			soft := fadeAbove * float32(w.edge)
			if y0 > 0 {
				s *= num.Smoothstep(y0, y0+soft, float32(y)+0.5)
			}
			if y1 < float32(w.edge) {
				s *= 1 - num.Smoothstep(y1-soft, y1, float32(y)+0.5)
			}
			for k := range 3 {
				d := &w.out[k].Pix[y*width+x]
				*d += (known[k].Pix[y*width+x] - *d) * s
			}
		}
	})
}

// sides is a's picture as it lies in ours; beyond its edges its nearest pixels are repeated.
func (w *wide) sides(p planar.Picture, a *Around, step float64) (out planar.Picture) {
	for k := range 3 {
		out[k] = p[k].Resample(w.out[0].W, w.edge, a.X-float64(w.from)*step, a.Y, step)
	}
	return out
}
