package body

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
)

// TestNoFolds: no triangle of the body turns over at the limits of the pose.
func TestNoFolds(t *testing.T) {
	const size = 512
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, size)
	if err != nil {
		t.Fatal(err)
	}
	src := matte.Separate(p.Crop, p.Matte, p.Inside, matte.Bounds{}, size, g.Pad)
	g.FindJaw(src.Picture, src.Alpha)
	covered := planar.New(src.Alpha.W, src.Alpha.H)
	for y := range covered.H {
		for x := range covered.W {
			if d, _ := g.Beyond(float32(x), float32(y)); d > 0 {
				covered.Pix[y*covered.W+x] = 1
			}
		}
	}
	b, now := New(g, src.Fore, src.Alpha, SplitHead(g, src.Alpha, covered)).NewPosed(), g.NewPose()
	if len(b.tris) < 100 {
		t.Fatalf("the body has %d triangles only", len(b.tris))
	}
	for _, a := range meshtest.Poses() {
		st := meshtest.Turned(p, a[0], a[1], a[2])
		now.Set(&st)
		b.Set(now)
		folds := 0
		for _, tr := range b.tris {
			if texmap.Area(&b.at[tr.A], &b.at[tr.B], &b.at[tr.C]) < 0 {
				folds++
			}
		}
		if folds > 0 {
			t.Errorf("pose %v: %d triangles of the body turned over", a, folds)
		}
	}
}
