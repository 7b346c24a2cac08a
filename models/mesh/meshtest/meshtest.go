// Package meshtest has what the tests of package mesh and of its layers share: a portrait, states of it, and a measure of how much
// two pictures differ.
package meshtest

import (
	"bytes"
	"encoding/json"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// MonaLisa is the default portrait, the whole picture as crop (512 x 512), with landmarks and matte as our own tracker finds them.
func MonaLisa(tb testing.TB) *persona.Persona {
	tb.Helper()
	var data struct {
		Points    [landmark.Count][3]float32
		Triangles [][3]uint16
	}
	if err := json.Unmarshal(read(tb, "models/mesh/meshtest/testdata/monalisa.json"), &data); err != nil {
		tb.Fatal(err)
	}
	p := &persona.Persona{}
	p.Triangles = data.Triangles
	p.Crop = image.NewRGBA(image.Rect(0, 0, 512, 512))
	src := decode(tb, "configs/monalisa.png")
	draw.Draw(p.Crop, p.Crop.Rect, src, src.Bounds().Min, draw.Src)
	p.Matte = image.NewGray(p.Crop.Rect)
	draw.Draw(p.Matte, p.Crop.Rect, decode(tb, "models/mesh/meshtest/testdata/monalisa-matte.png"), image.Point{}, draw.Src)
	p.Inside = image.NewGray(p.Crop.Rect)
	draw.Draw(p.Inside, p.Crop.Rect, image.White, image.Point{}, draw.Src)
	var pts [landmark.Count]motion.Vec3
	for i, q := range data.Points {
		pts[i] = motion.Vec3{X: q[0], Y: q[1], Z: q[2]}
	}
	p.Face.Head = motion.NewFitter().FitAverage(&pts)
	for i := range pts {
		p.Face.Points[i] = p.Face.Head.Invert(pts[i])
	}
	p.Face.Neutral = p.Face.Points
	return p
}

func decode(tb testing.TB, name string) image.Image {
	tb.Helper()
	m, err := png.Decode(bytes.NewReader(read(tb, name)))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// read reads a file of the module, whose name is relative to its root.
func read(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(root(tb), filepath.FromSlash(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// root is the folder of the module that the test runs in.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			tb.Fatal("this test runs outside of the module")
		}
		dir = filepath.Dir(dir)
	}
}

// Frame is a new picture of size x size pixels.
func Frame(tb testing.TB, size int) *frame.I420 {
	tb.Helper()
	f, err := frame.NewI420(size, size)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// PSNR compares the lumas of two pictures of one size over the pixels that keep accepts (nil: all), dB; 99 where they are equal.
func PSNR(a, b *frame.I420, keep func(x, y int) bool) float64 {
	var sum, n float64
	for y := range a.Height {
		for x := range a.Width {
			if keep != nil && !keep(x, y) {
				continue
			}
			d := float64(a.Y[y*a.Width+x]) - float64(b.Y[y*a.Width+x])
			sum += d * d
			n++
		}
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*n/sum)
}
