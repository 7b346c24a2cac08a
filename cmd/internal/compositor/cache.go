package compositor

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// Cache prepares personas for drawing and remembers the last few, since preparing is what takes long.
// It is safe for concurrent use.
type Cache struct {
	options mesh.Options
	model   *portrait.Model                                  // nil: the geometric layer alone
	refresh func(p, whole *persona.Persona) *persona.Persona // see newCache

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

// NewCache prepares personas for drawing with options, and with the learned layer model, which may be nil. refresh keeps
// whole, which is p with what the learned layer found in it just now, and returns what will be asked for in p's place;
// nil: nothing is kept.
func NewCache(o mesh.Options, model *portrait.Model, refresh func(p, whole *persona.Persona) *persona.Persona) *Cache {
	return &Cache{options: o, model: model, refresh: refresh}
}

// Size is the edge of the pictures that subjects draw, in pixels.
func (e *Cache) Size() int { return e.options.Size }

// Prepared is how many personas are ready.
func (e *Cache) Prepared() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.ready)
}

// Open returns an independent subject for p with every layer that there is; the caller closes it.
func (e *Cache) Open(p *persona.Persona) (*Subject, error) { return e.OpenWith(p, true) }

// OpenWith returns an independent subject for p; with learned false it has the geometric layer alone.
func (e *Cache) OpenWith(p *persona.Persona, learned bool) (*Subject, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, err := e.prepare(p)
	if err != nil {
		return nil, err
	}
	s := &Subject{persona: p}
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
func (e *Cache) look(r *prepared) (err error) {
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
func (e *Cache) prepare(p *persona.Persona) (*prepared, error) {
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

// KeepAppearance returns p with what a learned layer finds in it, for its file; p itself where model is nil.
func KeepAppearance(model *portrait.Model, p *persona.Persona) (*persona.Persona, error) {
	if model == nil {
		return p, nil
	}
	look, err := model.Appearance(p)
	if err != nil {
		return nil, err
	}
	return model.Keep(p, look), nil
}

// Close lets go of everything that is remembered.
func (e *Cache) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.ready {
		r.draw.Close()
	}
	e.ready = nil
}
