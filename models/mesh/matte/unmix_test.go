package matte

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// TestUnmixLeavesNoFringe: a matte that reaches six pixels into a bright wall beside dark hair ends at the hair, and the person's
// colour at the edge is hair, not wall.
func TestUnmixLeavesNoFringe(t *testing.T) {
	const w, hair, wall = 480, 40, 220
	pic, alpha := planar.NewPicture(w, w), planar.New(w, w)
	for o := range alpha.Pix {
		x := o % w
		pic[0].Pix[o], pic[1].Pix[o], pic[2].Pix[o] = hair, 128, 128
		if x >= 48 {
			pic[0].Pix[o] = wall
		}
		alpha.Pix[o] = min(max(float32(54-x)/12, 0), 1) // 1 up to column 42, 0 from column 54 on
	}
	_, fore := separate(pic, alpha, planar.Rect{X1: w, Y1: w}, 3)
	for x := 44; x < 54; x++ {
		o := w*w/2 + x
		if a := alpha.Pix[o]; x >= 49 && a > 0.1 {
			t.Errorf("the wall in column %d has opacity %.2f", x, a)
		}
		if y := fore[0].Pix[o]; alpha.Pix[o] > 0.02 && y > hair+60 {
			t.Errorf("the person's luma in column %d is %.0f", x, y)
		}
	}
}
