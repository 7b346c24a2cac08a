package frame

import (
	"math/rand/v2"
	"testing"
)

// noise is a picture of which every value is its own.
func noise(tb testing.TB, width, height int) *I420 {
	tb.Helper()
	f, err := NewI420(width, height)
	if err != nil {
		tb.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, plane := range [][]byte{f.Y, f.U, f.V} {
		for i := range plane {
			plane[i] = byte(rng.UintN(256))
		}
	}
	return f
}

func TestHalveIsTheRoundedMean(t *testing.T) {
	src := noise(t, 24, 16)
	dst, _ := NewI420(12, 8)
	if err := dst.Halve(src); err != nil {
		t.Fatal(err)
	}
	check := func(name string, got, from []byte, width, height int) {
		t.Helper()
		for y := range height {
			for x := range width {
				sum := 0.5 // half a unit more, cut off below
				for _, at := range [4]int{4*y*width + 2*x, 4*y*width + 2*x + 1, (4*y+2)*width + 2*x, (4*y+2)*width + 2*x + 1} {
					sum += float64(from[at]) / 4
				}
				if got[y*width+x] != byte(sum) {
					t.Fatalf("%s at (%d, %d): %d, want %d", name, x, y, got[y*width+x], byte(sum))
				}
			}
		}
	}
	check("Y", dst.Y, src.Y, 12, 8)
	check("U", dst.U, src.U, 6, 4)
	check("V", dst.V, src.V, 6, 4)
}

func TestHalveRefusesOtherSizes(t *testing.T) {
	dst, _ := NewI420(12, 8)
	for _, size := range [][2]int{{24, 8}, {12, 16}, {26, 16}, {6, 4}} {
		src, _ := NewI420(size[0], size[1])
		if dst.Halve(src) == nil {
			t.Errorf("%v halved into 12x8", size)
		}
	}
}

func TestHalveDoesNotAllocate(t *testing.T) {
	src := noise(t, 64, 64)
	dst, _ := NewI420(32, 32)
	if n := testing.AllocsPerRun(100, func() { _ = dst.Halve(src) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkHalve(b *testing.B) {
	src := noise(b, 512, 512)
	dst, _ := NewI420(256, 256)
	b.ReportAllocs()
	for b.Loop() {
		_ = dst.Halve(src)
	}
}
