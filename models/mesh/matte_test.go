package mesh

import (
	"image/color"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// withMatte draws st into a new picture that has a matte.
func withMatte(tb testing.TB, r *Renderer, st *motion.State) *frame.I420 {
	tb.Helper()
	f := meshtest.Frame(tb, r.Size())
	f.Matte = frame.NewMatte(f)
	for o := range f.Matte.Luma { // what an earlier picture left
		f.Matte.Luma[o] = byte(o)
	}
	if err := r.Render(f, st); err != nil {
		tb.Fatal(err)
	}
	return f
}

// busyStates are poses in which every layer shows, the marker too.
func busyStates(p *persona.Persona) []motion.State {
	var list []motion.State
	for _, a := range meshtest.Poses() {
		st := meshtest.Turned(p, a[0], a[1], a[2])
		meshtest.Gape(p, &st, 0.35)
		meshtest.Blink(p, &st, 0.5)
		list = append(list, st)
	}
	list[0].HasMarker, list[0].Marker = true, 0x1234
	return list
}

// TestMatteExplainsThePicture: what is left of a picture when the background's share, as the matte has it, is taken out does not
// depend on the background.
func TestMatteExplainsThePicture(t *testing.T) {
	p := meshtest.MonaLisa(t)
	var draws []*Renderer
	for _, c := range []color.RGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, {0, 255, 0, 255}} {
		draws = append(draws, newTestRenderer(t, Options{Size: 256, Background: Background{Mode: BackgroundColour, Colour: c}}))
	}
	const most = 4 // levels: each layer rounds once, for the picture and for its matte
	for i, st := range busyStates(p) {
		black := withMatte(t, draws[0], &st)
		for _, r := range draws[1:] {
			other := withMatte(t, r, &st)
			if string(black.Matte.Luma) != string(other.Matte.Luma) || string(black.Matte.Chroma) != string(other.Matte.Chroma) {
				t.Fatalf("state %d: the matte depends on the background", i)
			}
			plane := func(name string, a, b, under, matte []byte, zero float32) {
				for o, m := range matte {
					left := float32(b[o]) - (float32(under[o])-zero)*float32(255-m)/255
					if d := left - float32(a[o]); d > most || d < -most {
						t.Fatalf("state %d: %s %d of opacity %d is %d over black, and %.1f once the background is out", i, name, o, m, a[o], left)
					}
				}
			}
			plane("Y", black.Y, other.Y, r.Background().Y, other.Matte.Luma, frame.LumaBlack)
			plane("U", black.U, other.U, r.Background().U, other.Matte.Chroma, frame.ChromaZero)
			plane("V", black.V, other.V, r.Background().V, other.Matte.Chroma, frame.ChromaZero)
		}
	}
}

// TestMatteCostsThePictureNothing: a picture is the same bytes with a matte and without, whoever many draw it, and none is allocated.
func TestMatteCostsThePictureNothing(t *testing.T) {
	p := meshtest.MonaLisa(t)
	one, two := newTestRenderer(t, Options{Size: 256}), newTestRenderer(t, Options{Size: 256, Workers: 2})
	for i, st := range busyStates(p) {
		f, g := withMatte(t, one, &st), withMatte(t, two, &st)
		if !same(f, render(t, one, &st)) {
			t.Errorf("state %d: another picture with a matte", i)
		}
		if string(f.Matte.Luma) != string(g.Matte.Luma) || string(f.Matte.Chroma) != string(g.Matte.Chroma) {
			t.Errorf("state %d: two workers draw another matte", i)
		}
		if n := testing.AllocsPerRun(5, func() { _ = one.Render(f, &st) }); n != 0 {
			t.Errorf("state %d: %v allocations", i, n)
		}
	}
}

// TestMatteIsThePerson: the middle of the face is opaque, the sky is not there, and the badge is half transparent.
func TestMatteIsThePerson(t *testing.T) {
	p := meshtest.MonaLisa(t)
	st := meshtest.AtRest(p)
	f := withMatte(t, newTestRenderer(t, Options{Size: 256}), &st)
	nose := st.Head.Apply(st.Points[5])
	if m := f.Matte.Luma[int(nose.Y*256)*256+int(nose.X*256)]; m != 255 {
		t.Errorf("opacity of the nose is %d", m)
	}
	if m := f.Matte.Luma[10*256+10]; m != 0 {
		t.Errorf("opacity of the sky is %d", m)
	}
	up := withMatte(t, newTestRenderer(t, Options{Size: 256, Badge: BadgeTopLeft}), &st)
	b := NewBadge(BadgeTopLeft, 256, 256)
	if m := up.Matte.Luma[(b.y+b.h-2)*256+b.x+b.w/2]; m < badgeDarkAlpha-3 || m > badgeDarkAlpha+3 {
		t.Errorf("opacity of the badge is %d, want %d", m, badgeDarkAlpha)
	}
}
