package face

import (
	"math"
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

func TestMerge(t *testing.T) {
	at := func(score, x float32) Detection {
		return Detection{Score: score, X: x, Y: 10, Width: 100, Height: 100, Keypoints: [6][2]float32{{x + 30, 40}}}
	}
	for name, c := range map[string]struct {
		in, want []Detection
	}{
		"none":     {nil, nil},
		"one":      {[]Detection{at(0.9, 0)}, []Detection{at(0.9, 0)}},
		"apart":    {[]Detection{at(0.6, 0), at(0.9, 500)}, []Detection{at(0.9, 500), at(0.6, 0)}},
		"weighted": {[]Detection{at(0.6, 0), at(0.9, 10)}, []Detection{at(0.9, 6)}},
		// The third overlaps the second but not the first by enough.
		"chain": {[]Detection{at(0.9, 0), at(0.8, 40), at(0.7, 80)}, []Detection{at(0.9, 40*0.8/1.7), at(0.7, 80)}},
	} {
		d := &Detector{found: c.in, taken: make([]bool, maxAccepted)}
		d.merge()
		if len(d.merged) != len(c.want) {
			t.Fatalf("%s: %d faces", name, len(d.merged))
		}
		for i, w := range c.want {
			g := d.merged[i]
			if g.Score != w.Score || math.Abs(float64(g.X-w.X)) > 1e-3 || math.Abs(float64(g.Width-100)) > 1e-3 ||
				math.Abs(float64(g.Keypoints[0][0]-w.X-30)) > 1e-3 {
				t.Errorf("%s, face %d: got %+v, want %+v", name, i, g, w)
			}
		}
	}
}

func TestOverlap(t *testing.T) {
	a := &Detection{X: 0, Y: 0, Width: 10, Height: 10}
	for _, c := range []struct {
		b    Detection
		want float32
	}{
		{Detection{X: 0, Y: 0, Width: 10, Height: 10}, 1},
		{Detection{X: 5, Y: 0, Width: 10, Height: 10}, 50.0 / 150},
		{Detection{X: 10, Y: 0, Width: 10, Height: 10}, 0},
		{Detection{X: 50, Y: 50, Width: 10, Height: 10}, 0},
		{Detection{X: 2, Y: 2, Width: -5, Height: 3}, 0},
	} {
		if got := overlap(a, &c.b); math.Abs(float64(got-c.want)) > 1e-6 {
			t.Errorf("%+v: %v", c.b, got)
		}
	}
}

func TestHalfOverlapping(t *testing.T) {
	for _, c := range []struct {
		length, side float32
		want         []float32
	}{
		{100, 200, []float32{50}},
		{100, 100, []float32{50}},
		{200, 100, []float32{50, 100, 150}},
		{210, 100, []float32{50, 50 + 110.0/3, 50 + 220.0/3, 160}},
	} {
		row := halfOverlapping(c.length, c.side)
		var got []float32
		for i := range row.n {
			got = append(got, row.centre(i))
		}
		if !slices.EqualFunc(got, c.want, func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-3 }) {
			t.Errorf("%v by %v: %v", c.length, c.side, got)
		}
	}
}

func TestRegions(t *testing.T) {
	d := Detection{X: 10, Y: 20, Width: 40, Height: 60, Keypoints: [6][2]float32{{20, 30}, {30, 40}}}
	if r := d.Region(); r.CX != 30 || r.CY != 50 || r.Side != 90 || math.Abs(float64(r.Angle)-math.Pi/4) > 1e-6 {
		t.Errorf("%+v", r)
	}
	var points [landmark.Count]landmark.Point
	for i := range points {
		points[i] = landmark.Point{X: 0.5, Y: 0.4}
	}
	points[0], points[1] = landmark.Point{X: 0.2, Y: 0.3}, landmark.Point{X: 0.6, Y: 0.5}
	points[motion.LeftEyeOuter], points[motion.RightEyeOuter] = landmark.Point{X: 0.4, Y: 0.4}, landmark.Point{X: 0.4, Y: 0.3}
	r := regionOf(&points, 100)
	want := ROI{CX: 40, CY: 40, Side: 60, Angle: -math.Pi / 2}
	for _, d := range []float32{r.CX - want.CX, r.CY - want.CY, r.Side - want.Side, r.Angle - want.Angle} {
		if math.Abs(float64(d)) > 1e-4 {
			t.Fatalf("got %+v, want %+v", r, want)
		}
	}
	nan := float32(math.NaN())
	m := Image{Width: 100, Height: 100}
	for _, bad := range []ROI{{}, {50, 50, nan, 0}, {nan, 50, 60, 0}, {50, 50, 60, nan}, {500, 50, 60, 0}, {50, 50, 4, 0}, {50, 50, 900, 0}} {
		if bad.usable(m) {
			t.Errorf("%+v is usable", bad)
		}
	}
	if !want.usable(m) {
		t.Errorf("%+v is not usable", want)
	}
}
