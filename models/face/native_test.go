package face

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// TestNativeIsTheSameNetwork: what is written for processors gives the landmarks of what browsers run, within a thousandth of a
// pixel of the crop, on a face, beside it, and on noise.
func TestNativeIsTheSameNetwork(t *testing.T) {
	r, dir := open(t)
	native, err := NewLandmarker(r, dir)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, native)
	session, err := r.Load(filepath.Join(dir, weights.FaceLandmarks), ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	browsers := &Landmarker{session: session, sampler: sampler{n: meshSide, edge: true}}
	closeAfter(t, browsers)
	if err := ports(session,
		port{&browsers.image, session.Input, "image", []int{1, 3, meshSide, meshSide}},
		port{&browsers.points, session.Output, "landmarks", []int{1, landmark.Count, 3}},
		port{&browsers.score, session.Output, "score", []int{1, 1}},
	); err != nil {
		t.Fatal(err)
	}
	lisa, other := readImage(t, monaLisa), noise(400, 300)
	for _, c := range []struct {
		m Image
		r ROI
	}{
		{lisa, ROI{CX: float32(lisa.Width) / 2, CY: float32(lisa.Height) / 2.4, Side: float32(lisa.Width) * 0.7}},
		{lisa, ROI{CX: float32(lisa.Width) / 2.2, CY: float32(lisa.Height) / 2.4, Side: float32(lisa.Width) * 0.5, Angle: 0.3}},
		{lisa, ROI{CX: 20, CY: 20, Side: 200, Angle: -0.4}},
		{other, ROI{CX: 200, CY: 150, Side: 250}},
	} {
		var a, b [landmark.Count]landmark.Point
		scoreA, errA := browsers.Place(c.m, c.r, &a)
		scoreB, errB := native.Place(c.m, c.r, &b)
		if errA != nil || errB != nil || math.Abs(float64(scoreA-scoreB)) > 1e-4 {
			t.Errorf("%+v: scores %v and %v (%v, %v)", c.r, scoreA, scoreB, errA, errB)
		}
		worst := 0.0
		for i := range browsers.points {
			worst = max(worst, math.Abs(float64(browsers.points[i]-native.points[i])))
		}
		if worst > 1e-3 {
			t.Errorf("%+v: landmarks differ by up to %v pixels", c.r, worst)
		}
		t.Logf("%+v: score %.3f, at most %.6f pixels apart", c.r, scoreA, worst)
	}
}
