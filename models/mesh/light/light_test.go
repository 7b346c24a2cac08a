package light

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const size = 256

// drawn is a face seen from the front, painted as bright as luma says of each landmark's normal (towards the viewer: z below 0).
type drawn struct {
	p       *persona.Persona
	g       *pose.Geometry
	picture planar.Picture
	alpha   *planar.Plane
}

func draw(tb testing.TB, luma func(i int, n motion.Vec3) float32) *drawn {
	tb.Helper()
	d := &drawn{p: meshtest.MonaLisa(tb)}
	d.p.Face.Head.R = motion.Rotation(0, 0, 0)
	var err error
	if d.g, err = pose.New(&d.p.Face, size); err != nil {
		tb.Fatal(err)
	}
	edge := size + 2*d.g.Pad
	d.picture, d.alpha = planar.NewPicture(edge, edge), planar.New(edge, edge)
	l, n := &Light{faces: d.p.Triangles}, skin{}
	if !l.connect(d.g) {
		tb.Fatal("the faces do not wind the same way")
	}
	l.normals(&d.g.Points, &n)
	var bright [landmark.SkinCount]float32
	for i := range n {
		bright[i] = luma(i, unit(n[i]))
	}
	for y := range edge {
		for x := range edge {
			near, best := 0, float32(math.Inf(1))
			for i := range n {
				dx, dy := d.g.At[i].X-float32(x), d.g.At[i].Y-float32(y)
				if r := dx*dx + dy*dy; r < best {
					near, best = i, r
				}
			}
			d.picture[0].Pix[y*edge+x] = bright[near]
			d.alpha.Pix[y*edge+x] = 1
		}
	}
	return d
}

// lit is a face under a light from the picture's left (side -1) or right (1).
func lit(tb testing.TB, side float32) *drawn {
	tb.Helper()
	return draw(tb, func(_ int, n motion.Vec3) float32 { return 16 + 120*max(0.9+0.5*(side*n.X-0.4*n.Y)-0.1*n.Z, 0.2) })
}

func (d *drawn) light() *Light { return New(d.g, d.p.Triangles, d.picture, d.alpha) }

// set moves a shade to st.
func (d *drawn) set(s *Posed, st *motion.State) *pose.Pose {
	now := d.g.NewPose()
	now.Set(st)
	s.Set(now)
	return now
}

// grey is a picture of one level.
func grey(tb testing.TB) *frame.I420 {
	tb.Helper()
	f := meshtest.Frame(tb, size)
	for _, plane := range [][]byte{f.Y, f.U, f.V} {
		for i := range plane {
			plane[i] = 150
		}
	}
	return f
}

// TestTurnedToTheLight: the cheek that a turn brings towards the light gets lighter, and the one that it takes away darker.
func TestTurnedToTheLight(t *testing.T) {
	const leftCheek, rightCheek = 50, 280
	for _, side := range []float32{-1, 1} {
		d := lit(t, side)
		l := d.light()
		if l == nil {
			t.Fatalf("no light is found on side %v", side)
		}
		s := l.NewPosed()
		towards, away := leftCheek, rightCheek // that face the light more, and less
		if side < 0 {
			towards, away = away, towards
		}
		st := meshtest.Turned(d.p, 20*float64(side), 0, 0)
		if turn := st.Head.R[2] * side; turn > 0 { // its z axis points away from the viewer
			st = meshtest.Turned(d.p, -20*float64(side), 0, 0)
		}
		d.set(s, &st)
		if got := s.change[towards]; got < 0.04 || got > most {
			t.Errorf("light on side %v, turned to it: the far cheek changes by %.3f, want 0.04 to %v", side, got, most)
		}
		yaw, _, _ := motion.Angles(st.Head.R)
		st = meshtest.Turned(d.p, -yaw*180/math.Pi, 0, 0)
		d.set(s, &st)
		if got := s.change[away]; got < -most || s.change[towards] > -0.04 {
			t.Errorf("light on side %v, turned from it: cheeks change by %.3f and %.3f", side, s.change[towards], got)
		}
	}
}

// TestJawUnderLightFromAbove: a head that looks down is darker in its lower half.
func TestJawUnderLightFromAbove(t *testing.T) {
	d := draw(t, func(_ int, n motion.Vec3) float32 { return 16 + 130*max(0.8-0.5*n.Y-0.1*n.Z, 0.2) })
	s := d.light().NewPosed()
	const chin = 199
	var got [2]float32
	for i, pitch := range []float64{15, -15} {
		st := meshtest.Turned(d.p, 0, pitch, 0)
		d.set(s, &st)
		got[i] = s.change[chin] * num.Sign(d.normalY(s, &st, chin))
	}
	if got[0] > -0.02 || got[1] > -0.02 {
		t.Errorf("the chin changes by %.3f and %.3f against where it turns", got[0], got[1])
	}
}

