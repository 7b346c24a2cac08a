package mesh

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// pair is the Mona Lisa at half size on the left, and once more on the right, as somebody else.
func pair(t *testing.T) *persona.Persona {
	t.Helper()
	p := meshtest.MonaLisa(t)
	whole, matte := *p.Crop, *p.Matte
	p.Crop, p.Matte = image.NewRGBA(whole.Rect), image.NewGray(matte.Rect)
	for y := range 512 {
		for x := range 512 {
			sx, sy := 2*(x%256), max(2*(y-200), 0)
			if sy > 511 {
				sy = 511
			}
			p.Crop.SetRGBA(x, y, whole.RGBAAt(sx, sy))
			if y >= 200 {
				p.Matte.SetGray(x, y, matte.GrayAt(sx, sy))
			}
		}
	}
	p.Face.Head.Scale *= 0.5
	p.Face.Head.T.X, p.Face.Head.T.Y, p.Face.Head.T.Z = p.Face.Head.T.X/2, p.Face.Head.T.Y/2+200.0/512, p.Face.Head.T.Z/2
	return p
}

// TestNeighboursStayWhole: what the matte takes for the person, and no part of them can be, is left where it is.
func TestNeighboursStayWhole(t *testing.T) {
	p := pair(t)
	r, err := New(p, Options{Size: 512, Badge: BadgeNone})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rest, turned := meshtest.AtRest(p), meshtest.Turned(p, 12, 5, 5)
	want := meshtest.Frame(t, 512)
	if err := want.FromRGBA(p.Crop); err != nil {
		t.Fatal(err)
	}
	if db := meshtest.PSNR(render(t, r, &rest), want, nil); db < 35 {
		t.Errorf("at rest two people are %.1f dB from their picture, want 35", db)
	}
	neighbour := func(x, y int) bool { return x > 340 && y > 200 && y < 280 } // hair and face, above the shoulders
	if db := meshtest.PSNR(render(t, r, &turned), want, neighbour); db < 45 {
		t.Errorf("the neighbour moves along: %.1f dB from the picture, want 45", db)
	}
}

func TestRestIsThePicture(t *testing.T) {
	p := meshtest.MonaLisa(t)
	for _, size := range []int{256, 512, 768} {
		r := newTestRenderer(t, Options{Size: size, Badge: BadgeNone})
		st := meshtest.AtRest(p)
		src := matte.Separate(matte.Source{Crop: p.Crop, Matte: p.Matte, Inside: p.Inside}, matte.Bounds{}, size, 0)
		want := meshtest.Frame(t, size)
		copy(want.Y, src.Picture[0].Bytes(1))
		if db := meshtest.PSNR(render(t, r, &st), want, nil); db < 35 {
			t.Errorf("size %d: rest is %.1f dB from the picture, want 35", size, db)
		}
	}
}

func TestStillIsStill(t *testing.T) {
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: 256})
	st, other := meshtest.Turned(p, 8, 3, -4), meshtest.Turned(p, -25, 10, 20)
	meshtest.Gape(p, &st, 0.2)
	first := render(t, r, &st)
	render(t, r, &other)
	if again := render(t, r, &st); !same(first, again) {
		t.Error("the same state gave another picture after a different one was drawn between")
	}
	if twin, err := r.Fork(); err != nil || !same(first, render(t, twin, &st)) {
		t.Errorf("a fork draws something else (%v)", err)
	}
}

func same(a, b *frame.I420) bool {
	return bytes.Equal(a.Y, b.Y) && bytes.Equal(a.U, b.U) && bytes.Equal(a.V, b.V)
}

func TestWorkersGiveTheSameBytes(t *testing.T) {
	p := meshtest.MonaLisa(t)
	st := meshtest.Turned(p, 20, -10, 12)
	meshtest.Gape(p, &st, 0.3)
	one := render(t, newTestRenderer(t, Options{Size: 300}), &st)
	for n := 2; n <= 4; n++ {
		if !same(one, render(t, newTestRenderer(t, Options{Size: 300, Workers: n}), &st)) {
			t.Errorf("%d workers draw something else than one", n)
		}
	}
}

// TestBackgroundIsStable: pixels that no layer reaches in either of two poses are the same byte.
func TestBackgroundIsStable(t *testing.T) {
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: 256, Badge: BadgeNone})
	a, b := meshtest.Turned(p, 10, 0, 0), meshtest.Turned(p, -10, 5, 5)
	fa, fb := render(t, r, &a), render(t, r, &b)
	far := 0
	for y := range 60 { // above the hair
		for x := range 256 {
			if y < 14 || x < 30 {
				far++
				if fa.Y[y*256+x] != fb.Y[y*256+x] || fa.Y[y*256+x] != r.background.Y[y*256+x] {
					t.Fatalf("background pixel (%d, %d) moved", x, y)
				}
			}
		}
	}
	if far == 0 {
		t.Fatal("nothing was compared")
	}
}

