// Package reenact draws personas for pictures of their own person, and reads from those what the drawing should have been: what training,
// measuring and tuning compare.
package reenact

import (
	"math"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// Placement maps a driver's picture, in units of its width, into the persona's crop:
// crop = (X + A*x - B*y, Y + B*x + A*y).
type Placement struct{ X, Y, A, B float64 }

// Apply is a sample in crop units.
func (p Placement) Apply(s *landmark.Sample) landmark.Sample {
	one, k := *s, float32(math.Hypot(p.A, p.B))
	for i := range one.Points {
		q := &one.Points[i]
		x, y := float64(q.X), float64(q.Y)
		*q = motion.Vec3{X: float32(p.X + p.A*x - p.B*y), Y: float32(p.Y + p.B*x + p.A*y), Z: q.Z * k}
	}
	return one
}

// PlaceOf is where the persona's own picture lies in its crop, and with it every other frame of the same film.
func PlaceOf(p *persona.Persona) Placement {
	w, _ := p.Full.Size()
	return Placement{X: -p.Place.X / p.Place.Edge, Y: -p.Place.Y / p.Place.Edge, A: float64(w) / p.Place.Edge}
}

// Reenactor draws one persona for samples: the portrait moves as its own person does in another picture.
type Reenactor struct {
	Persona    *persona.Persona
	render     *mesh.Renderer
	paint      func(*frame.I420, *motion.State) error // nil: nothing
	known      *views.Posed                           // nil: nothing is added
	fitter     *motion.Fitter
	retargeter *retarget.Retargeter
	Picture    *frame.I420 // the portrait itself
	Drawn      *frame.I420
	State      motion.State
}

// Open draws p and what its further views add, at size pixels, without a badge. paint is what is drawn over the geometric layer before the
// views are added; nil: nothing. The caller closes it.
func Open(p *persona.Persona, size int, paint func(*frame.I420, *motion.State) error) (*Reenactor, error) {
	render, err := mesh.New(p, mesh.Options{Size: size, Badge: mesh.BadgeNone})
	if err != nil {
		return nil, err
	}
	s, err := New(p, render, size)
	if err != nil {
		render.Close()
		return nil, err
	}
	s.paint = paint
	v, err := views.New(p, size, s.layers)
	if err != nil {
		render.Close()
		return nil, err
	}
	if v != nil {
		s.known = v.NewPosed()
	}
	return s, nil
}

// Without draws as s does, but without what the persona's further view k, counted from 0, adds: a view by itself gives its own picture
// back. It shares the renderer of s, and belongs to the same goroutine.
func (s *Reenactor) Without(k int) (*Reenactor, error) {
	p := *s.Persona
	p.Others = slices.Delete(slices.Clone(p.Others), k, k+1)
	out, err := New(&p, s.render, s.Drawn.Width)
	if err != nil {
		return nil, err
	}
	out.paint = s.paint
	v, err := views.New(&p, s.Drawn.Width, out.layers)
	if v != nil {
		out.known = v.NewPosed()
	}
	return out, err
}

// Close frees what Open opened.
func (s *Reenactor) Close() { s.render.Close() }

// New draws p's first view with r, which stays the caller's, at size pixels.
func New(p *persona.Persona, r *mesh.Renderer, size int) (*Reenactor, error) {
	s := &Reenactor{Persona: p, render: r, fitter: motion.NewFitter()}
	o := retarget.DefaultOptions()
	o.Mode, o.FixedNeutral, o.SmoothingOff = retarget.Absolute, true, true
	s.retargeter = retarget.New(&p.Face, o)
	var err error
	if s.Drawn, err = frame.NewI420(size, size); err != nil {
		return nil, err
	}
	s.Picture, err = portrait.Picture(p)
	return s, err
}

// Fit places a picture of the same person that another camera position took: rigid landmarks onto the portrait's.
func (s *Reenactor) Fit(one *landmark.Sample) Placement {
	rest := &s.Persona.Face
	d := s.fitter.FitFace(&rest.Points, &one.Points)
	turn := func(r *[9]float32) float64 { return math.Atan2(float64(r[3]-r[1]), float64(r[0]+r[4])) }
	angle := turn(&rest.Head.R) - turn(&d.R)
	k := float64(rest.Head.Scale / d.Scale)
	p := Placement{A: k * math.Cos(angle), B: k * math.Sin(angle)}
	p.X = float64(rest.Head.T.X) - p.A*float64(d.T.X) + p.B*float64(d.T.Y)
	p.Y = float64(rest.Head.T.Y) - p.B*float64(d.T.X) - p.A*float64(d.T.Y)
	return p
}

// Draw moves the portrait as the sample of another picture says.
func (s *Reenactor) Draw(one *landmark.Sample, p Placement, now time.Time) error {
	placed := p.Apply(one)
	s.retargeter.Forget()
	s.State = *s.retargeter.Step(&placed, now)
	if err := s.layers(s.Drawn, &s.State); err != nil || s.known == nil {
		return err
	}
	return s.known.Paint(s.Drawn, &s.State, 0)
}

// layers draws what lies below the further views.
func (s *Reenactor) layers(dst *frame.I420, st *motion.State) error {
	if err := s.render.Render(dst, st); err != nil || s.paint == nil {
		return err
	}
	return s.paint(dst, st)
}
