package eye

import (
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// testEyes are the eyes of the Mona Lisa over her face at rest, where they are painted shut.
type testEyes struct {
	p       *persona.Persona
	now     *pose.Pose
	eyes    [2]*Posed
	ground  *frame.I420
	scratch shade.Patch
}

func newTestEyes(tb testing.TB, size int) *testEyes {
	tb.Helper()
	return newEyesOf(tb, meshtest.MonaLisa(tb), size)
}

// newEyesOf are the eyes of p.
func newEyesOf(tb testing.TB, p *persona.Persona, size int) *testEyes {
	tb.Helper()
	g, err := pose.New(&p.Face, size)
	if err != nil {
		tb.Fatal(err)
	}
	src := matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, size, g.Pad)
	r := &testEyes{p: p, now: g.NewPose(), ground: meshtest.Frame(tb, size), scratch: shade.NewPatch(size)}
	face := src.Fore.Clone()
	for i := range r.eyes {
		r.eyes[i] = New(g, i, src.Picture, face).NewPosed()
	}
	box := planar.Rect{X0: g.Pad, Y0: g.Pad, X1: g.Pad + size, Y1: g.Pad + size}
	copy(r.ground.Y, face[0].Cut(box).Bytes(1))
	copy(r.ground.U, face[1].Cut(box).Half().Bytes(1))
	copy(r.ground.V, face[2].Cut(box).Half().Bytes(1))
	return r
}

// draw draws the eyes of st over the face.
func (r *testEyes) draw(st *motion.State) *frame.I420 {
	f := *r.ground
	f.Y, f.U, f.V = slices.Clone(f.Y), slices.Clone(f.U), slices.Clone(f.V)
	r.now.Set(st)
	for _, e := range r.eyes {
		e.Set(r.now)
		e.Draw(&f, planar.Band{Y0: 0, Y1: f.Height}, &r.scratch)
	}
	return &f
}

// lidsAt is the portrait with its lids at an opening, as everything that drives it sets them.
func (r *testEyes) lidsAt(open float32) *frame.I420 {
	st := meshtest.AtRest(r.p)
	for i, e := range motion.Eyes() {
		st.Lid[i] = open
		motion.SetLid(&st.Points, &r.p.Face.Points, &e, open, 0)
	}
	return r.draw(&st)
}

// TestBlinkCloses: with lids shut nothing of iris or white is left in the opening: what is drawn there is as bright
// as skin.
func TestBlinkCloses(t *testing.T) {
	r := newTestEyes(t, 512)
	st := meshtest.AtRest(r.p)
	meshtest.Blink(r.p, &st, 0)
	f := r.draw(&st)
	for i := range r.eyes {
		e := r.eyes[i]
		for k := range e.opening.Value {
			if gap := e.floor.Value[k] - e.opening.Value[k]; gap > 0.3 {
				t.Fatalf("eye %d: still open by %.2f pixels at column %d", i, gap, k)
			}
		}
		q := st.Head.Apply(r.p.Face.Points[e.lids.iris])
		var sum, n float64
		for dy := -3; dy <= 0; dy++ {
			for dx := -4; dx <= 4; dx++ {
				sum += float64(f.Y[(int(q.Y*512)+dy)*512+int(q.X*512)+dx])
				n++
			}
		}
		skin := float64(e.model.upper.Y+e.model.lower.Y) / 2
		if got := sum / n; got < 0.6*skin || got > 1.35*skin {
			t.Errorf("eye %d: where the iris was luma is %.0f, skin around is %.0f", i, got, skin)
		}
	}
}
