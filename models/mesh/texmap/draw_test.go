package texmap

import (
	"math"
	"slices"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

const edge = 64

// plain is a texture of one colour and opacity.
func plain(y, alpha float32) *Texture {
	p, a := planar.NewPicture(edge, edge), planar.New(edge, edge)
	for o := range a.Pix {
		p[0].Pix[o], p[1].Pix[o], p[2].Pix[o], a.Pix[o] = y, 90, 170, alpha
	}
	return New(p, a)
}

// fan is a mesh of twelve triangles around a point, whose outline is the square from 8 to 56 pixels.
func fan() (list []Triangle, v []Vertex) {
	v = append(v, Vertex{X: 27.3, Y: 35.6, S: 27.3, T: 35.6})
	for _, p := range [][2]float32{
		{8, 8}, {21.5, 8}, {40, 8}, {56, 8}, {56, 20.25}, {56, 41}, {56, 56}, {33, 56}, {16, 56}, {8, 56}, {8, 37}, {8, 19},
	} {
		v = append(v, Vertex{X: p[0], Y: p[1], S: p[0], T: p[1]})
	}
	for k := range uint16(12) {
		list = append(list, Triangle{A: 0, B: 1 + k, C: 1 + (k+1)%12})
	}
	return list, v
}

func ground(t *testing.T) *frame.I420 {
	t.Helper()
	f, err := frame.NewI420(edge, edge)
	if err != nil {
		t.Fatal(err)
	}
	for o := range f.Y {
		f.Y[o] = 100
	}
	return f
}

func drawAll(f *frame.I420, tex *Texture, bands ...planar.Band) {
	list, v := fan()
	for _, bd := range bands {
		for _, tr := range tex.Mark(list, v, false) {
			tex.Draw(f, bd, &v[tr.A], &v[tr.B], &v[tr.C], tr.Opaque)
		}
	}
}

// TestLevelSidesThroughCentres: a grid whose lines run through the centres of pixels is drawn as far as it goes, with no holes along them.
func TestLevelSidesThroughCentres(t *testing.T) {
	tex, f := plain(200, 1), ground(t)
	at := func(i, j int) *Vertex { return &Vertex{X: float32(i)*8 + 12.5, Y: float32(j)*8 + 12.5, S: 32, T: 32} }
	for j := range 5 {
		for i := range 5 {
			tex.Draw(f, planar.Band{Y1: edge}, at(i, j), at(i+1, j), at(i, j+1), true)
			tex.Draw(f, planar.Band{Y1: edge}, at(i+1, j), at(i+1, j+1), at(i, j+1), true)
		}
	}
	for y := range edge {
		for x := range edge {
			in, out := min(x, y) > 12 && max(x, y) < 52, min(x, y) < 12 || max(x, y) > 52
			if got := f.Y[y*edge+x]; in && got != 200 || out && got != 100 {
				t.Fatalf("luma %d at (%d, %d)", got, x, y)
			}
		}
	}
}

// TestNeighboursMeet: every pixel of a mesh is drawn once, none twice and none not at all, and nothing beyond it is touched.
func TestNeighboursMeet(t *testing.T) {
	for _, alpha := range []float32{1, 0.5} {
		f := ground(t)
		drawAll(f, plain(200, alpha), planar.Band{Y0: 0, Y1: edge})
		want := byte(100 + 100*alpha)
		for o, v := range f.Y {
			x, y := o%edge, o/edge
			if inside := x >= 8 && x < 56 && y >= 8 && y < 56; inside && v != want && v != want+1 || !inside && v != 100 {
				t.Fatalf("opacity %v: pixel (%d, %d) is %d", alpha, x, y, v)
			}
		}
		if f.U[20*edge/2+20] == 0 || f.U[2*edge/2+2] != 0 {
			t.Errorf("opacity %v: chroma inside is %d, outside %d", alpha, f.U[20*edge/2+20], f.U[2*edge/2+2])
		}
	}
}

// TestBandsAreThePicture: drawn band by band a picture is the same.
func TestBandsAreThePicture(t *testing.T) {
	whole, parts := ground(t), ground(t)
	tex := plain(180, 0.7)
	drawAll(whole, tex, planar.Band{Y0: 0, Y1: edge})
	drawAll(parts, tex, planar.Band{Y0: 30, Y1: edge}, planar.Band{Y0: 0, Y1: 14}, planar.Band{Y0: 14, Y1: 30})
	if !slices.Equal(whole.Y, parts.Y) || !slices.Equal(whole.U, parts.U) || !slices.Equal(whole.V, parts.V) {
		t.Error("three bands differ from one picture")
	}
}

// TestMark: triangles of a transparent texture are left out, those of an opaque one are marked.
func TestMark(t *testing.T) {
	list, v := fan()
	if got := plain(100, 0).Mark(slices.Clone(list), v, true); len(got) != 0 {
		t.Errorf("%d triangles of a transparent texture are left", len(got))
	}
	for _, tr := range plain(100, 1).Mark(slices.Clone(list), v, true) {
		if !tr.Opaque {
			t.Errorf("triangle %v of an opaque texture is not marked", tr)
		}
	}
	if got := plain(100, 0.5).Mark(slices.Clone(list), v, true); len(got) != len(list) || got[0].Opaque {
		t.Errorf("%d of %d half-transparent triangles are left", len(got), len(list))
	}
}

// TestNonsenseStaysInside: vertices far away or in a line draw nothing outside of the picture and do not crash.
func TestNonsenseStaysInside(t *testing.T) {
	f, tex := ground(t), plain(200, 1)
	far := []Vertex{{-15000, -15000, 0, 0}, {15000, 3, 9000, -9000}, {10, 10, 5, 5}, {10, 10, 8, 8}, {-3, 70, float32(math.Inf(1)), 0}}
	c := NewColour(50, 128, 128)
	for i := range far {
		for j := range far {
			for k := range far {
				tex.Draw(f, planar.Band{Y0: 0, Y1: edge}, &far[i], &far[j], &far[k], true)
				tex.DrawSoftEdge(f, planar.Band{Y0: 0, Y1: edge}, &far[i], &far[j], &far[k], 256)
				FillTriangle(f, planar.Band{Y0: 0, Y1: edge}, &[3]Vertex{far[i], far[j], far[k]}, [3]*Colour{&c, &c, &c}, [3]float32{1, 0, 1})
			}
		}
	}
}
