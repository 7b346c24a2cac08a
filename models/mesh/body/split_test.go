package body

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// TestNeckBelongsToOneLayer: what lies well outside the jaw is the head's or the body's. Shared by both, it would be seen twice once the
// head turns.
func TestNeckBelongsToOneLayer(t *testing.T) {
	const size = 256
	p := meshtest.MonaLisa(t)
	// A neck that ends in bright cloth on one side and in the dark on the other: rays of the outline disagree about it.
	for o, n := 0, p.Matte.Rect.Dx(); o < len(p.Matte.Pix); o++ {
		if x, y := o%n, o/n; y > n*11/20 && x > n*11/20 {
			p.Matte.Pix[o] = 0
		}
	}
	g, src := separated(t, p, size)
	covered := planar.New(src.Alpha.W, src.Alpha.H)
	for o := range covered.Pix {
		covered.Pix[o] = 1
	}
	var shared, n float32
	split := SplitHead(g, src.Alpha, covered)
	for o, v := range split.Pix {
		x, y := float32(o%split.W)+0.5, float32(o/split.W)+0.5
		d, at := g.Beyond(x, y)
		if d < at.Margin+0.1 || d > 0.6 || g.Level(x, y) < 0.65*g.Chin || src.Alpha.Pix[o] < 0.9 {
			continue
		}
		n++
		if v > 0.1 && v < 0.9 {
			shared++
		}
	}
	t.Logf("%.0f of %.0f pixels are shared", shared, n)
	if n < 500 || shared > 0.04*n {
		t.Errorf("%.0f of %.0f pixels beyond the jaw are shared by head and body", shared, n)
	}
}
