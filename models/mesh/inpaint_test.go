package mesh

import (
	"math/rand/v2"
	"testing"
)

func TestSpreadIsTheExtremeOfASquare(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, r := range []int{1, 2, 3, 5, 8, 13, 40} {
		p := newPlane(37, 29)
		for i := range p.pix {
			p.pix[i] = rng.Float32()
		}
		for _, grow := range []bool{true, false} {
			got := p.spread(r, grow)
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

// TestPushPullKeepsWhatIsKnown: known pixels stay, unknown ones lie between the known values.
func TestPushPullKeepsWhatIsKnown(t *testing.T) {
	p, w := newPlane(61, 43), newPlane(61, 43)
	for o := range p.pix {
		p.pix[o] = -1000
		if o%97 == 0 {
			p.pix[o], w.pix[o] = float32(100+o%50), 1
		}
	}
	before := p.clone()
	pushPull([]*plane{p}, w)
	for o, v := range p.pix {
		if w.pix[o] == 1 && v != before.pix[o] {
			t.Fatalf("known pixel %d changed from %v to %v", o, before.pix[o], v)
		}
		if v < 99.9 || v > 150 {
			t.Fatalf("pixel %d was filled with %v", o, v)
		}
	}
}
