package tuning

import (
	"context"
	"errors"
	"image"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// sitter is a painting that opens its mouth before a camera.
type sitter struct {
	persona *persona.Persona
	model   *portrait.Model
	draw    *reenact.Reenactor
}

func newSitter(t *testing.T) *sitter {
	t.Helper()
	testenv.Full(t)
	n := testenv.Networks(t)
	maker := personas.NewMaker(n, t.TempDir())
	testenv.CloseAfter(t, maker)
	lisa, err := maker.MonaLisa(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown := image.NewRGBA(lisa.Crop.Rect)
	copy(shown.Pix, lisa.Crop.Pix)
	deps, err := maker.Deps()
	if err != nil {
		t.Fatal(err)
	}
	s := &sitter{}
	if s.persona, err = persona.BuildImage(t.Context(), shown, "x", deps, persona.Options{}, nil); err != nil {
		t.Fatal(err)
	}
	dir, err := fs.Sub(portrait.Shipped(), "gioconda-s")
	if err != nil {
		t.Fatal(err)
	}
	if s.model, err = portrait.Open(n.Runtime, dir, ort.Device{}); err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, s.model)
	if s.draw, err = reenact.Open(s.persona, size, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.draw.Close)
	return s
}

// opens is the sitter's face, in units of its own picture's width, with lips that are gap apart.
func (s *sitter) opens(gap float32) *landmark.Sample {
	one := &landmark.Sample{Score: 1}
	rest := &s.persona.Face
	points := rest.Points
	for _, c := range motion.LipColumns() {
		for _, i := range c.Lower {
			points[i].Y += gap
		}
	}
	w, _ := s.persona.Full.Size()
	k := float32(s.persona.Place.Edge) / float32(w)
	x, y := float32(s.persona.Place.X)/float32(w), float32(s.persona.Place.Y)/float32(w)
	for i, q := range points {
		q = rest.Head.Apply(q)
		one.Points[i] = landmark.Point{X: q.X*k + x, Y: q.Y*k + y, Z: q.Z * k}
	}
	return one
}

// film adds n frames, in which the mouth shows what of says of a row between the lips, 0..1.
func (s *sitter) film(t *testing.T, f *Film, n int, of func(frame int, row float32) byte) {
	t.Helper()
	for k := range n {
		one := s.opens(0.08 + 0.12*float32(k%7)/7)
		if !Opened(one) {
			t.Fatal("an open mouth is not seen")
		}
		place := reenact.PlaceOf(s.persona)
		if err := s.draw.Draw(one, place, time.Unix(1000, 0)); err != nil {
			t.Fatal(err)
		}
		// The picture is the crop, enlarged, so that it lies at a place of its own.
		w, h := s.persona.Full.Size()
		view, crop := image.NewRGBA(image.Rect(0, 0, w, h)), image.NewRGBA(image.Rect(0, 0, size, size))
		if err := s.draw.Drawn.ToRGBA(crop); err != nil {
			t.Fatal(err)
		}
		st := &s.draw.State
		up, low := st.Head.Apply(st.Points[13]), st.Head.Apply(st.Points[14])
		for y := range h {
			for x := range w {
				cx, cy := (float64(x)+0.5-s.persona.Place.X)/s.persona.Place.Edge, (float64(y)+0.5-s.persona.Place.Y)/s.persona.Place.Edge
				i, j := min(max(int(cx*size), 0), size-1), min(max(int(cy*size), 0), size-1)
				copy(view.Pix[view.PixOffset(x, y):], crop.Pix[crop.PixOffset(i, j):][:4])
				if row := (float32(cy) - up.Y) / (low.Y - up.Y); row > 0 && row < 1 && cx > float64(up.X)-0.06 && cx < float64(up.X)+0.06 {
					v := of(k, row)
					copy(view.Pix[view.PixOffset(x, y):], []byte{v, v, v})
				}
			}
		}
		if err := f.Add(view, one, None); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFit: what a mouth shows in all frames is learned, and shown in those that were kept out.
func TestFit(t *testing.T) {
	s := newSitter(t)
	f, err := Open(s.persona, s.model, nil)
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, f)
	s.film(t, f, 24, func(_ int, row float32) byte { // a bright upper row over a dark gap
		if row < 0.5 {
			return 210
		}
		return 40
	})
	if f.Frames() != 24 {
		t.Fatalf("%d frames were taken", f.Frames())
	}
	var seen []float64
	r, err := f.Fit(t.Context(), Options{Steps: 40, Progress: func(done float64) { seen = append(seen, done) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	if r.Look == nil || !r.Look.Tuned() || r.After > 0.8*r.Before || r.Kept != 6 {
		t.Errorf("%+v", r)
	}
	if len(seen) != 40 || seen[39] != 1 {
		t.Errorf("progress %v", seen)
	}
	kept := s.model.KeepTuned(s.persona, r.Look)
	look, err := s.model.Appearance(kept)
	if err != nil || !look.Tuned() {
		t.Errorf("it is not kept: %v", err)
	}
}

// fickle knows the sitter from the film and from what is served, and in what was tuned somebody else.
type fickle struct{ known int }

func (*fickle) Known() bool { return true }

func (f *fickle) Embed(_ *image.RGBA, _ *[landmark.Count]landmark.Point, dst []float32) (bool, error) {
	clear(dst)
	if f.known--; f.known >= 0 {
		dst[0] = 1
	} else {
		dst[1] = 1
	}
	return true, nil
}

// TestFitKeepsThePerson: a mouth that is nearer to the truth in a face that is somebody else's is not taken.
func TestFitKeepsThePerson(t *testing.T) {
	s := newSitter(t)
	f, err := Open(s.persona, s.model, &fickle{known: 2 * LeastFrames / keepEvery})
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, f)
	s.film(t, f, LeastFrames, func(int, float32) byte { return 210 })
	r, err := f.Fit(t.Context(), Options{Steps: lookEach})
	if err != nil || r.Look != nil || !strings.Contains(r.Why, "less like") || r.After > (1-least)*r.Before {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestFitRefuses what frames kept out do not gain from: a mouth that shows something else in each frame.
func TestFitRefuses(t *testing.T) {
	s := newSitter(t)
	f, err := Open(s.persona, s.model, nil)
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, f)
	if r, err := f.Fit(t.Context(), Options{}); err != nil || r.Look != nil || !strings.Contains(r.Why, "too few") {
		t.Errorf("of nothing: %+v, %v", r, err)
	}
	s.film(t, f, 16, func(frame int, row float32) byte {
		if (frame%keepEvery == keepEvery-1) == (row < 0.5) { // those that are kept out are the others upside down
			return 230
		}
		return 30
	})
	r, err := f.Fit(t.Context(), Options{Steps: 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	if r.Look != nil || r.Why == "" {
		t.Errorf("%+v", r)
	}
	if p := s.model.KeepTuned(s.persona, r.Look); len(p.Sections) != len(s.persona.Sections) {
		t.Error("something is kept of it")
	}
	ctx, stop := context.WithCancel(t.Context())
	turns := 0
	_, err = f.Fit(ctx, Options{Turn: func(work func() error) error {
		if turns++; turns == 3 {
			stop()
		}
		return work()
	}})
	if !errors.Is(err, context.Canceled) || turns != 3 {
		t.Errorf("cancelled at turn 3: %v after %d", err, turns)
	}
	stop()
}
