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
	badge   *mesh.Badge       // laid over the learned layer; without one the geometric layer draws it
	plain   bool              // the driver has switched the learned layer off
	onFault func(error)       // called on the loop's goroutine for each picture that the learned layer could not paint
}

func (s *sitter) Rest() *motion.Rest { return &s.persona.Face }
func (s *sitter) Close()             { s.draw.Close() }

// setBadge moves or removes the badge. Nothing may paint over it.
func (s *sitter) setBadge(place mesh.BadgePlace) error {
	if s.paint == nil {
		return s.draw.SetBadge(place)
	}
	s.badge = mesh.NewBadge(place, s.draw.Size(), s.draw.Size())
	return s.draw.SetBadge(mesh.BadgeNone)
}

// overlay draws what lies over both layers.
func (s *sitter) overlay(job *pipeline.Job) {
	s.badge.Draw(job.Dst)
	if job.State.HasMarker {
		mesh.DrawMarker(job.Dst, job.State.Marker)
	}
}

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
	g.model.Paint(g.strokes)
	for i := range g.strokes {
		if err := g.strokes[i].Fault; err != nil && g.sitters[i].onFault != nil {
			g.sitters[i].onFault(err)
		}
	}
	clear(g.strokes)
	clear(g.sitters)
	for i := range batch {
		if s := batch[i].Subject.(*sitter); s.paint != nil && batch[i].Err == nil {
			s.overlay(&batch[i])
		}
	}
}

// easel prepares personas for drawing and remembers the last few, since preparing is what takes long.
// It is safe for concurrent use.
type easel struct {
	options mesh.Options
	model   *portrait.Model // nil: the geometric layer alone
	// refresh keeps whole, which is p with what the learned layer found in it just now, and returns what will be asked for
	// in p's place; nil: nothing is kept.
	refresh func(p, whole *persona.Persona) *persona.Persona

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
		if err := e.look(r); err != nil {
			return nil, fmt.Errorf("%w: %w", portrait.ErrGenerator, err)
		}
		if s.paint, err = e.model.NewPainter(r.look, e.options.Size); err != nil {
			return nil, err
		}
	}
	if s.draw, err = r.draw.Fork(); err != nil {
		return nil, err
	}
	return s, s.setBadge(e.options.Badge)
}

// look finds out what the learned layer knows of a persona, once. The lock is held.
func (e *easel) look(r *prepared) (err error) {
	if r.look != nil {
		return nil
	}
	if r.look, err = e.model.Appearance(r.persona); err != nil || e.refresh == nil {
		return err
	}
	if whole := e.model.Keep(r.persona, r.look); whole != r.persona {
		r.persona = e.refresh(r.persona, whole)
	}
	return nil
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
