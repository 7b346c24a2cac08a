package num

import (
	"math"
	"testing"
)

func TestSmoothstep(t *testing.T) {
	for _, tc := range []struct{ a, b, v, want float32 }{
		{0, 1, -3, 0},
		{0, 1, 0, 0},
		{0, 1, 0.25, 0.15625},
		{0, 1, 0.5, 0.5},
		{0, 1, 1, 1},
		{0, 1, 9, 1},
		{2, 6, 3, 0.15625},
		{1, 0, 0.25, 0.84375},
		{1, 0, 2, 0},
		{-1, 1, 0, 0.5},
	} {
		if got := Smoothstep(tc.a, tc.b, tc.v); got != tc.want {
			t.Errorf("Smoothstep(%v, %v, %v) = %v, want %v", tc.a, tc.b, tc.v, got, tc.want)
		}
	}
}

func TestBump(t *testing.T) {
	for v, want := range map[float32]float32{-2: 0, -1: 0, -0.25: 0.84375, 0: 1, 0.5: 0.5, 1: 0, 7: 0} {
		if got := Bump(v); got != want {
			t.Errorf("Bump(%v) = %v, want %v", v, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tc := range []struct{ v, clamped, bounded, sign float32 }{
		{-inf, 0, -2, -1}, {-1, 0, -1, -1}, {0, 0, 0, 1}, {0.5, 0.5, 0.5, 1}, {3, 1, 2, 1}, {inf, 1, 2, 1},
	} {
		if c, b, s := Clamp01(tc.v), Bound(tc.v, 2), Sign(tc.v); c != tc.clamped || b != tc.bounded || s != tc.sign {
			t.Errorf("%v: clamped %v, bounded %v, sign %v, want %v, %v, %v", tc.v, c, b, s, tc.clamped, tc.bounded, tc.sign)
		}
	}
	if Bound(nan, 2) != 0 || Finite(nan) || Finite(inf) || Finite(-inf) || !Finite(math.MaxFloat32) || !Finite(0) {
		t.Error("what is not a number is taken for one")
	}
}

func TestRounding(t *testing.T) {
	for _, v := range []float32{-2.5, -1, -0.25, 0, 0.25, 1, 2.5, 1e6} {
		w := float64(v)
		if Abs(v) != float32(math.Abs(w)) || Floor(v) != float32(math.Floor(w)) || Exp(v/10) != float32(math.Exp(float64(v/10))) {
			t.Errorf("Abs, Floor or Exp of %v differ from package math's", v)
		}
		if got := Sqrt(Abs(v)); got != float32(math.Sqrt(math.Abs(w))) {
			t.Errorf("Sqrt(%v) = %v", Abs(v), got)
		}
	}
}
