package teach

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"strconv"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// sitter draws pictures of the Mona Lisa as she looks at the camera.
type sitter struct {
	t *testing.T
	p *persona.Persona
	r *mesh.Renderer
}

const sitterEdge = 512

func newSitter(t *testing.T) *sitter {
	t.Helper()
	s := &sitter{t: t, p: meshtest.MonaLisa(t)}
	var err error
	if s.r, err = mesh.New(s.p, mesh.Options{Size: sitterEdge, Badge: mesh.BadgeNone}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.r.Close)
	return s
}

// draw is one with the mouth open, the head turned so much further, degrees.
func (s *sitter) draw(open float32, yaw float64) *image.RGBA {
	s.t.Helper()
	own, _, _ := motion.Angles(s.p.Face.Head.R)
	st := meshtest.Turned(s.p, yaw-own*180/math.Pi, 0, 0)
	meshtest.Gape(s.p, &st, open)
	f := meshtest.Frame(s.t, sitterEdge)
	if err := s.r.Render(f, &st); err != nil {
		s.t.Fatal(err)
	}
	m := image.NewRGBA(image.Rect(0, 0, sitterEdge, sitterEdge))
	if err := f.ToRGBA(m); err != nil {
		s.t.Fatal(err)
	}
	return m
}

// judge tells why each of some pictures is left out, "" where it is not.
func (b *bench) judge(t *testing.T, all []*image.RGBA) []string {
	t.Helper()
	a := &pictures{options: b.Options}
	for i, m := range all {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, m, &jpeg.Options{Quality: 92}); err != nil {
			t.Fatal(err)
		}
		a.all = append(a.all, Picture{Name: strconv.Itoa(i), Data: file.Bytes()})
	}
	out := make([]string, len(all))
	b.Left = func(l Left) { out[l.Number] = l.Code }
	c := &contact{options: b.Options, loose: true}
	if err := a.look(t.Context(), b.Options, c.add); err != nil {
		t.Fatal(err)
	}
	c.keep()
	return out
}

func mirrorImage(m *image.RGBA) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.SetRGBA(m.Rect.Dx()-1-x, y, m.RGBAAt(x, y))
		}
	}
	return out
}

// TestMirror: of pictures of one face those from a mirror are told, whichever come first, and however many those are; where all are from
// a mirror nobody can tell.
func TestMirror(t *testing.T) {
	s, b := newSitter(t), newBench(t)
	for _, c := range []struct {
		mirrored []bool
		out      int // whether those from a mirror or the others are left out; 0: none
	}{{[]bool{true, false, false}, 1}, {[]bool{false, true, true, true}, -1}, {[]bool{true, true}, 0}} {
		var all []*image.RGBA
		for i, mirrored := range c.mirrored {
			m := s.draw(0.06*float32(i), float64(2*i-3))
			if mirrored {
				m = mirrorImage(m)
			}
			all = append(all, m)
		}
		codes := b.judge(t, all)
		for i, mirrored := range c.mirrored {
			want := c.out > 0 && mirrored || c.out < 0 && !mirrored
			if got := codes[i] == "mirrored"; got != want {
				t.Errorf("%v: picture %d is left out: %q", c.mirrored, i, codes[i])
			}
		}
	}
}

// daub paints over a face, k of it, around landmarks; radii are shares of the distance between the outer corners of the eyes.
func daub(m *image.RGBA, p *[landmark.Count]landmark.Point, colour [3]byte, k, across, down float64, marks ...int) {
	w := float64(m.Rect.Dx())
	unit := math.Hypot(float64(p[263].X-p[33].X), float64(p[263].Y-p[33].Y)) * w
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			for _, i := range marks {
				dx, dy := (float64(x)-float64(p[i].X)*w)/(across*unit), (float64(y)-float64(p[i].Y)*w)/(down*unit)
				if dx*dx+dy*dy < 1 {
					c := m.Pix[m.PixOffset(x, y):]
					for q, v := range colour {
						c[q] = byte(float64(c[q])*(1-k) + float64(v)*k)
					}
					break
				}
			}
		}
	}
}

