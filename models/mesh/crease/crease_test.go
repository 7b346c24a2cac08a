package crease

import (
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestCreasesFollowASmile: corners drawn out and up shade the folds beside the nose; the picture's own expression and a drooping
// mouth do not.
func TestCreasesFollowASmile(t *testing.T) {
	p := meshtest.MonaLisa(t)
	g, err := pose.New(&p.Face, 256)
	if err != nil {
		t.Fatal(err)
	}
	now := g.NewPose()
	var folds [2]*Posed
	for i, c := range New(g, matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, 256, g.Pad).Fore) {
		folds[i] = c.NewPosed()
	}
	set := func(st *motion.State) {
		now.Set(st)
		for _, f := range folds {
			f.Set(now)
		}
	}
	for _, tc := range []struct{ out, up, least, most float32 }{{0, 0, 0, 0}, {-0.1, -0.1, 0, 0}, {0.12, 0.12, 0.7, 1}} {
		st := meshtest.AtRest(p)
		for i, l := range lines() {
			st.Points[l.corner].X += tc.out * l.side
			st.Points[l.corner].Y -= tc.up
			set(&st)
			if got := folds[i].strength; got < tc.least || got > tc.most {
				t.Errorf("corner %d out %.2f, up %.2f: strength %.2f, want %.2f to %.2f", l.corner, tc.out, tc.up, got, tc.least, tc.most)
			}
		}
	}
	for _, yaw := range []float64{-50, 50} {
		st := meshtest.Turned(p, yaw, 0, 0)
		for _, l := range lines() {
			st.Points[l.corner].X += 0.12 * l.side
			st.Points[l.corner].Y -= 0.12
		}
		set(&st)
		far, near := folds[0], folds[1]
		if st.Head.R[6] > 0 {
			far, near = near, far
		}
		if far.strength > 0.05 || near.strength < 0.5 {
			t.Errorf("turned by %.0f degrees the fold has strength %.2f on the far side, %.2f on the near one",
				yaw, far.strength, near.strength)
		}
	}
	st := meshtest.AtRest(p)
	for _, l := range lines() {
		st.Points[l.corner].X += 0.12 * l.side
		st.Points[l.corner].Y -= 0.12
	}
	set(&st)
	fold := folds[1]
	mid := fold.Shade((fold.x[1]+fold.x[2])/2, (fold.y[1]+fold.y[2])/2)
	if mid.A < 0.1 || mid.Y > fold.glow.Y {
		t.Errorf("on the fold the shade is %+v", mid)
	}
	if far := fold.Shade(fold.x[2]+fold.unit, fold.y[2]); far.A != 0 {
		t.Errorf("a head unit away from the fold the shade is %+v", far)
	}
}
