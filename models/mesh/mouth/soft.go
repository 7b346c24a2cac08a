package mouth

import (
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// crisp is the blur of a sharp picture, pixels: what is drawn is as soft as that by itself.
const crisp = 1.1

// softness is how soft the picture's face is, as the sigma in texture pixels by which what is drawn into it has to be blurred;
// 0 for a sharp picture. It is read from the steepest edges around eyes and mouth: how much further they rise than their steepest pixel.
func softness(g *pose.Geometry, pic planar.Picture) float32 {
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	eyes := motion.Eyes()
	for _, k := range [...]uint16{eyes[0].Outer, eyes[0].Inner, eyes[1].Inner, eyes[1].Outer, 0, 17, 61, 291} {
		q := g.At[k]
		x0, y0, x1, y1 = min(x0, q.X), min(y0, q.Y), max(x1, q.X), max(y1, q.Y)
	}
	m := 0.15 * g.Unit
	box := planar.Rect{X0: int(x0 - m), Y0: int(y0 - m), X1: int(x1 + m), Y1: int(y1 + m)}.Within(pic[0].W, pic[0].H)
	luma := pic[0]
	each := func(f func(steep, rise float32)) {
		for y := box.Y0 + 2; y < box.Y1-3; y++ {
			for x := box.X0 + 2; x < box.X1-3; x++ {
				a := luma.At(x, y)
				f(num.Abs(luma.At(x+1, y)-a), num.Abs(luma.At(x+3, y)-luma.At(x-2, y)))
				f(num.Abs(luma.At(x, y+1)-a), num.Abs(luma.At(x, y+3)-luma.At(x, y-2)))
			}
		}
	}
	// The steepest in two hundred are edges.
	var count [256]int
	total, above := 0, 0
	each(func(steep, _ float32) {
		count[int(min(steep, 255))]++
		total++
	})
	from := 255
	for ; from > 1 && above+count[from] < total/200; from-- {
		above += count[from]
	}
	var ratios []float32
	each(func(steep, rise float32) {
		if steep >= float32(from) {
			ratios = append(ratios, rise/steep)
		}
	})
	if len(ratios) < 4 {
		return 0
	}
	slices.Sort(ratios)
	s := edgeSigma(ratios[len(ratios)/2])
	return num.Sqrt(max(s*s-crisp*crisp, 0))
}

// edgeSigma is the blur of an edge that rises ratio times as far over five pixels as over its steepest one.
func edgeSigma(ratio float32) float32 {
	known := [...][2]float32{{1, 0.3}, {1.68, 0.6}, {2.13, 0.8}, {2.58, 1}, {3.46, 1.5}, {4, 2}, {4.5, 3}, {4.7, 4}}
	for i := 1; i < len(known); i++ {
		if a, b := known[i-1], known[i]; ratio < b[0] {
			return a[1] + (b[1]-a[1])*num.Clamp01((ratio-a[0])/(b[0]-a[0]))
		}
	}
	return known[len(known)-1][1]
}

// soften blurs a row by sigma, head units.
func (t *toothRow) soften(sigma float32) {
	s := sigma / t.step
	if s < 0.3 {
		return
	}
	r := int(math.Ceil(float64(2.5 * s)))
	kernel := make([]float32, 2*r+1)
	var sum float32
	for i := range kernel {
		d := float32(i-r) / s
		kernel[i] = num.Exp(-d * d / 2)
		sum += kernel[i]
	}
	out := make([]toothTexel, len(t.value))
	for _, along := range [...]bool{true, false} {
		for y := range t.h {
			for x := range t.w {
				var v toothTexel
				for i, k := range kernel {
					px, py := x, y
					if along {
						px = min(max(x+i-r, 0), t.w-1)
					} else {
						py = min(max(y+i-r, 0), t.h-1)
					}
					p := &t.value[py*t.w+px]
					k /= sum
					v.light, v.gum, v.a = v.light+k*p.light, v.gum+k*p.gum, v.a+k*p.a
				}
				out[y*t.w+x] = v
			}
		}
		t.value, out = out, t.value
	}
}