// normalY is how much further down a landmark's skin faces than at rest.
func (d *drawn) normalY(s *Posed, st *motion.State, i int) float32 {
	return turned(&st.Head.R, s.normal[i]).Y - turned(&d.g.Head.R, s.normal[i]).Y
}

// TestNothingToFollow: flat light, and brightness that has nothing to do with shape, are left alone.
func TestNothingToFollow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, luma := range map[string]func(i int, n motion.Vec3) float32{
		"flat":  func(int, motion.Vec3) float32 { return 130 },
		"black": func(_ int, n motion.Vec3) float32 { return 18 + 2*n.X },
		"paint": func(int, motion.Vec3) float32 { return 60 + 120*random.Float32() },
		"none":  func(int, motion.Vec3) float32 { return float32(math.NaN()) },
	} {
		if l := draw(t, luma).light(); l != nil {
			t.Errorf("%s: a light is believed", name)
		}
	}
	d := lit(t, 1)
	clear(d.alpha.Pix)
	if d.light() != nil {
		t.Error("a face that is not there has a light")
	}
	d = lit(t, 1)
	d.p.Triangles[3][0], d.p.Triangles[3][1] = d.p.Triangles[3][1], d.p.Triangles[3][0]
	if d.light() != nil {
		t.Error("faces that do not wind the same way have a light")
	}
	var none *Light
	s := none.NewPosed()
	st := meshtest.AtRest(d.p)
	d.set(s, &st)
	f := grey(t)
	s.Draw(f, planar.Band{Y1: size})
	if !bytes.Equal(f.Y, grey(t).Y) {
		t.Error("no light changes a picture")
	}
}

// TestRestIsExact: at rest, and wherever the head is only moved in the picture, no byte changes.
func TestRestIsExact(t *testing.T) {
	d := lit(t, -1)
	s := d.light().NewPosed()
	turn := meshtest.Turned(d.p, 20, 10, 5)
	moved := meshtest.AtRest(d.p)
	moved.Head.T.X += 0.03
	rest := meshtest.AtRest(d.p)
	for name, st := range map[string]*motion.State{"rest": &rest, "moved": &moved} {
		d.set(s, &turn)
		now := d.set(s, st)
		for i, c := range s.change {
			if num.Abs(c) > 1e-6 {
				t.Fatalf("%s: landmark %d changes by %v (%v)", name, i, c, now.Points[i])
			}
		}
		f := grey(t)
		s.Draw(f, planar.Band{Y1: size})
		if want := grey(t); !bytes.Equal(f.Y, want.Y) || !bytes.Equal(f.U, want.U) || !bytes.Equal(f.V, want.V) {
			t.Errorf("%s: the picture changes", name)
		}
	}
}

// TestNoSeam: towards the outline the shade runs out, outside nothing changes, and nowhere do neighbours come apart.
func TestNoSeam(t *testing.T) {
	d := lit(t, -1)
	s := d.light().NewPosed()
	for _, q := range [][3]float64{{25, 0, 0}, {-25, 0, 0}, {10, 15, 20}, {-10, -15, -30}} {
		st := meshtest.Turned(d.p, q[0], q[1], q[2])
		meshtest.Gape(d.p, &st, 0.3)
		now := d.set(s, &st)
		f := grey(t)
		s.Draw(f, planar.Band{Y1: size})
		x0, x1 := float32(size), float32(0)
		for i := range landmark.SkinCount {
			x0, x1 = min(x0, now.Screen[i].X), max(x1, now.Screen[i].X)
		}
		changed := 0
		for y := range size - 1 {
			for x := range size - 1 {
				v := f.Y[y*size+x]
				if v != 150 {
					changed++
				}
				if v != 150 && (float32(x)+1 < x0 || float32(x) > x1) {
					t.Fatalf("turned by %v: (%d, %d) lies outside the face and changes", q, x, y)
				}
				for _, o := range [...]int{1, size} {
					if step := int(f.Y[y*size+x+o]) - int(v); step < -8 || step > 8 {
						t.Fatalf("turned by %v: at (%d, %d) neighbours differ by %d levels", q, x, y, step)
					}
				}
			}
		}
		for _, i := range d.g.Outline {
			if s.change[i] != 0 {
				t.Errorf("turned by %v: landmark %d of the outline changes by %v", q, i, s.change[i])
			}
		}
		if changed < 500 {
			t.Errorf("turned by %v: only %d pixels change", q, changed)
		}
	}
}