// TestDressed: sunglasses, a beard and make-up that most pictures do not show are told; where most do, it is those without.
func TestDressed(t *testing.T) {
	s, b := newSitter(t), newBench(t)
	deps, err := b.Maker.Deps()
	if err != nil {
		t.Fatal(err)
	}
	bare, faces := []*image.RGBA{s.draw(0, -2), s.draw(0.06, 0), s.draw(0.12, 2)}, make([]landmark.Sample, 0, 3)
	for _, m := range bare {
		found, err := deps.Analyser.Faces(m)
		if err != nil || len(found) != 1 {
			t.Fatal(len(found), err)
		}
		faces = append(faces, found...)
	}
	for name, dress := range map[string]func(m *image.RGBA, p *[landmark.Count]landmark.Point){
		"sunglasses": func(m *image.RGBA, p *[landmark.Count]landmark.Point) {
			daub(m, p, [3]byte{15, 15, 18}, 0.95, 0.27, 0.2, 468, 473)
		},
		"beard": func(m *image.RGBA, p *[landmark.Count]landmark.Point) {
			daub(m, p, [3]byte{25, 15, 10}, 0.6, 0.1, 0.1, 172, 136, 150, 176, 152, 400, 379, 365, 397, 199, 200, 18, 83, 313, 32, 262, 211, 431, 210, 430, 164, 165, 391, 92, 322)
		},
		"make-up": func(m *image.RGBA, p *[landmark.Count]landmark.Point) {
			daub(m, p, [3]byte{200, 0, 40}, 0.6, 0.08, 0.05, 0, 17, 37, 267, 84, 314, 61, 291, 39, 269, 91, 321)
		},
	} {
		for _, dressed := range []int{1, 2} {
			var all []*image.RGBA
			for i, m := range bare {
				m = changed(m, func(x, y int) [3]int { c := m.RGBAAt(x, y); return [3]int{int(c.R), int(c.G), int(c.B)} })
				if i < dressed {
					dress(m, &faces[i].Points)
				}
				all = append(all, m)
			}
			for i, code := range b.judge(t, all) {
				if want := (i < dressed) == (dressed < 2); (code == "differs") != want {
					t.Errorf("%s on the first %d: picture %d is left out: %q", name, dressed, i, code)
				}
			}
		}
	}
}

// TestAddToPersona: pictures that are added are judged by the one that is shown, which stays, however many others there are; what the
// persona knew stays beside what is new.
func TestAddToPersona(t *testing.T) {
	s, b := newSitter(t), newBench(t)
	b.Persona.Attested = true
	dir := t.TempDir()
	teach := func(base *persona.Persona, all ...*image.RGBA) (*persona.Persona, error) {
		b.Base, b.left, b.said = base, nil, nil
		var paths []string
		for i, m := range all {
			paths = append(paths, save(t, dir, strconv.Itoa(i)+".jpg", m))
		}
		return Pictures(t.Context(), paths, b.Options)
	}
	first, err := teach(nil, s.draw(0, 0), s.draw(0.15, 1))
	if err != nil || len(first.Others) != 1 {
		t.Fatal(err, b.said)
	}
	dark := func(m *image.RGBA) *image.RGBA {
		return changed(m, func(x, y int) [3]int {
			c := m.RGBAAt(x, y)
			return [3]int{int(c.R) * 2 / 5, int(c.G) * 2 / 5, int(c.B) * 2 / 5}
		})
	}
	more, err := teach(first, s.draw(0.3, 2), dark(s.draw(0.2, 0)), dark(s.draw(0.1, 0)), dark(s.draw(0, 3)))
	if err != nil {
		t.Fatal(err, b.said)
	}
	if len(more.Others) != 2 || more.Crop != first.Crop || more.Others[0].Crop != first.Others[0].Crop && more.Others[1].Crop != first.Others[0].Crop || !more.Manifest.Attested {
		t.Errorf("%d others: %q", len(more.Others), b.said)
	}
	for _, name := range []string{"1.jpg", "2.jpg", "3.jpg"} {
		if !b.told(name, "light") {
			t.Errorf("nothing is said of the light of %s: %q", name, b.said)
		}
	}
	if len(first.Others) != 1 {
		t.Error("the persona that was added to has changed")
	}
	b.Persona.Attested = false
	if unsaid, err := teach(first, s.draw(0.3, 2)); err != nil || unsaid.Manifest.Attested || !first.Manifest.Attested {
		t.Error("nobody said that the new pictures may be used, but the file does", err)
	}
	if p, err := teach(first, dark(s.draw(0.3, 0))); !errors.Is(err, errNothingNew) || p != nil {
		t.Error(p, err)
	}
}
