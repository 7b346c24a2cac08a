package texmap

import (
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// TestDifference: each pixel of a mesh gets what is added once, within the range of video, none left of the column, and nothing beyond it.
func TestDifference(t *testing.T) {
	for _, c := range []struct {
		adds, left int
		y, u       byte
	}{{30, 0, 130, 120}, {-30, 0, 70, 60}, {127, 20, 227, 217}, {-128, 0, 16, 16}, {0, 0, 100, 90}} {
		d := NewDifference(edge, edge)
		y, u, v := d.Planes()
		for _, p := range [][]byte{y, u, v} {
			for o := range p {
				p[o] = byte(128 + c.adds)
			}
		}
		f := ground(t)
		for o := range f.U {
			f.U[o], f.V[o] = 90, 90
		}
		list, corners := fan()
		for _, tr := range list {
			d.Add(f, planar.Band{Y1: edge}, c.left, &corners[tr.A], &corners[tr.B], &corners[tr.C])
		}
		check := func(plane []byte, w, scale int, inside, outside byte) {
			for o, got := range plane {
				x, y := o%w*scale, o/w*scale
				want := outside
				if x >= max(8, c.left) && x < 56 && y >= 8 && y < 56 {
					want = inside
				}
				if got != want {
					t.Fatalf("%+v: (%d, %d) is %d, want %d", c, x, y, got, want)
				}
			}
		}
		check(f.Y, edge, 1, c.y, 100)
		check(f.U, edge/2, 2, c.u, 90)
		if !slices.Equal(f.U, f.V) {
			t.Error("V differs from U")
		}
	}
}
