package face

import (
	"errors"
	"image"
	"image/color"
	"math"
	"testing"
)

func TestImageCheck(t *testing.T) {
	pix := make([]byte, 4*8*8)
	for name, c := range map[string]struct {
		m  Image
		ok bool
	}{
		"good":       {Image{pix, 32, 8, 8}, true},
		"cropped":    {Image{pix[4:], 32, 7, 8}, true},
		"empty":      {Image{}, false},
		"no width":   {Image{pix, 32, 0, 8}, false},
		"negative":   {Image{pix, 32, 8, -8}, false},
		"huge":       {Image{pix, 1 << 20, 1 << 18, 1}, false},
		"short rows": {Image{pix, 31, 8, 8}, false},
		"too short":  {Image{pix[:255], 32, 8, 8}, false},
	} {
		if err := c.m.check(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrImage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFromImage(t *testing.T) {
	grey := image.NewGray(image.Rect(3, 4, 5, 6))
	grey.SetGray(4, 5, color.Gray{Y: 200})
	m := FromImage(grey)
	if m.Width != 2 || m.Height != 2 || m.Pix[m.Stride+4] != 200 || m.Pix[0] != 0 {
		t.Errorf("%+v", m)
	}
	whole := image.NewRGBA(image.Rect(0, 0, 4, 4))
	whole.SetRGBA(2, 2, color.RGBA{R: 9, A: 255})
	part, ok := whole.SubImage(image.Rect(2, 2, 4, 4)).(*image.RGBA)
	if m := FromImage(part); !ok || m.Pix[0] != 9 || m.Width != 2 {
		t.Errorf("a part of a picture: %+v", m)
	}
}

// TestCropIsExactOnPlanes: bilinear sampling and means of it reproduce a linear ramp wherever the crop looks.
func TestCropIsExactOnPlanes(t *testing.T) {
	const w, h, n = 120, 90, 16
	m := Image{Pix: make([]byte, 4*w*h), Stride: 4 * w, Width: w, Height: h}
	for y := range h {
		for x := range w {
			copy(m.Pix[y*m.Stride+4*x:], []byte{byte(2 * x), byte(2 * y), byte(x + y), 0})
		}
	}
	dst := make([]float32, 3*n*n)
	for _, r := range []ROI{{60, 45, 8, 0}, {60, 45, 40, 0.7}, {50, 40, 55, -2.5}, {60.3, 44.8, 60, 3.1}} {
		s := sampler{n: n, edge: true}
		s.fill(dst, m, r.plane())
		for j := range n {
			for i := range n {
				x, y := r.plane().at((float64(i)+0.5)/n-0.5, (float64(j)+0.5)/n-0.5)
				for c, want := range []float64{2 * (x - 0.5), 2 * (y - 0.5), x + y - 1} {
					if got := float64(dst[(c*n+j)*n+i]) * 255; math.Abs(got-want) > 0.06 {
						t.Fatalf("%+v at (%d, %d), colour %d: got %.3f, want %.3f", r, i, j, c, got, want)
					}
				}
			}
		}
	}
}

func TestCropEdges(t *testing.T) {
	m := Image{Pix: make([]byte, 4*4*4), Stride: 16, Width: 4, Height: 4}
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	dst := make([]float32, 3*8*8)
	far := ROI{CX: 1e4, CY: -1e4, Side: 8}
	for _, c := range []struct {
		edge bool
		r    ROI
		want float32
	}{{true, far, 1}, {false, far, 0}, {true, m.square(), 1}, {false, ROI{2, 2, 2, 0}, 1}} {
		s := sampler{n: 8, edge: c.edge}
		s.fill(dst, m, c.r.plane())
		for _, v := range dst {
			if math.Abs(float64(v-c.want)) > 1e-6 {
				t.Fatalf("%+v: got %v", c, v)
			}
		}
	}
}

// TestCropAverages: a fine chequerboard, shrunk, is grey and not an alias of itself.
func TestCropAverages(t *testing.T) {
	const side, n = 400, 50
	m := Image{Pix: make([]byte, 4*side*side), Stride: 4 * side, Width: side, Height: side}
	for y := range side {
		for x := range side {
			v := byte(255 * ((x + y) & 1))
			copy(m.Pix[y*m.Stride+4*x:], []byte{v, v, v, v})
		}
	}
	dst := make([]float32, 3*n*n)
	s := sampler{n: n, edge: true}
	s.fill(dst, m, ROI{CX: 200, CY: 200, Side: 390, Angle: 0.3}.plane())
	for _, v := range dst {
		if math.Abs(float64(v)-0.5) > 0.12 {
			t.Fatalf("got %v", v)
		}
	}
}

func TestCropDoesNotAllocate(t *testing.T) {
	m := noise(64, 64)
	dst := make([]float32, 3*32*32)
	s := &sampler{n: 32, edge: true}
	if n := testing.AllocsPerRun(20, func() { s.fill(dst, m, m.square().plane()) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestInside: the fast range holds exactly the crop pixels that need no look at the border.
func TestInside(t *testing.T) {
	m := Image{Width: 30, Height: 20}
	for _, r := range []ROI{{15, 10, 10, 0}, {15, 10, 60, 0.4}, {2, 3, 30, 2}, {28, 18, 25, -1.4}, {15, 10, 40, math.Pi / 2}, {-40, 9, 20, 0}, {15, 10, 200, 0.01}} {
		for _, k := range []int{1, 3} {
			const n = 16
			p := r.plane()
			for j := range n {
				x, y := p.at(0.5/(n*float64(k))-0.5, (float64(j)+0.5)/n-0.5)
				l := line{fixed(x - 0.5), fixed(y - 0.5), fixed(p.ux / (n * float64(k))), fixed(p.uy / (n * float64(k))), n, k}
				from, to := l.inside(m)
				for i := range n {
					good := true
					for b := range k {
						sx, sy := l.x+int64(i*k+b)*l.stepX, l.y+int64(i*k+b)*l.stepY
						good = good && sx >= 0 && sy >= 0 && sx>>fracBits < 29 && sy>>fracBits < 19
					}
					if good != (i >= from && i < to) {
						t.Fatalf("%+v, k %d, row %d, pixel %d: inside %v, range %d..%d", r, k, j, i, good, from, to)
					}
				}
			}
		}
	}
}
