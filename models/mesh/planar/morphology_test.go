package planar

import (
	"math/rand/v2"
	"testing"
)

func TestDilateAndErodeTakeTheExtremeOfASquare(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, r := range []int{1, 2, 3, 5, 8, 13, 40} {
		p := New(37, 29)
		for i := range p.Pix {
			p.Pix[i] = rng.Float32()
		}
		for _, grow := range []bool{true, false} {
			got := p.Erode(r)
			if grow {
				got = p.Dilate(r)
			}
			for o := range p.Pix {
				x, y := o%p.W, o/p.W
				want := p.Pix[o]
				for j := -r; j <= r; j++ {
					for i := -r; i <= r; i++ {
						want = extreme(want, p.At(x+i, y+j), grow)
					}
				}
				if got.Pix[o] != want {
					t.Fatalf("radius %d, grow %v: (%d, %d) is %v, want %v", r, grow, x, y, got.Pix[o], want)
				}
			}
		}
	}
}