// TestNoHoles draws the person over a colour that it does not contain: inside the face none may shine through.
func TestNoHoles(t *testing.T) {
	p := meshtest.MonaLisa(t)
	green := Background{Mode: BackgroundColour, Colour: color.RGBA{0, 255, 0, 255}}
	r := newTestRenderer(t, Options{Size: 512, Badge: BadgeNone, Background: green})
	for _, a := range meshtest.Poses() {
		st := meshtest.Turned(p, a[0], a[1], a[2])
		meshtest.Gape(p, &st, 0.35)
		f := render(t, r, &st)
		for i := range landmark.SkinCount {
			q := st.Head.Apply(st.Points[i])
			mid := st.Head.Apply(st.Points[5])
			// Landmarks drawn a tenth towards the nose lie inside the face.
			x, y := int((q.X+(mid.X-q.X)*0.1)*512), int((q.Y+(mid.Y-q.Y)*0.1)*512)
			if x < 0 || y < 0 || x >= 512 || y >= 512 {
				continue
			}
			if c := y/2*256 + x/2; f.U[c] < 80 && f.V[c] < 60 {
				t.Fatalf("pose %v: the background shines through at (%d, %d), landmark %d", a, x, y, i)
			}
		}
	}
}

// TestNoJumps: a small change of state changes the picture a little.
func TestNoJumps(t *testing.T) {
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: 256, Badge: BadgeNone})
	draw := func(t0 float64) *frame.I420 {
		st := meshtest.Turned(p, 20*math.Sin(t0), 8*math.Cos(t0), 0)
		meshtest.Gape(p, &st, float32(0.2+0.2*math.Sin(2*t0)))
		meshtest.Blink(p, &st, float32(0.5+0.5*math.Cos(3*t0)))
		return render(t, r, &st)
	}
	last := draw(0)
	for i := 1; i <= 120; i++ {
		next := draw(float64(i) * math.Pi / 600)
		if db := meshtest.PSNR(last, next, nil); db < 28 {
			t.Fatalf("step %d: two neighbouring moments are only %.1f dB alike", i, db)
		}
		last = next
	}
}

func TestNothingIsAllocated(t *testing.T) {
	p := meshtest.MonaLisa(t)
	for _, workers := range []int{1, 2} {
		r := newTestRenderer(t, Options{Size: 256, Workers: workers})
		f := meshtest.Frame(t, 256)
		st := meshtest.Turned(p, 10, 5, 3)
		meshtest.Gape(p, &st, 0.3)
		meshtest.Blink(p, &st, 0.5)
		st.HasMarker = true
		if n := testing.AllocsPerRun(20, func() { _ = r.Render(f, &st) }); n != 0 {
			t.Errorf("%d workers: %v allocations for one frame", workers, n)
		}
	}
}

func TestRefuses(t *testing.T) {
	p := meshtest.MonaLisa(t)
	for name, opt := range map[string]Options{
		"odd size": {Size: 511}, "small": {Size: 94}, "large": {Size: 2048}, "workers": {Workers: 9},
		"badge": {Badge: 77}, "background": {Background: Background{Mode: 99}}, "no image": {Background: Background{Mode: BackgroundImage}},
	} {
		if r, err := New(p, opt); err == nil {
			r.Close()
			t.Errorf("%s was accepted", name)
		}
	}
	broken := map[string]func(p *persona.Persona){
		"no crop":      func(p *persona.Persona) { p.Crop = nil },
		"no matte":     func(p *persona.Persona) { p.Matte = nil },
		"no triangles": func(p *persona.Persona) { p.Triangles = nil },
		"bad triangle": func(p *persona.Persona) { p.Triangles = [][3]uint16{{1, 2, 470}} },
		"behind of another size": func(p *persona.Persona) {
			p.Behind = &persona.Behind{Picture: image.NewRGBA(image.Rect(0, 0, 64, 64)), Seen: image.NewGray(p.Crop.Rect)}
		},
		"no pose":      func(p *persona.Persona) { p.Face.Head = motion.Rigid{} },
		"not a number": func(p *persona.Persona) { p.Face.Points[7].X = float32(math.NaN()) },
	}
	for name, spoil := range broken {
		p := meshtest.MonaLisa(t)
		spoil(p)
		if _, err := New(p, Options{Size: 256}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := New(nil, Options{}); err == nil {
		t.Error("no persona was accepted")
	}
	r := newTestRenderer(t, Options{Size: 256})
	st := meshtest.AtRest(p)
	if r.Render(meshtest.Frame(t, 300), &st) == nil || r.Render(nil, &st) == nil || r.Render(meshtest.Frame(t, 256), nil) == nil {
		t.Error("a wrong target was accepted")
	}
}
