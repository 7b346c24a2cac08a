package mesh

import "testing"

// TestCreasesFollowASmile: corners drawn out and up shade the folds beside the nose; the picture's own expression and a drooping
// mouth do not.
func TestCreasesFollowASmile(t *testing.T) {
	p := monaLisa(t)
	r := newTestRenderer(t, Options{Size: 256})
	for _, tc := range []struct{ out, up, least, most float32 }{{0, 0, 0, 0}, {-0.1, -0.1, 0, 0}, {0.12, 0.12, 0.7, 1}} {
		st := atRest(p)
		for i, l := range creaseLines() {
			st.Points[l.corner].X += tc.out * l.side
			st.Points[l.corner].Y -= tc.up
			r.prepare(&st)
			if got := r.folds[i].strength; got < tc.least || got > tc.most {
				t.Errorf("corner %d out %.2f, up %.2f: strength %.2f, want %.2f to %.2f", l.corner, tc.out, tc.up, got, tc.least, tc.most)
			}
		}
	}
	fold := &r.folds[1]
	mid := fold.shade((fold.x[1]+fold.x[2])/2, (fold.y[1]+fold.y[2])/2)
	if mid.a < 0.1 || mid.y > fold.glow.y {
		t.Errorf("on the fold the shade is %+v", mid)
	}
	if far := fold.shade(fold.x[2]+fold.unit, fold.y[2]); far.a != 0 {
		t.Errorf("a head unit away from the fold the shade is %+v", far)
	}
}
