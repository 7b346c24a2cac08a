package live

import (
	"context"
	"errors"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// subjects prepares what sessions show; a compositor.Cache. It is never called on the loop's goroutine.
type subjects interface {
	Prepare(ctx context.Context, p *persona.Persona, learned bool) error
	OpenWith(ctx context.Context, p *persona.Persona, o compositor.Options) (*compositor.Subject, error)
}

// restFor is how many times as long as a preparation took a session rests after it, so that one browser costs at most a
// fifth of a core, whatever it asks for.
const restFor = 4

// turns lets one preparation of a session run at a time, with a rest after each.
type turns struct {
	free chan struct{} // holds one token while nobody prepares
	next time.Time     // when the rest is over; belongs to whoever has the token
}

func newTurns() turns {
	t := turns{free: make(chan struct{}, 1)}
	t.free <- struct{}{}
	return t
}

// begin waits for the turn, or until ctx ends.
func (t *turns) begin(ctx context.Context) error {
	select {
	case <-t.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	rest := time.NewTimer(time.Until(t.next))
	defer rest.Stop()
	select {
	case <-rest.C:
		return nil
	case <-ctx.Done():
		t.free <- struct{}{}
		return ctx.Err()
	}
}

// end passes the turn on. took is what the preparation cost.
func (t *turns) end(took time.Duration) {
	t.next = time.Now().Add(restFor * took)
	t.free <- struct{}{}
}

// followBackground shows what changes of the background and of the generator ask for, of several the newest only, until ctx ends.
func (s *session) followBackground(ctx context.Context) {
	drawn := s.Info().Generator
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.background:
		}
		if err := s.show(ctx, nil); err != nil && ctx.Err() == nil {
			s.host.log.Warn("changing the background", "session", s.id, "error", err)
			s.event(map[string]any{"event": "error", "code": "background", "message": backgroundMessage})
			continue
		}
		if now := s.Info(); now.Generator != drawn {
			drawn = now.Generator
			s.event(map[string]any{"event": "generator", "generator": now.Generator, "generator_note": now.GeneratorNote})
		}
	}
}

const backgroundMessage = "The background could not be changed. The server's log says why."

// show prepares a persona, nil for the one that shows, over the background that is wanted, and gives it to the loop. It does
// nothing where that shows already.
func (s *session) show(ctx context.Context, p *persona.Persona) error {
	if err := s.preparing.begin(ctx); err != nil {
		return err
	}
	var took time.Duration
	defer func() { s.preparing.end(took) }()
	next := s.shown
	if p != nil && p != next.persona {
		next = subject{persona: p}
	}
	s.mu.Lock()
	next.background, next.learned = s.wanted, s.generator != engine.MeshOnly
	s.mu.Unlock()
	if next == s.shown {
		return nil
	}
	sub, cost, err := s.prepare(ctx, &next)
	took = cost
	if err != nil {
		return err
	}
	if err := s.session.Show(sub); err != nil {
		sub.Close()
		return err
	}
	s.shown = next
	return nil
}

// prepare makes what next says ready for this session, without the learned layer where that has nothing to say. took is
// what it cost, without what the first session with a persona does for all.
func (s *session) prepare(ctx context.Context, next *subject) (sub *compositor.Subject, took time.Duration, err error) {
	from, learned := s.host.subjects, next.learned && !next.plain
	err = from.Prepare(ctx, next.persona, learned)
	if errors.Is(err, portrait.ErrGenerator) { // the geometric layer has something to say
		s.failed(err)
		next.plain, learned = true, false
		err = from.Prepare(ctx, next.persona, false)
	}
	if err != nil {
		return nil, 0, err
	}
	begin := time.Now()
	sub, err = from.OpenWith(ctx, next.persona, compositor.Options{Learned: learned, Background: next.background, Look: &s.look})
	if err != nil {
		return nil, 0, err
	}
	sub.ReportFaults(s.failed)
	return sub, time.Since(begin), nil
}
