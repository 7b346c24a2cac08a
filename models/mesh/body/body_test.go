package body

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// separated is a portrait's geometry at a size, and its picture in layers.
func separated(t *testing.T, p *persona.Persona, size int) (*pose.Geometry, matte.Layers) {
	t.Helper()
	g, err := pose.New(&p.Face, size)
	if err != nil {
		t.Fatal(err)
	}
	src := matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, size, g.Pad)
	g.FindJaw(src.Picture, src.Alpha)
	return g, src
}

// TestNoFolds: no triangle of the body turns over at the limits of the pose.
func TestNoFolds(t *testing.T) {
	const size = 512
	p := meshtest.MonaLisa(t)
	g, src := separated(t, p, size)
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
		b.Set(now, false)
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

// TestBodyStandsWhereItHardlyMoves: a breath of a frame moves few triangles, and none lies further than half a step from where
// the pose has it.
func TestBodyStandsWhereItHardlyMoves(t *testing.T) {
	const size = 512
	p := meshtest.MonaLisa(t)
	g, src := separated(t, p, size)
	covered := planar.New(src.Alpha.W, src.Alpha.H)
	b, now := New(g, src.Fore, src.Alpha, SplitHead(g, src.Alpha, covered)).NewPosed(), g.NewPose()
	moved := 0
	for i := range 60 {
		st := meshtest.AtRest(p)
		st.Breath = float32(i) / 60
		now.Set(&st)
		b.Set(now, false)
		for k, v := range b.at {
			r := &b.vertices[k]
			x, y := now.Place(&b.follow[k], r.S, r.T, motion.Vec3{}, b.lean[k], b.breath[k])
			if dx, dy := v.X-x, v.Y-y; max(dx, -dx, dy, -dy) > 0.5/steps+1e-3 {
				t.Fatalf("breath %.2f: vertex %d lies at (%.2f, %.2f), not (%.2f, %.2f)", st.Breath, k, v.X, v.Y, x, y)
			}
		}
		if moved += len(b.moved); i > 0 && !b.Follows() {
			t.Errorf("breath %.2f: nothing can be kept", st.Breath)
		}
	}
	if share := float64(moved) / 60 / float64(len(b.tris)); share > 0.5 || share < 0.1 {
		t.Errorf("%.2f of the triangles move from frame to frame of a breath", share)
	}
}
