// Package num has the float32 functions that package math lacks. All are pure and cheap enough to be inlined.
package num

import "math"

// Clamp01 limits v to [0, 1]; NaN stays NaN.
func Clamp01(v float32) float32 { return min(max(v, 0), 1) }

// Bound limits v to [-limit, limit]; NaN becomes 0.
func Bound(v, limit float32) float32 {
	if v != v {
		return 0
	}
	return min(max(v, -limit), limit)
}

// Smoothstep is the cubic 3t^2 - 2t^3 that rises from 0 at v = a to 1 at v = b and is constant beyond; with b < a it falls.
// a and b must differ.
func Smoothstep(a, b, v float32) float32 {
	t := Clamp01((v - a) / (b - a))
	return t * t * (3 - 2*t)
}

// Bump is 1 at 0 and falls as Smoothstep does to 0 at v = -1 and v = 1; beyond it is 0.
func Bump(v float32) float32 { return 1 - Smoothstep(0, 1, Abs(v)) }

// Sign is -1 for what is below 0, else 1.
func Sign(v float32) float32 {
	if v < 0 {
		return -1
	}
	return 1
}

// Finite tells that v is neither NaN nor infinite.
func Finite(v float32) bool { return v-v == 0 }

// Abs is the absolute value of v.
func Abs(v float32) float32 { return max(v, -v) }

// Sqrt is the square root of v, rounded to float32; NaN below 0.
func Sqrt(v float32) float32 { return float32(math.Sqrt(float64(v))) }

// Exp is e to the power of v, rounded to float32.
func Exp(v float32) float32 { return float32(math.Exp(float64(v))) }

// Floor is the greatest whole number that is not above v.
func Floor(v float32) float32 { return float32(math.Floor(float64(v))) }
