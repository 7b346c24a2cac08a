package compositor

import (
	"bytes"
	"image"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
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
