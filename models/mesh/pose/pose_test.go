package pose_test

import (
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const size = 512

// TestAtRestNothingMoves: in the picture's own pose landmarks and followers are drawn where the picture has them.
func TestAtRestNothingMoves(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, size)
	if err != nil {
		t.Fatal(err)
	}
	now, st := g.NewPose(), meshtest.AtRest(p)
	now.Set(&st)
	pad := float32(g.Pad)
	for i, q := range g.At {
		if d := now.Screen[i]; num.Abs(d.X+pad-q.X) > 0.01 || num.Abs(d.Y+pad-q.Y) > 0.01 {
			t.Fatalf("landmark %d lies at (%.2f, %.2f) and is drawn at (%.2f, %.2f)", i, q.X-pad, q.Y-pad, d.X, d.Y)
		}
	}
	for _, neck := range []bool{false, true} {
		for s := pad; s < pad+size; s += 37 {
			for v := pad; v < pad+size; v += 41 {
				f := g.Follow(s, v, neck)
				lean, breath := g.Torso(s, v)
				if x, y := now.Place(&f, s, v, motion.Vec3{}, lean, breath); num.Abs(x+pad-s) > 0.05 || num.Abs(y+pad-v) > 0.05 {
					t.Errorf("(%.0f, %.0f) is drawn at (%.2f, %.2f)", s-pad, v-pad, x, y)
				}
			}
		}
	}
}

// TestSpotIsTheInverse of Aside and Level.
func TestSpotIsTheInverse(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, size)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][2]float32{{0, 0}, {1, -0.5}, {-0.7, 1.6}} {
		x, y := g.Spot(want[0], want[1])
		if a, l := g.Aside(x, y), g.Level(x, y); num.Abs(a-want[0]) > 1e-3 || num.Abs(l-want[1]) > 1e-3 {
			t.Errorf("the spot %v lies at (%v, %v)", want, a, l)
		}
	}
	chin := g.At[motion.ChinTip]
	if d, _ := g.Beyond(chin.X, chin.Y); num.Abs(d) > 0.02 {
		t.Errorf("the chin lies %v head units beyond the outline that it belongs to", d)
	}
}

// TestNonsenseIsTamed: whatever a state holds, a pose is finite and within reach.
func TestNonsenseIsTamed(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, size)
	if err != nil {
		t.Fatal(err)
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, spoil := range []func(st *motion.State){
		func(st *motion.State) { st.Head.Scale = nan },
		func(st *motion.State) { st.Head.T.X = inf },
		func(st *motion.State) { st.Head.R[4] = 1e9 },
		func(st *motion.State) { st.Points[7] = motion.Vec3{X: nan, Y: inf, Z: -inf} },
		func(st *motion.State) { st.Jaw, st.Lid[0], st.Breath, st.Lean.X = nan, -inf, inf, nan },
		func(st *motion.State) { *st = motion.State{} },
	} {
		st := meshtest.AtRest(p)
		spoil(&st)
		now := g.NewPose()
		now.Set(&st)
		for i, q := range now.Screen {
			if !num.Finite(q.X+q.Y+q.Z) || num.Abs(q.X) > 16000 || num.Abs(q.Y) > 16000 {
				t.Fatalf("landmark %d is drawn at %v", i, q)
			}
		}
		if now.Jaw < 0 || now.Jaw > 4 || now.Lid[0] < 0 || now.Lid[0] > 4 || !num.Finite(now.Jaw+now.Lid[0]) {
			t.Errorf("jaw %v, lid %v", now.Jaw, now.Lid[0])
		}
		f := g.Follow(300, 500, true)
		if x, y := now.Place(&f, 300, 500, motion.Vec3{}, 1, -3); !num.Finite(x) || !num.Finite(y) {
			t.Errorf("a follower is drawn at (%v, %v)", x, y)
		}
	}
}
