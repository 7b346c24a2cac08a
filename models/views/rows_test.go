package views

import (
	"bytes"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

func alikeBytes(a, b *frame.I420) bool {
	return bytes.Equal(a.Y, b.Y) && bytes.Equal(a.U, b.U) && bytes.Equal(a.V, b.V)
}

// TestRowsOfTheMouth: a picture takes nothing from rows of the inside of the mouth that were not mixed for it, however far it is open and
// the head leans.
func TestRowsOfTheMouth(t *testing.T) {
	p, r := taught(t)
	v := newViews(t, p, r)
	fresh, spoilt := v.NewPosed(), v.NewPosed()
	shown, fewer := 0, 0
	for i := range 24 {
		st := gaping(p, 0.015*float32(i))
		st.Head.R[1] += 0.02 * float32(i%5-2)
		for _, h := range []struct {
			hanging
			mixed []uint64
		}{{v.inside.upper, spoilt.upper}, {v.inside.lower, spoilt.lower}} {
			for y := h.Y0; y < h.Y1; y++ {
				for x := h.X0; x < h.X1; x++ {
					h.mixed[y*v.inside.edge+x] = lanes
				}
			}
		}
		was, want := draw(t, r, &st), draw(t, r, &st)
		got := draw(t, r, &st)
		if err := fresh.Paint(want, &st, 0); err != nil {
			t.Fatal(err)
		}
		if err := spoilt.Paint(got, &st, 0); err != nil {
			t.Fatal(err)
		}
		if !alikeBytes(got, want) {
			t.Errorf("open by %.3f: the picture shows what was there before", 0.015*float32(i))
		}
		if spoilt.parted && !alikeBytes(was, got) {
			shown++
		}
		if o := v.inside.upper.Y1*v.inside.edge - v.inside.edge + v.inside.upper.X0; spoilt.upper[o] == lanes {
			fewer++ // rows are left alone
		}
	}
	if shown < 12 || fewer < 8 {
		t.Errorf("%d pictures show the inside of the mouth, in %d of 24 rows are left out: too few to tell", shown, fewer)
	}
}

// TestBandsAreThePicture: added band by band, a picture is the same, and rows beyond a band stay.
func TestBandsAreThePicture(t *testing.T) {
	p, r := taught(t)
	posed := newViews(t, p, r).NewPosed()
	for _, open := range []float32{0, 0.1, 0.25} {
		st := gaping(p, open)
		want, got, was := draw(t, r, &st), draw(t, r, &st), draw(t, r, &st)
		if err := posed.Paint(want, &st, 40); err != nil {
			t.Fatal(err)
		}
		posed.Mix(&st)
		cuts := []int{0, 2, 190, 196, 246, size}
		for k := len(cuts) - 1; k > 0; k-- {
			if err := posed.PaintRows(got, planar.Band{Y0: cuts[k-1], Y1: cuts[k]}, 40); err != nil {
				t.Fatal(err)
			}
			if n := cuts[k-1]; !bytes.Equal(got.Y[:n*size], was.Y[:n*size]) || !bytes.Equal(got.U[:n*size/4], was.U[:n*size/4]) {
				t.Fatalf("something was painted above row %d", n)
			}
		}
		if !alikeBytes(got, want) {
			t.Errorf("open by %.2f: bands give another picture", open)
		}
	}
}
