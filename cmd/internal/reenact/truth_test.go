package reenact

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/portrait"
)

// gradient is a picture whose red grows to the right and whose green grows downwards.
func gradient(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: 7, A: 255})
		}
	}
	return m
}

func TestTruth(t *testing.T) {
	m := gradient(200, 160)
	for name, c := range map[string]struct {
		place  Placement
		to     portrait.Alignment
		angle  float64
		factor float64
	}{
		"enlarged": {Placement{X: -0.2, Y: -0.1, A: 2}, portrait.Alignment{OX: 0.1, OY: 0.2, UX: 0.005}, 0, 0.005 * 200 / 2},
		"shrunk":   {Placement{A: 1}, portrait.Alignment{OX: 0.1, OY: 0.1, UX: 0.015}, 0, 3},
		"turned": {Placement{X: 0.5, Y: 0.1, A: math.Cos(0.3), B: math.Sin(0.3)}, portrait.Alignment{
			OX: 0.6, OY: 0.3, UX: 0.005 * float32(math.Cos(0.3)), UY: 0.005 * float32(math.Sin(0.3)),
		}, 0, 1},
	} {
		const edge = 16
		dst := make([]byte, 3*edge*edge)
		Truth(dst, edge, m, c.place, c.to)
		if r, l := float64(dst[5*edge+12]), float64(dst[5*edge+2]); math.Abs(r-l-10*c.factor) > 1.5 {
			t.Errorf("%s: red grows by %v over ten pixels, want %v", name, r-l, 10*c.factor)
		}
		g := dst[edge*edge:]
		if b, a := float64(g[12*edge+5]), float64(g[2*edge+5]); math.Abs(b-a-10*c.factor) > 1.5 {
			t.Errorf("%s: green grows by %v over ten rows, want %v", name, b-a, 10*c.factor)
		}
		if dst[2*edge*edge+9] != 7 {
			t.Errorf("%s: blue is %d", name, dst[2*edge*edge+9])
		}
	}
}
