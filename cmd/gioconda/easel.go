package main

import (
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// sitter is a persona on the easel: the Subject of the geometric layer.
type sitter struct {
	persona *persona.Persona
	draw    *mesh.Renderer
}

func (s *sitter) Rest() *motion.Rest { return &s.persona.Face }
func (s *sitter) Close()             { s.draw.Close() }

// geometric is the geometric layer as a Generator.
type geometric struct{}

var _ pipeline.Generator = geometric{}

// Generate draws one sitter after the other.
func (geometric) Generate(batch []pipeline.Job) {
	for i := range batch {
		job := &batch[i]
		job.Err = job.Subject.(*sitter).draw.Render(job.Dst, job.State)
	}
}

// easel prepares personas for drawing and remembers the last few, since preparing is what takes long.
// It is safe for concurrent use.
type easel struct {
	options mesh.Options

	mu    sync.Mutex
	ready []*sitter // newest last; never drawn themselves, only forked
}

const maxReady = 8

// sit returns an independent subject for p; the caller closes it.
func (e *easel) sit(p *persona.Persona) (*sitter, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.ready, func(s *sitter) bool { return s.persona == p })
	if i < 0 {
		r, err := mesh.New(p, e.options)
		if err != nil {
			return nil, err
		}
		e.ready = append(e.ready, &sitter{persona: p, draw: r})
		if len(e.ready) > maxReady {
			e.ready[0].Close()
			e.ready = slices.Delete(e.ready, 0, 1)
		}
		i = len(e.ready) - 1
	}
	r, err := e.ready[i].draw.Fork()
	if err != nil {
		return nil, err
	}
	return &sitter{persona: p, draw: r}, nil
}

// Close lets go of everything that is remembered.
func (e *easel) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.ready {
		s.Close()
	}
	e.ready = nil
}

// badgePlace turns a configured corner into the geometric layer's.
func badgePlace(corner string) mesh.BadgePlace {
	switch corner {
	case "top-left":
		return mesh.BadgeTopLeft
	case "top-right":
		return mesh.BadgeTopRight
	case "bottom-left":
		return mesh.BadgeBottomLeft
	case "none":
		return mesh.BadgeNone
	default:
		return mesh.BadgeBottomRight
	}
}
