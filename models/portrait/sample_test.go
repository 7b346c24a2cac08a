package portrait

import (
	"testing"
)

// TestReadIsTheSameInsideAsAtTheBorder: the way without clamping gives what the way with it gives.
func TestReadIsTheSameInsideAsAtTheBorder(t *testing.T) {
	f := greyFrame(t, 128)
	for i := range f.Y {
		f.Y[i] = byte(16 + i*7%200)
	}
	for i := range f.U {
		f.U[i], f.V[i] = byte(40+i*5%150), byte(60+i*11%150)
	}
	r := Region{Edge: 32}
	for a, isInside := range map[Alignment]bool{
		{20, 12, 1.1, 0.3}: true, {60, 60, 0.4, -0.2}: true, {40, 8, 1.9, 0.4}: true, {50, 9, 2.1, 0.9}: true,
		{10, 12, 1.1, 0.5}: false, {2, 2, 3, 0}: false, {100, 90, 1, 0}: false,
	} {
		got, want := make([]float32, 3*32*32), make([]float32, 3*32*32)
		r.Read(got, f, &a)
		inside := r.within(f, &a)
		if inside != isInside {
			t.Errorf("%v counts as inside: %v", a, inside)
		}
		if !inside {
			continue
		}
		for j := range 32 {
			for i := range 32 {
				slow(f.Y, &a, i, j, want)
			}
		}
		for k, v := range want[:32*32] { // grey luma only: undo the colour
			y := (got[k]*0.299 + got[32*32+k]*0.587 + got[2*32*32+k]*0.114) * 219
			if clipped(got, k) {
				continue
			}
			near(t, "luma", float64(y), float64(v-16), 0.1)
		}
	}
}

func clipped(p []float32, k int) bool {
	for c := range 3 {
		if v := p[c*32*32+k]; v <= 0 || v >= 1 {
			return true
		}
	}
	return false
}

// slow is a pixel's luma by the clamping way.
func slow(y []byte, a *Alignment, i, j int, dst []float32) {
	_, taps := a.taps()
	var sum float32
	for t := range taps * taps {
		px, py := a.At(float32(i)+(float32(t%taps)+0.5)/float32(taps), float32(j)+(float32(t/taps)+0.5)/float32(taps))
		sum += bilinear(y, 128, 128, px-0.5, py-0.5)
	}
	dst[j*32+i] = sum / float32(taps*taps)
}
