package mesh

import (
	"bytes"
	"image/color"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// breathing are states of a body that moves by little, and now and then by much.
func breathing(p *persona.Persona) []motion.State {
	var list []motion.State
	for i := range 24 {
		k := float32(i)
		st := meshtest.Turned(p, float64(i%5)*0.1, float64(i%3)*0.2, 0)
		st.Breath, st.Lean.X, st.Lean.Y = 0.03*k-0.3, 0.0004*k, 0.0001*k
		if i%9 == 4 {
			st = meshtest.Turned(p, 20, -10, 15)
		}
		list = append(list, st)
	}
	return list
}

// TestPlateIsThePicture: what is kept of the picture before never shows: drawn in a row, states are the same bytes as each drawn by a
// renderer that has drawn nothing yet, whatever came in between.
func TestPlateIsThePicture(t *testing.T) {
	p := meshtest.MonaLisa(t)
	one, two := newTestRenderer(t, Options{Size: 256}), newTestRenderer(t, Options{Size: 256, Workers: 2})
	plain := Background{Mode: BackgroundColour, Colour: color.RGBA{R: 200, G: 30, B: 90, A: 255}}
	states := breathing(p)
	for i, st := range states {
		if i == 12 {
			for _, r := range []*Renderer{one, two} {
				if err := r.SetBackground(plain); err != nil {
					t.Fatal(err)
				}
			}
		}
		fresh, err := one.Fork()
		if err != nil {
			t.Fatal(err)
		}
		want := render(t, fresh, &st)
		if i%7 == 3 { // a picture that is begun and not drawn
			if err := one.Begin(want, &states[i-1]); err != nil {
				t.Fatal(err)
			}
			one.DrawRows(meshtest.Frame(t, 256), 0, 100, false)
		}
		if i%7 == 5 {
			f := meshtest.Frame(t, 256)
			f.Matte = frame.NewMatte(f)
			if err := one.Render(f, &st); err != nil || !same(f, want) {
				t.Errorf("state %d with a matte is another picture (%v)", i, err)
			}
		}
		f := meshtest.Frame(t, 256)
		if err := one.Begin(f, &st); err != nil {
			t.Fatal(err)
		}
		cut := 2 * (i * 37 % 128)
		one.DrawRows(f, cut, 256, true)
		one.DrawRows(f, 0, cut, false)
		one.End(f, &st)
		if !same(f, want) || !same(render(t, two, &st), want) {
			t.Errorf("state %d: what was drawn before shows", i)
		}
	}
}

// TestThriftLetsABodyStand: with thrift a body that moves by little stands in every second picture, and in all others, and where it moves
// by more, the picture is what it is without.
func TestThriftLetsABodyStand(t *testing.T) {
	const size, low = 256, 240 // rows from low on show no head
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: size, Badge: BadgeNone})
	plain, err := r.Fork()
	if err != nil {
		t.Fatal(err)
	}
	r.SetThrift(true)
	var before, wanted *frame.I420
	stood, saved := 0, 0
	for i, st := range breathing(p) {
		if i == 20 {
			r.SetThrift(false)
		}
		got, want := render(t, r, &st), render(t, plain, &st)
		switch {
		case !r.stood && !same(got, want):
			t.Errorf("state %d: another picture though the body moves", i)
		case r.stood && (i == 4 || i == 5 || i >= 20):
			t.Errorf("state %d: the body stands", i)
		case r.stood && i > 0:
			stood++
			if !bytes.Equal(got.Y[low*size:], before.Y[low*size:]) {
				t.Errorf("state %d: a body that stands moves", i)
			}
			if !bytes.Equal(want.Y[low*size:], wanted.Y[low*size:]) {
				saved++
			}
		}
		before, wanted = got, want
	}
	if stood < 6 || saved < 2 {
		t.Errorf("the body stood in %d pictures and would have moved in %d of them", stood, saved)
	}
}

// TestNoCracks: wherever a breath and a lean carry the body, no row of pixels between its triangles stays what lies behind.
func TestNoCracks(t *testing.T) {
	p := meshtest.MonaLisa(t)
	r := newTestRenderer(t, Options{Size: 256, Badge: BadgeNone})
	st := meshtest.AtRest(p)
	inside := bytes.Clone(withMatte(t, r, &st).Matte.Luma)
	const edge = 4 // pixels; the body moves by less
	f := meshtest.Frame(t, 256)
	f.Matte = frame.NewMatte(f)
	for i := range 400 {
		st.Breath, st.Lean.X = float32(i)/200-1, float32(i%7)*1e-5
		if err := r.Render(f, &st); err != nil {
			t.Fatal(err)
		}
		for y := 170; y < 256-edge; y++ {
			for x := edge; x < 256-edge; x++ {
				o := y*256 + x
				if f.Matte.Luma[o] < 250 && inside[o-edge*256] == 255 && inside[o+edge*256] == 255 && inside[o-edge] == 255 && inside[o+edge] == 255 {
					t.Fatalf("breath %.3f: the body has a hole at (%d, %d): opacity %d", st.Breath, x, y, f.Matte.Luma[o])
				}
			}
		}
	}
}
