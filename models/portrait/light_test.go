package portrait

import (
	"math"
	"testing"
)

// TestAMouthKeepsItsLight: however bright a network paints the inside of a mouth, in the mean it stays near the portrait's; what is drawn
// in it stays, and so does everything beside it.
func TestAMouthKeepsItsLight(t *testing.T) {
	const n, half = 64, 32
	inner := make([]byte, n)
	for i := range half {
		inner[i] = 255
	}
	for _, tc := range []struct {
		name                string
		grey                float32 // of the picture, 0..1
		change, share, want float32 // in the mean
	}{
		{"little is left alone", 0.5, 20, 1, 20},
		{"too bright for a mouth in the dark", 0.1, 30, 1, 0.25 * 21.9},
		{"too dark", 0.5, -60, 1, -0.25 * 109.5},
		{"half trusted, half the bound", 0.1, 30, 0.5, 0.125 * 21.9},
		{"black stays black", 0, 30, 1, 0},
	} {
		picture, d := make([]float32, 3*n), make([]float32, 3*n)
		for i := range picture {
			picture[i] = tc.grey
		}
		for i := range n {
			d[i] = tc.change + float32(i%2*10-5) // stripes of 10 levels
		}
		tieLight(d, picture, inner, tc.share)
		var mean float32
		for _, v := range d[:half] {
			mean += v / half
		}
		if math.Abs(float64(mean-tc.want)) > 0.1 {
			t.Errorf("%s: the mean changes by %.2f, not %.2f", tc.name, mean, tc.want)
		}
		if stripes := d[1] - d[0]; math.Abs(float64(stripes-10)) > 1e-3 {
			t.Errorf("%s: stripes of %.1f levels", tc.name, stripes)
		}
		if beside := d[half]; beside != tc.change-5 {
			t.Errorf("%s: %.1f beside the lips, not %.1f", tc.name, beside, tc.change-5)
		}
	}
	d := []float32{1, 2, 3}
	tieLight(d, []float32{1, 1, 1}, []byte{0}, 1)
	if d[0] != 1 {
		t.Error("shut lips: changed")
	}
	if n := testing.AllocsPerRun(10, func() { tieLight(d, d, inner[:1], 1) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
