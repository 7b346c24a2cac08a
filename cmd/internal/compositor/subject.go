package compositor

import (
	"errors"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Subject is a persona made ready for one session: the pipeline.Subject of both layers.
type Subject struct {
	persona *persona.Persona
	draw    *mesh.Renderer
	paint   *portrait.Painter // nil: the geometric layer alone
	badge   *mesh.Badge       // laid over the learned layer; without one the geometric layer draws it
	plain   bool              // the driver has switched the learned layer off
	onFault func(error)       // called on the loop's goroutine for each picture that the learned layer could not paint
}

func (s *Subject) Rest() *motion.Rest { return &s.persona.Face }

func (s *Subject) Close() { s.draw.Close() }

// Look is how a subject is drawn, besides its motion.
type Look struct {
	Background mesh.Background
	Badge      mesh.BadgePlace
	Plain      bool    // without the learned layer
	Split      float32 // 0..1: left of it the geometric layer alone
}

// Dress applies a look. It redraws the background, which takes long with a picture behind.
func (s *Subject) Dress(l Look) error {
	s.plain = l.Plain
	if s.paint != nil {
		s.paint.Split(l.Split)
	}
	return errors.Join(s.draw.SetBackground(l.Background), s.setBadge(l.Badge))
}

// Painter is the learned layer of this portrait, nil where there is none.
func (s *Subject) Painter() *portrait.Painter { return s.paint }

// ReportFaults has f called, on the goroutine that draws, for each picture that the learned layer could not paint.
func (s *Subject) ReportFaults(f func(error)) { s.onFault = f }

// setBadge moves or removes the badge. Nothing may paint over it.
func (s *Subject) setBadge(place mesh.BadgePlace) error {
	if s.paint == nil {
		return s.draw.SetBadge(place)
	}
	s.badge = mesh.NewBadge(place, s.draw.Size(), s.draw.Size())
	return s.draw.SetBadge(mesh.BadgeNone)
}

// overlay draws what lies over both layers.
func (s *Subject) overlay(job *pipeline.Job) {
	s.badge.Draw(job.Dst)
	if job.State.HasMarker {
		mesh.DrawMarker(job.Dst, job.State.Marker)
	}
}
