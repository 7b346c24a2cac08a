package compositor

import (
	"bytes"
	"errors"
	"image"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const knownSize = 256

// whiteMouthed is the Mona Lisa with one more view: her mouth open, and all white behind the lips.
func whiteMouthed(t *testing.T) (*persona.Persona, motion.State) {
	t.Helper()
	p := meshtest.MonaLisa(t)
	p.Manifest.ID = "lisa"
	st := meshtest.AtRest(p)
	meshtest.Gape(p, &st, 0.25)
	r, err := mesh.New(p, mesh.Options{Size: 512, Badge: mesh.BadgeNone})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f := meshtest.Frame(t, 512)
	if err := r.Render(f, &st); err != nil {
		t.Fatal(err)
	}
	c := st.Head.Apply(motion.Middle(st.Points[13], st.Points[14]))
	for y := -20; y < 20; y++ {
		for x := -40; x < 40; x++ {
			f.Y[(int(c.Y*512)+y)*512+int(c.X*512)+x] = 235
		}
	}
	v := persona.View{Crop: image.NewRGBA(image.Rect(0, 0, 512, 512)), Inside: p.Inside, Matte: p.Matte}
	if err := f.ToRGBA(v.Crop); err != nil {
		t.Fatal(err)
	}
	v.Face = motion.Rest{Head: st.Head, Points: st.Points, Neutral: st.Points}
	p.Others = []persona.View{v}
	return p, st
}

// shown is what a generator draws of a subject.
func shown(t *testing.T, g pipeline.Generator, s *Subject, st *motion.State) *frame.I420 {
	t.Helper()
	f := meshtest.Frame(t, knownSize)
	job := []pipeline.Job{{Subject: s, State: st, Dst: f}}
	g.Generate(job)
	if job[0].Err != nil {
		t.Fatal(job[0].Err)
	}
	return f
}

// white is the mean luma between the lips from column left on.
func white(f *frame.I420, st *motion.State, from, to float32) float64 {
	var sum, n float64
	c := st.Head.Apply(motion.Middle(st.Points[13], st.Points[14]))
	for y := int(c.Y*knownSize) - 3; y < int(c.Y*knownSize)+3; y++ {
		for x := int((c.X + from) * knownSize); x < int((c.X+to)*knownSize); x++ {
			sum, n = sum+float64(f.Y[y*knownSize+x]), n+1
		}
	}
	return sum / n
}

// TestFurtherViewsAreDrawn with the geometric layer alone, with both, and not left of the line of a comparison.
func TestFurtherViewsAreDrawn(t *testing.T) {
	testenv.Full(t)
	n := testenv.Networks(t)
	model, err := portrait.Load(n.Runtime, filepath.Join("..", "..", "..", "models", "portrait", "weights", "gioconda-s"))
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, model)
	p, st := whiteMouthed(t)
	alone := *p
	alone.Others = nil
	for name, m := range map[string]*portrait.Model{"geometric": nil, "both": model} {
		c := NewCache(mesh.Options{Size: knownSize, Badge: mesh.BadgeNone}, m, nil)
		g := New(m)
		open := func(p *persona.Persona) *Subject {
			s, err := c.Open(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			return s
		}
		one, two := open(&alone), open(p)
		was, is := shown(t, g, one, &st), shown(t, g, two, &st)
		if a, b := white(was, &st, -0.03, 0.03), white(is, &st, -0.03, 0.03); b < 180 || a > 150 {
			t.Errorf("%s: between the lips luma is %.0f, without the view %.0f", name, b, a)
		}
		if !bytes.Equal(is.Y, shown(t, g, open(p), &st).Y) {
			t.Errorf("%s: another session is drawn another way", name)
		}
		if m != nil {
			look := *two.look.Load()
			look.Split = st.Head.Apply(st.Points[13]).X
			two.look.Store(&look)
			if split := shown(t, g, two, &st); white(split, &st, -0.04, -0.02) > 150 || white(split, &st, 0.02, 0.04) < 180 {
				t.Error("a comparison does not show before and after")
			}
			look.Split, look.Plain = 0, true
			two.look.Store(&look)
			if plain := shown(t, g, two, &st); white(plain, &st, -0.03, 0.03) < 180 {
				t.Error("without the learned layer the view is not drawn")
			}
		}
		if allocs := testing.AllocsPerRun(5, func() { g.Generate([]pipeline.Job{{Subject: two, State: &st, Dst: is}}) }); allocs > 1 { // the slice of this test
			t.Errorf("%s: %v allocations for one frame", name, allocs)
		}
		c.Close()
	}
}

// tuned is p whose learned layer is tuned to what its encoders find anyway: what differs is the order.
func tuned(t *testing.T, m *portrait.Model, p *persona.Persona) *persona.Persona {
	t.Helper()
	look, err := m.Plain(p)
	if err != nil {
		t.Fatal(err)
	}
	return m.KeepTuned(p, look)
}

// byHand draws geometry, further views and, with m, the learned layer of p one after the other, from the column split on.
func byHand(t *testing.T, m *portrait.Model, p *persona.Persona, st *motion.State, split float32) *frame.I420 {
	t.Helper()
	r, err := mesh.New(p, mesh.Options{Size: knownSize, Badge: mesh.BadgeNone})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := views.New(p, knownSize, r.Render)
	if err != nil {
		t.Fatal(err)
	}
	f := meshtest.Frame(t, knownSize)
	if err := errors.Join(r.Render(f, st), v.NewPosed().Paint(f, st, 0)); err != nil {
		t.Fatal(err)
	}
	if m == nil {
		return f
	}
	look, err := m.Appearance(p)
	if err != nil {
		t.Fatal(err)
	}
	painter, err := m.NewPainter(look, knownSize)
	if err != nil {
		t.Fatal(err)
	}
	painter.Split(split)
	if err := painter.Paint(f, st); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestTunedPaintsOverViews: where the learned layer is tuned the order is geometry, further views, learned layer, and the views are not
// looked at for another; a comparison, a plain look and a fault show geometry and views.
func TestTunedPaintsOverViews(t *testing.T) {
	model := shipped(t)
	plain, _ := whiteMouthed(t)
	p := tuned(t, model, plain)
	st := meshtest.AtRest(p)
	meshtest.Gape(p, &st, 0.15)
	c := NewCache(mesh.Options{Size: knownSize, Badge: mesh.BadgeNone}, model, nil)
	t.Cleanup(c.Close)
	s, err := c.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if s.plain == nil || s.whole != nil || !c.ready[0].know.whole.idle() {
		t.Error("what views add to both layers was looked for")
	}
	without, with := byHand(t, nil, p, &st, 0), byHand(t, model, p, &st, 0)
	middle := st.Head.Apply(st.Points[13]).X
	before := *s.look.Load()
	look := func(change func(*Look)) {
		next := before
		change(&next)
		s.look.Store(&next)
	}
	for name, g := range map[string]pipeline.Generator{"serial": New(model), "parallel": NewParallel(model, 1), "alone": NewParallel(model, 0)} {
		look(func(*Look) {})
		if !samePicture(shown(t, g, s, &st), with) || samePicture(with, without) {
			t.Errorf("%s: not the learned layer over the views", name)
		}
		look(func(l *Look) { l.Plain = true })
		if !samePicture(shown(t, g, s, &st), without) {
			t.Errorf("%s: not the views alone", name)
		}
		look(func(l *Look) { l.Split = middle })
		half := shown(t, g, s, &st)
		if !samePicture(half, byHand(t, model, p, &st, middle)) || samePicture(half, with) || samePicture(half, without) {
			t.Errorf("%s: a comparison does not show the views left and both right", name)
		}
		if g, ok := g.(*Parallel); ok {
			g.Close()
		}
	}
	look(func(*Look) {})
	if !samePicture(shown(t, Geometric{}, s, &st), without) {
		t.Error("the geometric layer does not draw the views")
	}
	o, err := c.Open(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	if o.whole == nil || samePicture(shown(t, New(model), o, &st), with) {
		t.Error("what is not tuned is drawn in the same order")
	}
	if err := model.Close(); err != nil {
		t.Fatal(err)
	}
	faults := 0
	s.ReportFaults(func(error) { faults++ })
	if !samePicture(shown(t, New(model), s, &st), without) || faults != 1 {
		t.Errorf("%d faults; with one the picture is not that of geometry and views", faults)
	}
}

// TestAFaultOverViews: where the learned layer has nothing usable, a picture is that of geometry and the views that this lacks, with what
// belongs on top once, whether it would have painted under them or over them, whoever draws and however many there are.
func TestAFaultOverViews(t *testing.T) {
	model := loaded(t, testenv.NaNGenerator(t, t.TempDir()))
	plain, st := whiteMouthed(t)
	o := mesh.Options{Size: knownSize}
	for name, p := range map[string]*persona.Persona{"over": plain, "under": tuned(t, model, plain)} {
		c, alone := NewCache(o, model, nil), NewCache(o, nil, nil)
		t.Cleanup(c.Close)
		t.Cleanup(alone.Close)
		s, err := c.Open(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		bare, err := alone.Open(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(bare.Close)
		want := shown(t, Geometric{}, bare, &st)
		for kind, g := range map[string]pipeline.Generator{"serial": New(model), "parallel": NewParallel(model, 1), "alone": NewParallel(model, 0)} {
			faults := 0
			s.ReportFaults(func(error) { faults++ })
			for range 2 {
				if !samePicture(shown(t, g, s, &st), want) {
					t.Errorf("%s, %s: not the picture of geometry and views", name, kind)
				}
			}
			if faults != 2 {
				t.Errorf("%s, %s: %d faults in two pictures", name, kind, faults)
			}
			if g, ok := g.(*Parallel); ok {
				g.Close()
			}
		}
	}
}
