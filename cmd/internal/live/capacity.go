package live

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

const (
	// measureLook is how often it is looked what sessions cost and what other programs leave.
	measureLook = 5 * time.Second
	// measureEvery is how old a measurement of an empty house is at least before the next: half a second of drawing is little of that.
	measureEvery = 30 * time.Second

	// What sessions are counted with, at least and at most, of what one costs that was let in so: a driver who makes frames costly
	// is slowed alone, and keeps no others out.
	costLeast, costMost = 2.0 / 3, 1.5
)

// keeper keeps what is known of room for sessions up to date: what they cost by what those inside spend, what there is by what other
// programs leave, and gives the learned layer to who came while there was none.
type keeper struct {
	engine    *engine.Engine
	admission *pipeline.Admission
	fps       int
	inside    func() []*session
	alone     func(context.Context) error // measures an empty house
	machine   func() (cputime.Machine, error)
	faulted   func(*wall.FaultError)
	log       *slog.Logger

	last   cputime.Machine
	at     time.Time // of last
	others float64   // cores that other programs keep busy, of late
	tried  time.Time // when alone was called last
	room   int       // that was said last
}

// follow looks again and again, also while people are inside, until ctx ends.
func (k *keeper) follow(ctx context.Context) {
	k.at, k.tried, k.room = time.Now(), time.Now(), k.places()
	var err error
	if k.last, err = k.machine(); err != nil {
		k.log.Debug("what other programs take cannot be known", "error", err)
	}
	tick := time.NewTicker(measureLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if fault := wall.Run("capacity", func() { k.look(ctx) }); fault != nil {
				k.log.Error("room for sessions cannot be judged", "error", fault, "stack", fault.Stack)
				k.faulted(fault)
			}
		}
	}
}

// look looks once.
func (k *keeper) look(ctx context.Context) {
	k.see()
	inside := k.inside()
	lately := make([]pipeline.Spent, len(inside))
	for i, s := range inside {
		lately[i] = s.lately()
	}
	k.engine.Learn(lately)
	both, plain := k.engine.Costs()
	for i, s := range inside {
		s.recount(lately[i], both, plain)
		s.easedOff(s.session.Eased())
	}
	if len(inside) == 0 && time.Since(k.tried) >= measureEvery {
		k.tried = time.Now()
		if err := k.alone(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("what a session costs cannot be measured again", "error", err)
		}
	}
	// One at a time: the next look sees what it costs. Whoever waits for the learned layer comes before more pictures.
	if !slices.ContainsFunc(inside, func(s *session) bool { return s.movedUp(both) }) {
		_ = slices.ContainsFunc(inside, (*session).hastened)
	}
	giveWay(k.admission, inside)
	if room := k.places(); room != k.room {
		k.log.Info("room for sessions, measured again", "before", k.room, "now", room)
		k.room = room
	}
}

// see notes what other programs take: of a moment a third, so that what lasts for a quarter of a minute counts.
func (k *keeper) see() {
	now, err := k.machine()
	if err != nil {
		return
	}
	at := time.Now()
	k.others += (now.Others(k.last, at.Sub(k.at)) - k.others) / 3
	k.last, k.at = now, at
	k.admission.Budget(pipeline.Beside(k.others, k.fps, runtime.GOMAXPROCS(0)))
}

// places is how many sessions with the least cost there is room for, those inside included.
func (k *keeper) places() int {
	n, _, of := k.admission.Taken()
	free := k.admission.Free(k.engine.Wants()...)
	if of.Sessions > 0 {
		return of.Sessions
	}
	return n + free
}

// measureAlone measures what a session costs while nobody is drawn for.
func (d *Server) measureAlone(ctx context.Context) error {
	p, err := d.host.store.Get(d.o.Config.Gallery.Persona)
	if err != nil {
		return err
	}
	return d.engine.Again(ctx, p, d.o.Engine)
}

// lately is what the session has spent since this was asked last, by one goroutine.
func (s *session) lately() pipeline.Spent {
	now := s.session.Spent()
	since := now.Since(s.seen)
	s.seen = now
	return since
}

// recount has the session take the place that it needs, instead of the one that it was let in with.
func (s *session) recount(lately pipeline.Spent, both, plain pipeline.Cost) {
	if lately.Pictures == 0 {
		return
	}
	n := time.Duration(lately.Pictures)
	one := pipeline.Cost{Loop: (lately.First + lately.Second) / n}
	one.Cores = one.Loop + lately.Encode/n
	s.mu.Lock()
	defer s.mu.Unlock()
	like := plain
	if s.generator != engine.MeshOnly {
		like = both
	}
	within := func(d, like time.Duration) time.Duration {
		return min(max(d, time.Duration(costLeast*float64(like))), time.Duration(costMost*float64(like)))
	}
	s.replace(pipeline.Cost{Loop: within(one.Loop, like.Loop), Cores: within(one.Cores, like.Cores)})
}

// replace has the session take another place. mu is held.
func (s *session) replace(to pipeline.Cost) {
	if s.left {
		return
	}
	s.host.admission.Change(s.place, to)
	s.place = to
	lent := s.beyond(to, s.pace.rate)
	s.host.admission.Owe(s.pace.lent, lent)
	s.pace.lent = lent
}

// leave gives the session's place back.
func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = true
	s.host.admission.Owe(s.pace.lent, pipeline.Cost{})
	s.pace.lent = pipeline.Cost{}
	s.host.admission.Leave(s.place)
}

// movedUp is moveUp, at the keeper's look.
func (s *session) movedUp(both pipeline.Cost) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.moveUp(both)
}

// moveUp gives a session the learned layer that came when there was no room for it, where there is now: at the rate that it has. mu is
// held.
func (s *session) moveUp(both pipeline.Cost) bool {
	e := s.host.engine
	lent := s.beyond(both, s.pace.rate)
	if e.Model == nil || s.generator != engine.MeshOnly || s.left || !s.host.admission.MoveUp(s.place, both, s.pace.lent, lent) {
		return false
	}
	s.place, s.pace.lent = both, lent
	s.drawBy(e.Name, "")
	return true
}
