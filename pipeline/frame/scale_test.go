package frame

import (
	"fmt"
	"math"
	"testing"
)

// waves is a picture of smooth waves, the shortest eight pixels long.
func waves(tb testing.TB, edge int) *I420 {
	tb.Helper()
	f, err := NewI420(edge, edge)
	if err != nil {
		tb.Fatal(err)
	}
	fill := func(p []byte, n int) {
		for o := range p {
			p[o] = byte(math.Round(wave(float64(o%n)+0.5, float64(o/n)+0.5)))
		}
	}
	fill(f.Y, edge)
	fill(f.U, edge/2)
	fill(f.V, edge/2)
	return f
}

func wave(x, y float64) float64 { return 120 + 60*math.Sin(x*2*math.Pi/8)*math.Cos(y*2*math.Pi/13) }

// TestScaleIsThePictureElsewhere: a scaled picture has the values of the same waves at its own pixels, and nothing around it changes.
func TestScaleIsThePictureElsewhere(t *testing.T) {
	for _, size := range [][2]int{{512, 720}, {256, 720}, {512, 512}, {1024, 720}, {768, 360}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			from, to := size[0], size[1]
			s, err := NewScaler(from, to)
			if err != nil {
				t.Fatal(err)
			}
			src := waves(t, from)
			dst, _ := NewI420(to+16, to+8)
			if err := s.Scale(dst, 12, 4, src, 0); err != nil {
				t.Fatal(err)
			}
			step := float64(from) / float64(to)
			check := func(name string, p []byte, n, x0, y0, w int) {
				worst := 0.0
				for o, v := range p {
					x, y := o%w-x0, o/w-y0
					if x < 0 || y < 0 || x >= n || y >= n {
						if v != 0 {
							t.Fatalf("%s: something at (%d, %d), outside", name, x, y)
						}
						continue
					}
					if x < 4 || y < 4 || x >= n-4 || y >= n-4 { // edges repeat
						continue
					}
					worst = max(worst, math.Abs(float64(v)-wave((float64(x)+0.5)*step, (float64(y)+0.5)*step)))
				}
				if most := 60 * 0.12 * max(1, step*step*step*step); worst > most {
					t.Errorf("%s: %.1f levels from the waves, want at most %.1f", name, worst, most)
				}
			}
			check("Y", dst.Y, to, 12, 4, to+16)
			check("U", dst.U, to/2, 6, 2, to/2+8)
			check("V", dst.V, to/2, 6, 2, to/2+8)
		})
	}
}

// TestScaleKeepsExtremes: flat pictures stay what they are, black and white too, and a hard edge overshoots into no other end.
func TestScaleKeepsExtremes(t *testing.T) {
	s, err := NewScaler(64, 96)
	if err != nil {
		t.Fatal(err)
	}
	src, _ := NewI420(64, 128)
	dst, _ := NewI420(96, 96)
	for _, v := range []byte{0, 1, 16, 128, 254, 255} {
		for i := range src.Y {
			src.Y[i] = v
		}
		if err := s.Scale(dst, 0, 0, src, 64); err != nil {
			t.Fatal(err)
		}
		for o, got := range dst.Y {
			if got != v {
				t.Fatalf("flat %d became %d at %d", v, got, o)
			}
		}
	}
	for o := range src.Y {
		src.Y[o] = 0
		if o%64 >= 32 != (o/64%2 == 1) {
			src.Y[o] = 255
		}
	}
	if err := s.Scale(dst, 0, 0, src, 0); err != nil {
		t.Fatal(err)
	}
	exact, _ := NewI420(96, 96)
	scaleExactly(exact.Y, 96, src.Y, 64)
	for o := range dst.Y {
		if d := int(dst.Y[o]) - int(exact.Y[o]); d > 2 || d < -2 {
			t.Fatalf("value %d is %d, want %d", o, dst.Y[o], exact.Y[o])
		}
	}
}

// scaleExactly is the same in floating point, rounding as the scaler does between rows and columns.
func scaleExactly(dst []byte, to int, src []byte, from int) {
	step := float64(from) / float64(to)
	at := func(get func(i int) float64, i int) float64 {
		centre := (float64(i)+0.5)*step - 0.5
		sum := 0.0
		for k := int(math.Floor(centre)) - 1; k <= int(math.Floor(centre))+2; k++ {
			sum += cubic(float64(k)-centre) * get(min(max(k, 0), from-1))
		}
		return min(max(math.Round(sum), 0), 255)
	}
	for y := range to {
		for x := range to {
			dst[y*to+x] = byte(at(func(j int) float64 {
				return at(func(i int) float64 { return float64(src[j*from+i]) }, x)
			}, y))
		}
	}
}

func TestScaleRefuses(t *testing.T) {
	for _, size := range [][2]int{{60, 720}, {512, 722}, {512, 8192}} {
		if _, err := NewScaler(size[0], size[1]); err == nil {
			t.Errorf("%v was accepted", size)
		}
	}
	s, _ := NewScaler(64, 96)
	small, _ := NewI420(64, 64)
	dst, _ := NewI420(128, 96)
	for _, at := range [][3]int{{0, 0, 2}, {0, 0, -2}, {34, 0, 0}, {0, 2, 0}, {1, 0, 0}} {
		if s.Scale(dst, at[0], at[1], small, at[2]) == nil {
			t.Errorf("%v was accepted", at)
		}
	}
	if s.Scale(dst, 0, 0, dst, 0) == nil {
		t.Error("a picture of another size was accepted")
	}
}

func BenchmarkScale(b *testing.B) {
	for _, from := range []int{512, 1024} {
		b.Run(fmt.Sprintf("%d-720", from), func(b *testing.B) {
			s, err := NewScaler(from, 720)
			if err != nil {
				b.Fatal(err)
			}
			src := waves(b, from)
			dst, _ := NewI420(1280, 720)
			b.ReportAllocs()
			for b.Loop() {
				_ = s.Scale(dst, 280, 0, src, 0)
			}
		})
	}
}
