package mesh

import (
	"math/rand/v2"
	"testing"
)

func TestDilateAndErodeTakeTheExtremeOfASquare(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, r := range []int{1, 2, 3, 5, 8, 13, 40} {
		p := newPlane(37, 29)
		for i := range p.pix {
			p.pix[i] = rng.Float32()
		}
		for _, grow := range []bool{true, false} {
			got := p.erode(r)
			if grow {
				got = p.dilate(r)
			}
			for o := range p.pix {
				x, y := o%p.w, o/p.w
				want := p.pix[o]
				for j := -r; j <= r; j++ {
					for i := -r; i <= r; i++ {
						want = extreme(want, p.at(x+i, y+j), grow)
					}
				}
				if got.pix[o] != want {
					t.Fatalf("radius %d, grow %v: (%d, %d) is %v, want %v", r, grow, x, y, got.pix[o], want)
				}
			}
		}
	}
}
