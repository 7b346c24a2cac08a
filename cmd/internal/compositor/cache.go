package compositor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// ErrClosed is the error of Cache.Open once the cache is closed.
var ErrClosed = errors.New("compositor: the personas that were ready for drawing have been let go of")

// Cache prepares personas for drawing and remembers the last few, since preparing is what takes long. Each persona is
// prepared once, whoever waits for it, and all that is prepared at a time takes half of the processors: those who are inside need them.
// It is safe for concurrent use.
type Cache struct {
	options mesh.Options                                     // of renderers, which draw no badge: that lies over both layers
	badges  Look                                             // as the options have them
	model   *portrait.Model                                  // nil: the geometric layer alone
	refresh func(p, whole *persona.Persona) *persona.Persona // see NewCache
	running sync.WaitGroup                                   // Add only with mu held and closed false, or from what it counts
	ended   chan struct{}                                    // closed by Close
	desks   desks                                            // where personas are prepared

	mu     sync.Mutex // guards the following, never while something is prepared
	closed bool
	ready  []*prepared // the one used last at the end
}

// prepared is a persona whose layers are ready to be forked, or will be.
type prepared struct {
	asked *persona.Persona           // what it is made from
	now   *persona.Persona           // what is asked for since the learned layer has looked at it; guarded by Cache.mu
	draw  once[*mesh.Renderer]       // never drawn itself
	look  once[*portrait.Appearance] // where somebody wanted the learned layer
	know  knows
	users int // calls of OpenWith that are at it; guarded by Cache.mu
}

const maxReady = 8

// NewCache prepares personas for drawing with options, and with the learned layer model, which may be nil. refresh keeps
// whole, which is p with what the learned layer found in it just now, and returns what will be asked for in p's place;
// nil: nothing is kept.
func NewCache(o mesh.Options, model *portrait.Model, refresh func(p, whole *persona.Persona) *persona.Persona) *Cache {
	c := &Cache{options: o, badges: Badges(o.Badge, o.Size), model: model, refresh: refresh, ended: make(chan struct{}), desks: newDesks(runtime.GOMAXPROCS(0) / 2)}
	c.options.Badge = mesh.BadgeNone
	return c
}

// Size is the edge of the pictures that subjects draw, in pixels.
func (c *Cache) Size() int { return c.options.Size }

// Prepared is how many personas are ready.
func (c *Cache) Prepared() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.ready {
		if _, ok := r.draw.made(); ok {
			n++
		}
	}
	return n
}

// Options say how a subject differs from what the cache was made with.
type Options struct {
	Learned    bool            // with the learned layer, if there is one
	Background mesh.Background // drawing it takes long with a picture behind
	Look       *Looks          // what the subject follows while it is drawn; nil: a look of its own that stays
}

// Open returns an independent subject for p, with every layer that there is; the caller closes it. It fails with
// portrait.ErrGenerator where the learned layer has nothing to say about p, with ctx's error when that ends first.
func (c *Cache) Open(ctx context.Context, p *persona.Persona) (*Subject, error) {
	return c.OpenWith(ctx, p, Options{Learned: true, Background: c.options.Background})
}

// OpenWith is Open with options.
func (c *Cache) OpenWith(ctx context.Context, p *persona.Persona, o Options) (*Subject, error) {
	r, err := c.enter(p)
	if err != nil {
		return nil, err
	}
	defer c.leave(r)
	draw, look, err := c.layers(ctx, r, o.Learned)
	if err != nil {
		return nil, err
	}
	s := &Subject{persona: p, look: o.Look, cache: c, half: c.options.Size / 4 * 2}
	if look != nil {
		s.tuned = look.Tuned()
		if s.paint, err = c.model.NewPainter(look, c.options.Size); err != nil {
			return nil, err
		}
	}
	if err = c.add(ctx, s, r, draw, look); err != nil {
		return nil, err
	}
	if s.look == nil {
		s.look = new(Looks)
		s.look.Store(&c.badges)
	}
	if s.draw, err = draw.Fork(); err != nil {
		return nil, err
	}
	if o.Background != c.options.Background {
		err = s.draw.SetBackground(o.Background)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Prepare makes p ready, so that Open has little to do. It fails as Open does.
func (c *Cache) Prepare(ctx context.Context, p *persona.Persona, learned bool) error {
	r, err := c.enter(p)
	if err != nil {
		return err
	}
	defer c.leave(r)
	draw, look, err := c.layers(ctx, r, learned)
	if err != nil {
		return err
	}
	return c.add(ctx, &Subject{}, r, draw, look)
}

// layers waits for what r is to be drawn with; look is nil without the learned layer.
func (c *Cache) layers(ctx context.Context, r *prepared, learned bool) (*mesh.Renderer, *portrait.Appearance, error) {
	draw, err := r.draw.get(ctx, &c.running, atDesk(c.desks, func() (*mesh.Renderer, error) { return mesh.New(r.asked, c.options) }))
	if err != nil || !learned || c.model == nil {
		return draw, nil, err
	}
	look, err := r.look.get(ctx, &c.running, func() (*portrait.Appearance, error) { return c.lookAt(r) })
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", portrait.ErrGenerator, err)
	}
	return draw, look, err
}

// enter finds what is prepared, or being prepared, of p, or begins it, and counts the caller among the running.
func (c *Cache) enter(p *persona.Persona) (*prepared, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	c.running.Add(1)
	r := &prepared{asked: p, now: p}
	if i := slices.IndexFunc(c.ready, func(r *prepared) bool { return r.now == p || r.asked == p }); i >= 0 {
		r = c.ready[i]
		c.ready = slices.Delete(c.ready, i, i+1)
	}
	r.users++
	c.ready = append(c.ready, r)
	for i := 0; len(c.ready) > maxReady && i < len(c.ready)-1; {
		draw, ok := c.ready[i].draw.made()
		if !ok { // somebody waits for it
			i++
			continue
		}
		draw.Close()
		c.ready = slices.Delete(c.ready, i, i+1)
	}
	return r, nil
}

// leave ends what enter began. A persona that could not be prepared is forgotten.
func (c *Cache) leave(r *prepared) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.users--
	if r.users == 0 && r.draw.idle() {
		c.ready = slices.DeleteFunc(c.ready, func(o *prepared) bool { return o == r })
	}
	c.running.Done()
}

// lookAt finds out what the learned layer knows of a persona.
func (c *Cache) lookAt(r *prepared) (*portrait.Appearance, error) {
	look, err := atDesk(c.desks, func() (*portrait.Appearance, error) { return c.model.Appearance(r.asked) })()
	if err != nil || c.refresh == nil {
		return look, err
	}
	if whole := c.model.Keep(r.asked, look); whole != r.asked {
		now := c.refresh(r.asked, whole)
		c.mu.Lock()
		r.now = now
		c.mu.Unlock()
	}
	return look, nil
}

// KeepAppearance returns p with what a learned layer finds in it, for its file; p itself where model is nil.
func KeepAppearance(model *portrait.Model, p *persona.Persona) (*persona.Persona, error) {
	if model == nil {
		return p, nil
	}
	look, err := model.Plain(p)
	if err != nil {
		return nil, err
	}
	return model.Keep(p, look), nil
}

// Close waits for what is being prepared, and lets go of everything that is remembered.
func (c *Cache) Close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.ended)
	}
	c.mu.Unlock()
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.ready {
		if draw, ok := r.draw.made(); ok {
			draw.Close()
		}
	}
	c.ready = nil
}
