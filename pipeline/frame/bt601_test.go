package frame

import (
	"math"
	"testing"
)

// TestWeightsAgree: the weights in fixed point are those in floating point, and the way back is the inverse of the way there.
func TestWeightsAgree(t *testing.T) {
	for _, w := range []struct {
		fixed int
		exact float64
	}{
		{yR, YFromR / 255},
		{yG, YFromG / 255},
		{yB, YFromB / 255},
		{uR, UFromR / 255},
		{uG, UFromG / 255},
		{uB, UFromB / 255},
		{vR, VFromR / 255},
		{vG, VFromG / 255},
		{vB, VFromB / 255},
		{rgbY, 255.0 / LumaRange},
		{rV, RFromV * 255 / ChromaSpan},
		{gU, GFromU * 255 / ChromaSpan},
		{gV, GFromV * 255 / ChromaSpan},
		{bU, BFromU * 255 / ChromaSpan},
	} {
		if d := float64(w.fixed) - w.exact*65536; math.Abs(d) > 1 {
			t.Errorf("weight %d is %.2f away from %.6f", w.fixed, d, w.exact)
		}
	}
	for _, rgb := range [][3]float32{{0, 0, 0}, {255, 255, 255}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {12, 130, 201}} {
		y, u, v := ToYUV(rgb[0], rgb[1], rgb[2])
		y, u, v = (y-LumaBlack)/LumaRange, (u-ChromaZero)/ChromaSpan, (v-ChromaZero)/ChromaSpan
		back := [3]float32{y + RFromV*v, y + GFromU*u + GFromV*v, y + BFromU*u}
		for k := range back {
			if d := back[k]*255 - rgb[k]; d > 0.05 || d < -0.05 {
				t.Errorf("%v comes back as %v", rgb, back)
			}
		}
	}
}
