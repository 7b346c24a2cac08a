package frame

import (
	"image"
	"image/color"
	"math"
	"testing"
)

func TestNewI420RefusesOddSizes(t *testing.T) {
	for _, s := range [][2]int{{0, 2}, {3, 2}, {2, 3}, {-2, 2}} {
		if _, err := NewI420(s[0], s[1]); err == nil {
			t.Errorf("%v accepted", s)
		}
	}
}

func TestKnownColours(t *testing.T) {
	f, _ := NewI420(2, 2)
	img := image.NewRGBA(image.Rect(0, 0, 2, 2))
	for _, tc := range []struct {
		c       color.RGBA
		y, u, v byte
	}{
		{color.RGBA{0, 0, 0, 255}, 16, 128, 128},
		{color.RGBA{255, 255, 255, 255}, 235, 128, 128},
		{color.RGBA{255, 0, 0, 255}, 81, 90, 240},
		{color.RGBA{0, 255, 0, 255}, 145, 54, 34},
		{color.RGBA{0, 0, 255, 255}, 41, 240, 110},
		{color.RGBA{128, 128, 128, 255}, 126, 128, 128},
	} {
		for i := range 4 {
			img.SetRGBA(i%2, i/2, tc.c)
		}
		if err := f.FromRGBA(img); err != nil {
			t.Fatal(err)
		}
		if f.Y[3] != tc.y || f.U[0] != tc.u || f.V[0] != tc.v {
			t.Errorf("%v: %d %d %d, want %d %d %d", tc.c, f.Y[3], f.U[0], f.V[0], tc.y, tc.u, tc.v)
		}
	}
}

func TestRoundTripOfSmoothPicture(t *testing.T) {
	src, dst := image.NewRGBA(image.Rect(0, 0, 64, 64)), image.NewRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			src.SetRGBA(x, y, color.RGBA{byte(40 + 2*x), byte(30 + 3*y), byte(200 - x - y), 255})
		}
	}
	f, _ := NewI420(64, 64)
	if err := f.FromRGBA(src); err != nil {
		t.Fatal(err)
	}
	if err := f.ToRGBA(dst); err != nil {
		t.Fatal(err)
	}
	var se float64
	for i := range src.Pix {
		d := float64(src.Pix[i]) - float64(dst.Pix[i])
		se += d * d
	}
	if psnr := 10 * math.Log10(255*255/(se/float64(len(src.Pix)))); psnr < 40 {
		t.Errorf("PSNR %.1f dB, want at least 40", psnr)
	}
	if f.FromRGBA(image.NewRGBA(image.Rect(0, 0, 2, 2))) == nil || f.ToRGBA(image.NewRGBA(image.Rect(0, 0, 2, 2))) == nil {
		t.Error("wrong sizes accepted")
	}
}

func TestBlit(t *testing.T) {
	big, _ := NewI420(8, 8)
	small, _ := NewI420(2, 2)
	for i := range small.Y {
		small.Y[i] = byte(i + 1)
	}
	small.U[0], small.V[0] = 7, 8
	if err := big.Blit(small, 4, 2); err != nil {
		t.Fatal(err)
	}
	if big.Y[2*8+4] != 1 || big.Y[3*8+5] != 4 || big.U[1*4+2] != 7 || big.V[1*4+2] != 8 {
		t.Error("pixels are not where they belong")
	}
	for _, at := range [][2]int{{7, 0}, {-2, 0}, {1, 0}, {0, 8}} {
		if big.Blit(small, at[0], at[1]) == nil {
			t.Errorf("%v accepted", at)
		}
	}
}
