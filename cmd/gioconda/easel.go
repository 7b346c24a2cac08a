package main

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// sitter is a persona on the easel: the Subject of both layers.
type sitter struct {
	persona *persona.Persona
	draw    *mesh.Renderer
	paint   *portrait.Painter // nil: the geometric layer alone
	plain   bool              // the driver has switched the learned layer off
	onFault func(error)       // called on the loop's goroutine for each picture that the learned layer could not paint
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

// layered is both layers as a Generator: the geometric one for every job, then the learned one for all that have it.
type layered struct {
	model   *portrait.Model
	clock   clock.Clock
	strokes []portrait.Stroke
	sitters []*sitter // of the strokes
}

var _ pipeline.Generator = (*layered)(nil)

// newGenerator is what draws; model may be nil.
func newGenerator(model *portrait.Model, clk clock.Clock) pipeline.Generator {
	if model == nil {
		return geometric{}
	}
	return &layered{model: model, clock: clk}
}

// Generate draws and paints. A picture that cannot be painted stays geometric.
func (g *layered) Generate(batch []pipeline.Job) {
	geometric{}.Generate(batch)
	drawn := g.clock.Now()
	g.strokes, g.sitters = g.strokes[:0], g.sitters[:0]
	for i := range batch {
		job := &batch[i]
		s := job.Subject.(*sitter)
		if s.paint == nil || s.plain || job.Err != nil {
			continue
		}
		job.Drawn = drawn
		g.strokes = append(g.strokes, portrait.Stroke{Painter: s.paint, Dst: job.Dst, State: job.State})
		g.sitters = append(g.sitters, s)
	}
	if len(g.strokes) == 0 {
		return
	}
	g.model.Paint(g.strokes)
	for i := range g.strokes {
		if err := g.strokes[i].Fault; err != nil && g.sitters[i].onFault != nil {
			g.sitters[i].onFault(err)
		}
	}
	clear(g.strokes)
	clear(g.sitters)
}

// easel prepares personas for drawing and remembers the last few, since preparing is what takes long.
// It is safe for concurrent use.
type easel struct {
	options mesh.Options
	model   *portrait.Model // nil: the geometric layer alone

	mu    sync.Mutex
	ready []*prepared // newest last
}

// prepared is a persona whose layers are ready to be forked.
type prepared struct {
	persona *persona.Persona
	draw    *mesh.Renderer // never drawn itself
	look    *portrait.Appearance
}

const maxReady = 8

// sit returns an independent subject for p with every layer that there is; the caller closes it.
func (e *easel) sit(p *persona.Persona) (*sitter, error) { return e.seat(p, true) }

// seat returns an independent subject for p; with learned false it has the geometric layer alone.
func (e *easel) seat(p *persona.Persona, learned bool) (*sitter, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, err := e.prepare(p)
	if err != nil {
		return nil, err
	}
	s := &sitter{persona: p}
	if learned && e.model != nil {
		if r.look == nil {
			if r.look, err = e.model.Appearance(p); err != nil {
				return nil, fmt.Errorf("%w: %w", portrait.ErrGenerator, err)
			}
		}
		if s.paint, err = e.model.NewPainter(r.look, e.options.Size); err != nil {
			return nil, err
		}
	}
	s.draw, err = r.draw.Fork()
	return s, err
}

// prepare finds p or makes it ready. The lock is held.
func (e *easel) prepare(p *persona.Persona) (*prepared, error) {
	if i := slices.IndexFunc(e.ready, func(r *prepared) bool { return r.persona == p }); i >= 0 {
		return e.ready[i], nil
	}
	draw, err := mesh.New(p, e.options)
	if err != nil {
		return nil, err
	}
	e.ready = append(e.ready, &prepared{persona: p, draw: draw})
	if len(e.ready) > maxReady {
		e.ready[0].draw.Close()
		e.ready = slices.Delete(e.ready, 0, 1)
	}
	return e.ready[len(e.ready)-1], nil
}

// keep returns p with what the learned layer finds in it, for its file; p itself where there is none.
func (e *easel) keep(p *persona.Persona) (*persona.Persona, error) {
	if e.model == nil {
		return p, nil
	}
	look, err := e.model.Appearance(p)
	if err != nil {
		return nil, err
	}
	return e.model.Keep(p, look), nil
}

// Close lets go of everything that is remembered.
func (e *easel) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.ready {
		r.draw.Close()
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
