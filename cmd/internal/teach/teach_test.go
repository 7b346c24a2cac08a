package teach

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
)

// bench is a maker with what it has said.
type bench struct {
	*Options
	networks *face.Networks
	said     []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	testenv.Full(t)
	n := testenv.Networks(t)
	m := personas.NewMaker(n, t.TempDir())
	testenv.CloseAfter(t, m)
	who, err := quality.OpenLikeness(t.Context(), n, testenv.Config(t).Models.NPM)
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, who)
	b := &bench{networks: n}
	b.Options = &Options{Name: "x", Maker: m, Who: who, Progress: func(float64, string) {}, Note: func(s string) { b.said = append(b.said, s) }}
	return b
}

// told tells whether something was said of a picture, and what.
func (b *bench) told(name, what string) bool {
	for _, s := range b.said {
		if strings.HasPrefix(s, name+" is left out: ") && strings.Contains(s, what) {
			return true
		}
	}
	return false
}

// save writes a picture and returns its path.
func save(t *testing.T, dir, name string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return testenv.Write(t, filepath.Join(dir, name), b.Bytes())
}

func lisa(t *testing.T) *image.RGBA {
	t.Helper()
	p := configs.MonaLisa()
	src, err := png.Decode(bytes.NewReader(p.Picture))
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, src.Bounds().Dx(), src.Bounds().Dy()))
	draw.Draw(m, m.Rect, src, src.Bounds().Min, draw.Src)
	return m
}

// changed is m with each pixel's place and colour changed.
func changed(m *image.RGBA, of func(x, y int) [3]int) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := of(x, y)
			copy(out.Pix[out.PixOffset(x, y):], []byte{byte(min(max(c[0], 0), 255)), byte(min(max(c[1], 0), 255)), byte(min(max(c[2], 0), 255)), 255})
		}
	}
	return out
}

// TestPicturesThatDoNotHelp: what shows nobody, somebody else, is out of focus or dark is told and left out.
func TestPicturesThatDoNotHelp(t *testing.T) {
	b, dir, m := newBench(t), t.TempDir(), lisa(t)
	at := func(x, y int) [3]int {
		c := m.RGBAAt(min(max(x, 0), m.Rect.Dx()-1), min(max(y, 0), m.Rect.Dy()-1))
		return [3]int{int(c.R), int(c.G), int(c.B)}
	}
	blur := changed(m, func(x, y int) (c [3]int) {
		for j := -5; j <= 5; j++ {
			for i := -5; i <= 5; i++ {
				v := at(x+i, y+j)
				c[0], c[1], c[2] = c[0]+v[0], c[1]+v[1], c[2]+v[2]
			}
		}
		return [3]int{c[0] / 121, c[1] / 121, c[2] / 121}
	})
	paths := []string{
		save(t, dir, "a.jpg", m),
		save(t, dir, "b.jpg", changed(m, func(x, y int) [3]int { return at(x-3, y+2) })),
		save(t, dir, "bright.jpg", changed(m, func(x, y int) [3]int { v := at(x, y); return [3]int{v[0] * 5 / 4, v[1] * 5 / 4, v[2] * 5 / 4} })),
		save(t, dir, "dark.jpg", changed(m, func(x, y int) [3]int { v := at(x, y); return [3]int{v[0] * 2 / 5, v[1] * 2 / 5, v[2] * 2 / 5} })),
		save(t, dir, "blur.jpg", blur),
		save(t, dir, "nobody.jpg", image.NewGray(m.Rect)),
		testenv.Write(t, filepath.Join(dir, "text.jpg"), []byte("no picture")),
	}
	other, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "portraits", "synthetic-man_0010.jpg"))
	if err != nil {
		t.Log("SKIPPED: somebody else's face:", err)
	} else {
		paths = append(paths, testenv.Write(t, filepath.Join(dir, "other.jpg"), other))
	}
	p, err := Pictures(t.Context(), paths, b.Options)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Others) != 2 || p.Crop.Rect.Dx() < 512 || p.Others[0].Crop.Rect.Dx() > viewEdge || p.Others[0].Full != nil {
		t.Errorf("%d other views, %v; %q", len(p.Others), p.Crop.Rect, b.said)
	}
	for name, what := range map[string]string{
		"dark.jpg": "light", "blur.jpg": "focus", "nobody.jpg": "no face", "text.jpg": "picture",
	} {
		if !b.told(name, what) {
			t.Errorf("of %s nothing is said of %s: %q", name, what, b.said)
		}
	}
	if other != nil && b.Who.Known() && !b.told("other.jpg", "somebody else") {
		t.Errorf("nothing is said of somebody else: %q", b.said)
	}
}

