package mesh

import "testing"

// TestRoundCorners: rounding keeps a curve's points and lifts what lies between the outermost ones.
func TestRoundCorners(t *testing.T) {
	s, h := []float32{0, 10, 20, 30}, []float32{0, 8, 8, 0}
	c := newCurve(0, 31)
	c.fit(s, h)
	plain := append([]float32(nil), c.value...)
	c.round(s, h, 0.7)
	for i, v := range plain {
		switch lifted := c.value[i] - v; {
		case (i > 0 && i < 10 || i > 20 && i < 30) && lifted < 0.2:
			t.Errorf("column %d is lifted by %.2f only", i, lifted)
		case (i == 0 || i >= 10 && i <= 20 || i == 30) && abs32(lifted) > 1e-4:
			t.Errorf("column %d, a point or in the middle, moved by %.2f", i, lifted)
		}
	}
}

// TestTeethMeetInAGrin: lips that part over a hardly moving jaw bare closed teeth; a gaping jaw parts them.
func TestTeethMeetInAGrin(t *testing.T) {
	p := monaLisa(t)
	r := newTestRenderer(t, Options{Size: 256})
	for _, tc := range []struct{ jaw, lips, least, most float32 }{
		{0.06, 0.12, 0, 0.04}, {0.30, 0.35, 0.24, 0.3},
	} {
		st := atRest(p)
		gape(p, &st, tc.lips)
		st.Jaw = tc.jaw
		r.prepare(&st)
		if d := r.lips.drop; !r.lips.on || d < tc.least || d > tc.most {
			t.Errorf("jaw %.2f, lips %.2f: the lower teeth hang %.3f head units low, want %.2f to %.2f", tc.jaw, tc.lips, d, tc.least, tc.most)
		}
	}
}
