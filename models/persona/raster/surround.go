package raster

import (
	"image"
	"math"
)

// Surround paints the outside of known once more, after Continue, now that matte tells the person from the background:
// above and beside the picture, a person who is cut by its edge fades into the background; below it they go on. matte
// has img's size; outside known it is made to fit what is painted.
func Surround(img *image.RGBA, matte *image.Gray, known image.Rectangle) {
	known = known.Intersect(img.Rect)
	if known.Empty() || known == img.Rect {
		return
	}
	behind := background(img, matte, known)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	rows := runOn(h, known.Min.Y, known.Max.Y)
	reach := max(1, runOnReach*float64(max(w, h)))
	for y := range min(h, known.Max.Y) {
		for x := range w {
			if (image.Point{X: x, Y: y}).In(known) {
				continue
			}
			nx, ny := max(known.Min.X, min(x, known.Max.X-1)), max(known.Min.Y, y)
			fade := math.Exp(-math.Hypot(float64(x-nx), float64(y-ny)) / reach)
			matte.Pix[y*matte.Stride+x] = uint8(fade*float64(matte.Pix[ny*matte.Stride+nx]) + 0.5)
			p, q := img.Pix[y*img.Stride+4*x:], behind.pix[4*(y*w+x):]
			for k := range 3 {
				p[k] = toByte(float32(fade)*float32(p[k]) + float32(1-fade)*q[k])
			}
		}
	}
	for y := known.Max.Y; y < h; y++ { // each column from its own end, painted or known
		for x := range w {
			matte.Pix[y*matte.Stride+x] = matte.Pix[rows[y]*matte.Stride+x]
			if x < known.Min.X || x >= known.Max.X {
				*(*[4]uint8)(img.Pix[y*img.Stride+4*x:]) = [4]uint8(img.Pix[rows[y]*img.Stride+4*x:])
			}
		}
	}
}

// weighted is a level of a pyramid of known colours: per pixel red, green, blue, and how well they are known, 0..1.
type weighted struct {
	w, h int
	pix  []float32
}

// background spreads the colours of what is certainly background over the whole picture, smoothly: pushed up a pyramid
// of known pixels and pulled down again (Gortler and others 1996). Where all is person, all counts.
func background(img *image.RGBA, matte *image.Gray, known image.Rectangle) weighted {
	ground := weighted{img.Rect.Dx(), img.Rect.Dy(), make([]float32, 4*img.Rect.Dx()*img.Rect.Dy())}
	var seen float64
	for _, all := range []bool{false, true} {
		for y := known.Min.Y; y < known.Max.Y; y++ {
			for x := known.Min.X; x < known.Max.X; x++ {
				p, q := img.Pix[y*img.Stride+4*x:], ground.pix[4*(y*ground.w+x):]
				q[0], q[1], q[2], q[3] = float32(p[0]), float32(p[1]), float32(p[2]), 0
				if m := matte.Pix[y*matte.Stride+x]; m == 0 || all {
					q[3] = 1
					seen++
				}
			}
		}
		if seen > 0.001*float64(len(img.Pix)/4) {
			break
		}
	}
	levels := []weighted{ground}
	for top := ground; max(top.w, top.h) > 1; levels = append(levels, top) {
		top = top.push()
	}
	for i := len(levels) - 2; i >= 0; i-- {
		levels[i].pull(levels[i+1])
	}
	return levels[0]
}

// push halves a level: colours by their weights, which add up to 1 at most.
func (p weighted) push() weighted {
	out := weighted{(p.w + 1) / 2, (p.h + 1) / 2, nil}
	out.pix = make([]float32, 4*out.w*out.h)
	for y := range p.h {
		for x := range p.w {
			q, o := p.pix[4*(y*p.w+x):], out.pix[4*(y/2*out.w+x/2):]
			for k := range 3 {
				o[k] += q[3] * q[k]
			}
			o[3] += q[3]
		}
	}
	for o := out.pix; len(o) > 0; o = o[4:] {
		if o[3] > 0 {
			o[0], o[1], o[2], o[3] = o[0]/o[3], o[1]/o[3], o[2]/o[3], min(1, o[3])
		}
	}
	return out
}

// pull completes a level with the colours of the level above it.
func (p weighted) pull(above weighted) {
	for y := range p.h {
		fy := max(0, min(float32(above.h-1), (float32(y)+0.5)/2-0.5))
		y0 := int(fy)
		y1, v := min(y0+1, above.h-1), fy-float32(y0)
		for x := range p.w {
			q := p.pix[4*(y*p.w+x):]
			if q[3] >= 1 {
				continue
			}
			fx := max(0, min(float32(above.w-1), (float32(x)+0.5)/2-0.5))
			x0 := int(fx)
			x1, u := min(x0+1, above.w-1), fx-float32(x0)
			for k := range 3 {
				a, b := above.pix[4*(y0*above.w+x0)+k], above.pix[4*(y0*above.w+x1)+k]
				c, d := above.pix[4*(y1*above.w+x0)+k], above.pix[4*(y1*above.w+x1)+k]
				top, low := a+u*(b-a), c+u*(d-c)
				q[k] = q[3]*q[k] + (1-q[3])*(top+v*(low-top))
			}
		}
	}
}
