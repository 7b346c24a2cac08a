package views

import (
	"bytes"
	"image"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const size = 384

// renderer draws the Mona Lisa without what further views know.
func renderer(tb testing.TB, p *persona.Persona) *mesh.Renderer {
	tb.Helper()
	r, err := mesh.New(p, mesh.Options{Size: size, Badge: mesh.BadgeNone})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return r
}

func draw(tb testing.TB, r *mesh.Renderer, st *motion.State) *frame.I420 {
	tb.Helper()
	f := meshtest.Frame(tb, size)
	if err := r.Render(f, st); err != nil {
		tb.Fatal(err)
	}
	return f
}

// gaping is a moment with an open mouth.
func gaping(p *persona.Persona, open float32) motion.State {
	st := meshtest.AtRest(p)
	meshtest.Gape(p, &st, open)
	return st
}

// photograph makes a view of a moment: what is drawn for it, but with green teeth and a mole on the cheek, in another light.
func photograph(tb testing.TB, r *mesh.Renderer, st *motion.State, light float32) persona.View {
	tb.Helper()
	f := green(draw(tb, r, st), st)
	for i, y := range f.Y {
		f.Y[i] = byte(16 + light*(float32(y)-16))
	}
	v := persona.View{Crop: image.NewRGBA(image.Rect(0, 0, size, size)), Inside: image.NewGray(image.Rect(0, 0, size, size))}
	v.Matte = image.NewGray(v.Inside.Rect)
	if err := f.ToRGBA(v.Crop); err != nil {
		tb.Fatal(err)
	}
	for i := range v.Inside.Pix {
		v.Inside.Pix[i], v.Matte.Pix[i] = 255, 255
	}
	v.Face = motion.Rest{Head: st.Head, Points: st.Points, Neutral: st.Points}
	return v
}

// green is a frame as a photograph shows it.
func green(f *frame.I420, st *motion.State) *frame.I420 {
	mark := func(q motion.Vec3, radius float32, y, u, v byte) {
		q = st.Head.Apply(q)
		n := radius * st.Head.Scale * size
		for j := -int(n); j <= int(n); j++ {
			for i := -int(n); i <= int(n); i++ {
				x, k := int(q.X*size)+i, int(q.Y*size)+j
				f.Y[k*size+x] = y
				f.U[k/2*size/2+x/2], f.V[k/2*size/2+x/2] = u, v
			}
		}
	}
	if gap := st.Points[14].Y - st.Points[13].Y; gap > 0.1 {
		mark(motion.Middle(st.Points[13], st.Points[14]), gap/3, 150, 60, 60)
	}
	mark(st.Points[50], 0.05, 40, 128, 128)
	return f
}

// taught is the Mona Lisa with views of an open mouth.
func taught(tb testing.TB) (*persona.Persona, *mesh.Renderer) {
	tb.Helper()
	p := meshtest.MonaLisa(tb)
	r := renderer(tb, p)
	for i, open := range []float32{0.2, 0.3, 0.25} {
		st := gaping(p, open)
		p.Others = append(p.Others, photograph(tb, r, &st, 1-0.15*float32(i)))
	}
	return p, r
}

func newViews(tb testing.TB, p *persona.Persona, r *mesh.Renderer) *Views {
	tb.Helper()
	v, err := New(p, size, r.Render)
	if err != nil || v == nil {
		tb.Fatal(v, err)
	}
	return v
}

// TestViewsAreShown: a moment like that of a view is shown as the view has it, in the portrait's light; the portrait's own stays.
func TestViewsAreShown(t *testing.T) {
	p, r := taught(t)
	posed := newViews(t, p, r).NewPosed()
	for _, open := range []float32{0.2, 0.22, 0.27} {
		st := gaping(p, open)
		was := draw(t, r, &st)
		want := green(draw(t, r, &st), &st)
		got := draw(t, r, &st)
		if err := posed.Paint(got, &st, 0); err != nil {
			t.Fatal(err)
		}
		before, after := mouthError(was, want, &st), mouthError(got, want, &st)
		if after > 0.5*before {
			t.Errorf("open by %.2f: the mouth is off by %.1f, without views by %.1f", open, after, before)
		}
	}
	rest := meshtest.AtRest(p)
	was, got := draw(t, r, &rest), draw(t, r, &rest)
	if err := posed.Paint(got, &rest, 0); err != nil {
		t.Fatal(err)
	}
	if db := meshtest.PSNR(was, got, nil); db < 45 {
		t.Errorf("at rest the portrait is %.1f dB from itself, want 45", db)
	}
}

// mouthError is the mean difference of luma and chroma between the lips.
func mouthError(got, want *frame.I420, st *motion.State) float64 {
	var sum, n float64
	c := st.Head.Apply(motion.Middle(st.Points[13], st.Points[14]))
	half := int((st.Points[14].Y - st.Points[13].Y) / 3 * st.Head.Scale * size)
	for y := int(c.Y*size) - half; y <= int(c.Y*size)+half; y++ {
		for x := int(c.X*size) - half; x <= int(c.X*size)+half; x++ {
			o, k := y*size+x, y/2*size/2+x/2
			sum += math.Abs(float64(got.Y[o])-float64(want.Y[o])) + math.Abs(float64(got.U[k])-float64(want.U[k])) + math.Abs(float64(got.V[k])-float64(want.V[k]))
			n++
		}
	}
	return sum / n
}

// TestNothingToAdd: a persona of one view has none, nor has one whose others cannot be used.
func TestNothingToAdd(t *testing.T) {
	p, r := taught(t)
	others := p.Others
	p.Others = nil
	if v, err := New(p, size, r.Render); v != nil || err != nil {
		t.Error("one view:", v, err)
	}
	dark := others[0]
	dark.Crop = image.NewRGBA(dark.Crop.Rect)
	p.Others = []persona.View{dark}
	if v, err := New(p, size, r.Render); v != nil || err != nil {
		t.Error("a black view:", v, err)
	}
	far := others[0]
	far.Face.Head.Scale *= 100
	p.Others = []persona.View{far}
	if v, err := New(p, size, r.Render); v != nil || err != nil {
		t.Error("a face out of reach:", v, err)
	}
}

// TestPaintIsContinuous: a small change of the face changes the picture a little, also between views.
func TestPaintIsContinuous(t *testing.T) {
	p, r := taught(t)
	posed := newViews(t, p, r).NewPosed()
	var last *frame.I420
	for i := range 80 {
		st := gaping(p, 0.005*float32(i))
		f := draw(t, r, &st)
		if err := posed.Paint(f, &st, 0); err != nil {
			t.Fatal(err)
		}
		if last != nil {
			if db := meshtest.PSNR(last, f, nil); db < 30 {
				t.Fatalf("step %d: two neighbouring moments are only %.1f dB alike", i, db)
			}
		}
		last = f
	}
}

// TestHostileStates: whatever a state holds, Paint ends and stays in the picture, and left of a column nothing changes.
func TestHostileStates(t *testing.T) {
	p, r := taught(t)
	posed := newViews(t, p, r).NewPosed()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for i, spoil := range []func(st *motion.State){
		func(st *motion.State) { st.Head.Scale = nan },
		func(st *motion.State) { st.Head.Scale = 1e9 },
		func(st *motion.State) { st.Head.T.X = inf },
		func(st *motion.State) { st.Head.R[4] = -1e9 },
		func(st *motion.State) { st.Points[13] = motion.Vec3{X: nan, Y: inf, Z: -inf} },
		func(st *motion.State) { st.Points[78].X, st.Points[308].X = 1e30, -1e30 },
		func(st *motion.State) { st.Lid[0] = nan },
		func(st *motion.State) { st.Head.T.X, st.Head.T.Y = 0.95, 0.02 },
		func(st *motion.State) { *st = motion.State{} },
	} {
		st := gaping(p, 0.25)
		spoil(&st)
		f := meshtest.Frame(t, size)
		if err := posed.Paint(f, &st, 0); err != nil {
			t.Errorf("state %d: %v", i, err)
		}
	}
	st := gaping(p, 0.25)
	was, got := draw(t, r, &st), draw(t, r, &st)
	if err := posed.Paint(got, &st, size); err != nil || !bytes.Equal(was.Y, got.Y) || !bytes.Equal(was.U, got.U) {
		t.Error("something was painted left of the column", err)
	}
	if err := posed.Paint(meshtest.Frame(t, size/2), &st, 0); err == nil {
		t.Error("a picture of another size was accepted")
	}
}

// TestPaintAllocatesNothing on the loop.
func TestPaintAllocatesNothing(t *testing.T) {
	p, r := taught(t)
	posed := newViews(t, p, r).NewPosed()
	st := gaping(p, 0.25)
	f := draw(t, r, &st)
	if n := testing.AllocsPerRun(10, func() { _ = posed.Paint(f, &st, 0) }); n != 0 {
		t.Errorf("%v allocations for one frame", n)
	}
}

// BenchmarkPaint is one frame of a film of a persona of 16 views; Draw is the geometric layer's, to compare.
func BenchmarkPaint(b *testing.B) {
	p, r := taught(b)
	for i := range 12 {
		st := gaping(p, 0.1+0.02*float32(i))
		p.Others = append(p.Others, photograph(b, r, &st, 1))
	}
	v := newViews(b, p, r)
	posed := v.NewPosed()
	var film []motion.State // no two neighbours of which are mixed alike
	for i := range 32 {
		film = append(film, gaping(p, 0.2+0.1*float32(math.Sin(float64(i)))))
	}
	f := draw(b, r, &film[0])
	b.Run("Paint", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_ = posed.Paint(f, &film[i%len(film)], 0)
		}
	})
	b.Run("Draw", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_ = r.Render(f, &film[i%len(film)])
		}
	})
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			newViews(b, p, r)
		}
	})
}