// TestOneOrNone: of pictures none of which is good one is taken as it would be alone; of nobody none can be.
func TestOneOrNone(t *testing.T) {
	b, dir := newBench(t), t.TempDir()
	small := image.NewRGBA(image.Rect(0, 0, 60, 60))
	m := lisa(t)
	for y := range 60 {
		for x := range 60 {
			small.SetRGBA(x, y, m.RGBAAt(x*m.Rect.Dx()/60, y*m.Rect.Dy()/60))
		}
	}
	nobody := save(t, dir, "nobody.jpg", image.NewGray(m.Rect))
	if _, err := Pictures(t.Context(), []string{nobody, nobody}, b.Options); err == nil || !strings.Contains(err.Error(), "No face") {
		t.Error(err)
	}
	if _, err := Pictures(t.Context(), make([]string, MostPictures+1), b.Options); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Error(err)
	}
	p, err := Pictures(t.Context(), []string{save(t, dir, "a.jpg", m), save(t, dir, "small.jpg", small)}, b.Options)
	if err != nil || len(p.Others) != 0 {
		t.Error(p, err)
	}
}

// TestBeside: a picture that is only learned from is never part of the persona, unless there is nothing else.
func TestBeside(t *testing.T) {
	b, m := newBench(t), lisa(t)
	var left []Left
	b.Left = func(l Left) { left = append(left, l) }
	moved := changed(m, func(x, y int) [3]int {
		c := m.RGBAAt(min(x+4, m.Rect.Dx()-1), y)
		return [3]int{int(c.R), int(c.G), int(c.B)}
	})
	read := func(name string, m image.Image) []byte {
		src, err := os.ReadFile(save(t, t.TempDir(), name, m))
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	pictures := []Picture{{Name: "a", Data: read("a.jpg", m), Beside: true}, {Name: "b", Data: read("b.jpg", moved)}}
	p, err := Sent(t.Context(), pictures, true, b.Options)
	if err != nil || len(p.Others) != 0 || len(left) != 1 || left[0].Number != 0 || left[0].Code != Alike {
		t.Errorf("%v: left %+v", err, left)
	}
	left = nil
	if p, err = Sent(t.Context(), pictures[:1], true, b.Options); err != nil || len(left) != 0 {
		t.Errorf("alone: %v, left %+v, %v", err, left, p)
	}
}

// TestCancelled ends at once, wherever it is.
func TestCancelled(t *testing.T) {
	b, dir := newBench(t), t.TempDir()
	m := lisa(t)
	paths := []string{save(t, dir, "a.jpg", m), save(t, dir, "b.jpg", m), save(t, dir, "c.jpg", m)}
	for _, at := range []string{"Looking at b", "Making "} {
		ctx, stop := context.WithCancel(t.Context())
		b.Progress = func(_ float64, step string) {
			if strings.HasPrefix(step, at) {
				stop()
			}
		}
		if p, err := Pictures(ctx, paths, b.Options); !errors.Is(err, context.Canceled) || p != nil {
			t.Errorf("%s: %v", at, err)
		}
		stop()
	}
}

// TestFileStaysSmall: views that make the file too large are left out, the last ones first.
func TestFileStaysSmall(t *testing.T) {
	b := newBench(t)
	p, err := b.Maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q := *p
	q.Sections = map[string][]byte{"tuned.000000000000": {1}, "appearance.000000000000": {1}}
	noise := p.View
	noise.Crop = image.NewRGBA(p.Crop.Rect)
	copy(noise.Crop.Pix, p.Crop.Pix)
	seed := uint32(1)
	for i := range noise.Crop.Pix {
		if i%4 != 3 {
			seed = seed*1664525 + 1013904223
			noise.Crop.Pix[i] = byte(seed >> 24)
		}
	}
	noise.Full = nil
	for range persona.MaxViews - 1 {
		q.Others = append(q.Others, noise)
	}
	if err := fit(&q); err != nil {
		t.Fatal(err)
	}
	var size counter
	if err := q.Write(&size); err != nil || size > mostBytes || len(q.Others) == 0 || len(q.Others) > 14 {
		t.Errorf("%d bytes, %d others, %q, %v", size, len(q.Others), b.said, err)
	}
	if len(q.Sections) != 1 || q.Sections["appearance.000000000000"] == nil {
		t.Errorf("with fewer views it keeps %v", q.Sections)
	}
	q.Sections["tuned.000000000000"] = []byte{1}
	if err := fit(&q); err != nil || len(q.Sections) != 2 {
		t.Errorf("with all views it keeps %v, %v", q.Sections, err)
	}
}

// TestMoreViewsUntune: a persona that learns further views keeps what encoders found in its face, not what was tuned on the views before.
func TestMoreViewsUntune(t *testing.T) {
	base := meshtest.MonaLisa(t)
	base.Sections = map[string][]byte{"tuned.000000000000": {1}, "appearance.000000000000": {1}, "other": {1}}
	more := &persona.Persona{View: base.View}
	c := &contact{options: &Options{Base: base}, seen: make([]seen, 2), held: 1}
	out, from := c.join([]int{0, 1}, map[int]*persona.Persona{1: more})
	if len(out.Others) != 1 || len(from) != 1 || len(out.Sections) != 2 || out.Sections["tuned.000000000000"] != nil {
		t.Errorf("%d others, sections %v", len(out.Others), out.Sections)
	}
	if len(base.Sections) != 3 || len(base.Others) != 0 {
		t.Error("the persona before was changed")
	}
}
