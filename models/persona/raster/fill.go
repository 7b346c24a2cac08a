package raster

import (
	"image"
	"math"
)

// Continue paints what lies outside known, a rectangle of img, so that the eye passes over it: the picture runs on over
// its edges, slower and slower and more and more out of focus. (A plain mirror image shows a second face where the
// first fills the picture; repeating the last pixels shows streaks.) known must not be empty; inside it nothing changes.
func Continue(img *image.RGBA, known image.Rectangle) {
	known = known.Intersect(img.Rect)
	if known.Empty() || known == img.Rect {
		return
	}
	continueSharp(img, known)
	levels := pyramid(img)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := 0; x < w; x++ {
			if (image.Point{X: x, Y: y}).In(known) {
				x = known.Max.X - 1
				continue
			}
			dx := float64(max(known.Min.X-x, x-known.Max.X+1, 0))
			dy := float64(max(known.Min.Y-y, y-known.Max.Y+1, 0))
			// The blur's width grows with the distance; a level of the pyramid doubles it.
			depth := math.Log2(1 + math.Hypot(dx, dy)/3)
			r, g, b := sample(levels, float64(x), float64(y), depth)
			i := img.PixOffset(x, y)
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = toByte(r), toByte(g), toByte(b), 255
		}
	}
}

func continueSharp(img *image.RGBA, known image.Rectangle) {
	from := runOn(img.Rect.Dx(), known.Min.X, known.Max.X)
	for y, sy := range runOn(img.Rect.Dy(), known.Min.Y, known.Max.Y) {
		for x, sx := range from {
			if !(image.Point{X: x, Y: y}).In(known) {
				*(*[4]uint8)(img.Pix[y*img.Stride+4*x:]) = [4]uint8(img.Pix[sy*img.Stride+4*sx:])
			}
		}
	}
}

// runOnReach is how far back into the picture its continuation reaches, over the whole length.
const runOnReach = 0.02

// runOn maps each of n coordinates to one in lo..hi-1: itself there, and outside one mirrored at the nearest end, but
// never further from it than the reach.
func runOn(n, lo, hi int) []int {
	reach := max(1, min(runOnReach*float64(n), float64(hi-lo)/2))
	back := func(d int) int { return min(hi-lo-1, int(reach*(1-math.Exp(-float64(d)/reach)))) }
	out := make([]int, n)
	for i := range out {
		switch {
		case i < lo:
			out[i] = lo + back(lo-1-i)
		case i >= hi:
			out[i] = hi - 1 - back(i-hi)
		default:
			out[i] = i
		}
	}
	return out
}

// plane is one level of a pyramid: three floats a pixel.
type plane struct {
	w, h int
	pix  []float32
}

// pyramid halves img with a smooth kernel until one side is short.
func pyramid(img *image.RGBA) []plane {
	p := plane{img.Rect.Dx(), img.Rect.Dy(), make([]float32, 3*img.Rect.Dx()*img.Rect.Dy())}
	for i := range p.w * p.h {
		for k := range 3 {
			p.pix[3*i+k] = float32(img.Pix[4*i+k])
		}
	}
	out := []plane{p}
	for min(p.w, p.h) > 4 {
		p = p.half()
		out = append(out, p)
	}
	return out
}

// half shrinks by two with the kernel 1 3 3 1, edges repeated.
func (p plane) half() plane {
	kernel := [4]float32{0.125, 0.375, 0.375, 0.125}
	across := plane{(p.w + 1) / 2, p.h, make([]float32, 3*((p.w+1)/2)*p.h)}
	for y := range p.h {
		for x := range across.w {
			for j, k := range kernel {
				from := 3 * (y*p.w + max(0, min(p.w-1, 2*x+j-1)))
				for c := range 3 {
					across.pix[3*(y*across.w+x)+c] += k * p.pix[from+c]
				}
			}
		}
	}
	out := plane{across.w, (p.h + 1) / 2, make([]float32, 3*across.w*((p.h+1)/2))}
	for y := range out.h {
		for j, k := range kernel {
			from := 3 * out.w * max(0, min(p.h-1, 2*y+j-1))
			row := out.pix[3*out.w*y : 3*out.w*(y+1)]
			for i := range row {
				row[i] += k * across.pix[from+i]
			}
		}
	}
	return out
}

// sample reads the pyramid at pixel (x, y) of its ground level, between two levels and four pixels of each.
func sample(levels []plane, x, y, depth float64) (r, g, b float32) {
	depth = min(depth, float64(len(levels)-1))
	low := int(depth)
	part := float32(depth) - float32(low)
	r, g, b = levels[low].at(x, y, low)
	if part > 0 {
		r1, g1, b1 := levels[low+1].at(x, y, low+1)
		r, g, b = r+part*(r1-r), g+part*(g1-g), b+part*(b1-b)
	}
	return r, g, b
}

func (p plane) at(x, y float64, level int) (r, g, b float32) {
	scale := float64(int(1) << level)
	fx := max(0, min(float64(p.w-1), (x+0.5)/scale-0.5))
	fy := max(0, min(float64(p.h-1), (y+0.5)/scale-0.5))
	x0, y0 := int(fx), int(fy)
	x1, y1 := min(x0+1, p.w-1), min(y0+1, p.h-1)
	u, v := float32(fx)-float32(x0), float32(fy)-float32(y0)
	mix := func(c int) float32 {
		top := p.pix[3*(y0*p.w+x0)+c]*(1-u) + p.pix[3*(y0*p.w+x1)+c]*u
		low := p.pix[3*(y1*p.w+x0)+c]*(1-u) + p.pix[3*(y1*p.w+x1)+c]*u
		return top*(1-v) + low*v
	}
	return mix(0), mix(1), mix(2)
}
