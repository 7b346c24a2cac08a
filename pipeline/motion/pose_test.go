package motion

import (
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

func TestFitAverageRecoversPose(t *testing.T) {
	f := NewFitter()
	for _, tc := range []struct{ yaw, pitch, roll, scale float64 }{
		{0, 0, 0, 1}, {0.5, 0, 0, 0.2}, {-0.4, 0.3, 0.2, 0.15}, {0.1, -0.3, -0.5, 3}, {0, 0, 3.0, 1},
	} {
		want := Rigid{R: Rotation(tc.yaw, tc.pitch, tc.roll), T: Vec3{X: 0.4, Y: 0.6, Z: -0.1}, Scale: float32(tc.scale)}
		var pts [landmark.Count]Vec3
		for _, b := range headBasis() {
			pts[b.index] = want.Apply(b.at)
		}
		got := f.FitAverage(&pts)
		for i := range got.R {
			if math.Abs(float64(got.R[i]-want.R[i])) > 1e-4 {
				t.Fatalf("%+v: R = %v, want %v", tc, got.R, want.R)
			}
		}
		if math.Abs(float64(got.Scale/want.Scale)-1) > 1e-4 {
			t.Errorf("%+v: scale %v", tc, got.Scale)
		}
		y, p, r := Angles(got.R)
		if math.Abs(y-tc.yaw)+math.Abs(p-tc.pitch)+math.Abs(r-tc.roll) > 1e-3 {
			t.Errorf("%+v: angles %v %v %v", tc, y, p, r)
		}
		back := got.Invert(got.Apply(Vec3{X: 1, Y: 2, Z: 3}))
		if math.Abs(float64(back.X-1))+math.Abs(float64(back.Y-2))+math.Abs(float64(back.Z-3)) > 1e-3 {
			t.Errorf("invert: %v", back)
		}
	}
}

// A yaw is read off what a picture shows: depths that tell another story do not turn the head.
func TestFitFaceBelievesPlacesMoreThanDepths(t *testing.T) {
	f, face := NewFitter(), AverageFace()
	for _, tc := range []struct{ yaw, pitch, roll, told, most float64 }{
		{0.2, 0.1, 0.1, 0.2, 1e-3}, {0.2, 0, 0, 0.1, 0.012}, {-0.3, 0.15, 0.2, -0.15, 0.03}, {0, 0.2, 0, 0.15, 0.012},
	} {
		shown := Rigid{R: Rotation(tc.yaw, tc.pitch, tc.roll), T: Vec3{X: 0.4, Y: 0.6}, Scale: 0.15}
		told := Rigid{R: Rotation(tc.told, tc.pitch, tc.roll), T: Vec3{X: 0.4, Y: 0.6}, Scale: 0.15}
		var pts [landmark.Count]Vec3
		for i, p := range face {
			pts[i] = shown.Apply(p)
			pts[i].Z = told.Apply(p).Z
		}
		yaw, _, _ := Angles(f.FitFace(face, &pts).R)
		if math.Abs(yaw-tc.yaw) > tc.most {
			t.Errorf("%+v: yaw %.4f", tc, yaw)
		}
	}
}

func TestFitFaceOfNothingIsNothing(t *testing.T) {
	var none [landmark.Count]Vec3
	pose := NewFitter().FitFace(AverageFace(), &none)
	if pose.Scale > 1e-6 {
		t.Errorf("scale %v", pose.Scale)
	}
}
