package raster

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"runtime"
	"testing"
)

// gradient is red across, green down, with a blue square in the middle.
func gradient(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(255 * x / max(1, w-1)), uint8(255 * y / max(1, h-1)), 0, 255}
			if x > w/3 && x < 2*w/3 && y > h/3 && y < 2*h/3 {
				c.B = 255
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func TestResample(t *testing.T) {
	src := gradient(60, 40)
	whole := Area{W: 60, H: 40}
	if same := Resample(src, whole, 60, 40); !bytes.Equal(same.Pix, src.Pix) {
		t.Error("the same size is not the same picture")
	}
	for _, c := range []struct {
		name string
		area Area
		w, h int
	}{{"down", whole, 15, 10}, {"up", whole, 240, 160}, {"part", Area{10, 5, 40, 30}, 80, 60}, {"off the edges", Area{-30, -20, 120, 80}, 60, 40}} {
		out := Resample(src, c.area, c.w, c.h)
		if out.Rect != image.Rect(0, 0, c.w, c.h) || !out.Opaque() {
			t.Fatal(c.name, out.Rect)
		}
		for y := range c.h {
			for x := range c.w {
				sx := c.area.X + (float64(x)+0.5)*c.area.W/float64(c.w) - 0.5
				sy := c.area.Y + (float64(y)+0.5)*c.area.H/float64(c.h) - 0.5
				red := 255 * max(0, min(59, sx)) / 59
				green := 255 * max(0, min(39, sy)) / 39
				if p := out.RGBAAt(x, y); math.Abs(float64(p.R)-red) > 9 || math.Abs(float64(p.G)-green) > 9 {
					t.Fatalf("%s: (%d, %d) is %v, want red %.0f green %.0f", c.name, x, y, p, red, green)
				}
			}
		}
	}
	tiny := Resample(gradient(1, 1), Area{W: 1, H: 1}, 16, 16)
	if tiny.RGBAAt(9, 9) != gradient(1, 1).RGBAAt(0, 0) {
		t.Error("one pixel became", tiny.RGBAAt(9, 9))
	}
}

func TestResampleIsDeterministic(t *testing.T) {
	src, area := gradient(333, 217), Area{-3, 10.5, 300, 200}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := Resample(src, area, 200, 300)
	runtime.GOMAXPROCS(4)
	if four := Resample(src, area, 200, 300); !bytes.Equal(one.Pix, four.Pix) {
		t.Error("cores change the result")
	}
}

func TestEnlarge(t *testing.T) {
	src := image.NewGray(image.Rect(0, 0, 2, 2))
	copy(src.Pix, []uint8{0, 255, 0, 255})
	out := Enlarge(src, 8, 4)
	for x, want := range []float32{0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1} {
		if math.Abs(float64(out[8+x]-want)) > 1e-4 {
			t.Errorf("column %d is %v, want %v", x, out[8+x], want)
		}
	}
	if one := Enlarge(&image.Gray{Pix: []uint8{51}, Stride: 1, Rect: image.Rect(0, 0, 1, 1)}, 3, 3); math.Abs(float64(one[4])-0.2) > 1e-5 {
		t.Error(one)
	}
}

func TestGuideFindsTheEdge(t *testing.T) {
	const n, edge = 64, 30
	img := image.NewRGBA(image.Rect(0, 0, n, n))
	soft := make([]float32, n*n)
	for i := range soft {
		c := color.RGBA{200, 180, 160, 255}
		if i%n >= edge {
			c = color.RGBA{40, 60, 90, 255}
		}
		img.SetRGBA(i%n, i/n, c)
		soft[i] = max(0, min(1, 0.5-float32(i%n-edge-2)/10)) // blurred, and two pixels off
	}
	out := Guide(img, soft, 8, 1e-4)
	for y := range n {
		if inside, outside := out[y*n+edge-2], out[y*n+edge+1]; inside < 0.75 || outside > 0.4 {
			t.Fatalf("row %d: %.2f inside, %.2f outside", y, inside, outside)
		}
	}
	for i, v := range Guide(img, make([]float32, n*n), 8, 1e-4) {
		if v > 1e-3 {
			t.Fatalf("nothing became %v at %d", v, i)
		}
	}
}

func TestContinueAndSurround(t *testing.T) {
	for _, known := range []image.Rectangle{image.Rect(16, 16, 48, 48), image.Rect(0, 20, 64, 30), image.Rect(63, 63, 64, 64), image.Rect(0, 0, 64, 64)} {
		img := gradient(64, 64)
		before := bytes.Clone(img.Pix)
		matte := image.NewGray(img.Rect)
		for i := range matte.Pix {
			if x := i % 64; x > 20 && x < 44 {
				matte.Pix[i] = 255
			}
		}
		Continue(img, known)
		Surround(img, matte, known)
		for y := range 64 {
			for x := range 64 {
				i := img.PixOffset(x, y)
				if (image.Point{X: x, Y: y}).In(known) && !bytes.Equal(img.Pix[i:i+4], before[i:i+4]) {
					t.Fatalf("%v: known pixel (%d, %d) has changed", known, x, y)
				}
				if img.Pix[i+3] != 255 {
					t.Fatalf("%v: (%d, %d) is not opaque", known, x, y)
				}
			}
		}
		if known.Max.Y < 64 && matte.GrayAt(32, 63).Y != 255 {
			t.Errorf("%v: the person ends at the lower edge", known)
		}
		if known.Min.X > 0 && matte.GrayAt(0, 40).Y > 40 {
			t.Errorf("%v: the person goes on beside the picture", known)
		}
	}
}
