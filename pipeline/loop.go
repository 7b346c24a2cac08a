// Package pipeline is the way from a driver's sample to a compressed frame.
//
// One Loop serves one device: a single goroutine, locked to its OS thread, is the only caller of the device's
// Generator. It pulls: a session's newest sample leaves its mailbox only when a rendition would take the picture, so nothing
// is drawn that would be dropped, and nothing queues deeper than one. Sessions that are ready together are one batch where that is
// faster; elsewhere who has been here longest is drawn first, alone while pictures are in time.
//
// A session has viewers, each of one Rendition (codec, form, size, most bit/s). Viewers of an equal one share its encoder, which
// runs on a goroutine of its own and overlaps the drawing of the next picture. Each rendition takes the newest picture when
// it is ready for one; what it was too busy for it never sees, and the others do not wait for it.
//
// One drawing serves all forms: a rendition makes its own of it (the portrait over its matte, or 16:9), and what it needs beside the
// picture is drawn only while somebody watches. A session in which all want the square pays a branch for each triangle.
//
// Before a session is opened it passes Admission: it is let in with the cost that was measured for it, and refused rather
// than let in at the others' expense. More pictures than the usual rate are lent to it while nobody else needs them (rate.go). What its pictures then take of processors is counted, and where all together take more than
// there is, those that take more than their share get fewer pictures, and only those.
//
// # Decision: one locked goroutine, pulled, depth one
//
// Context. Drawing on arrival would start pictures that the encoder has no room for, and queues turn a busy moment into
// lasting delay. Device libraries keep state per OS thread and want one caller.
//
// Choice. The loop asks each session whether a picture is due and wanted, and only then takes its newest sample.
// One picture buffer more than renditions: with one rendition, one is drawn and one compressed. All slots share one wake
// channel.
//
// Cost. A slow picture of one session delays the others of its device by its drawing time, and a costly session has fewer of them
// (fair.go).
//
// Measured: MEASURED.md, "The loop".
package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/pipeline/urgent"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// Loop draws the pictures of all sessions of one device. Make it with NewLoop, then Run it.
type Loop struct {
	cfg      Config
	gen      Generator
	encoders Encoders
	log      *slog.Logger
	wake     chan struct{}

	mu       sync.Mutex // guards the following, never for long: a pass works on a snapshot
	phase    phase
	sessions []*Session // replaced, never changed
	leaving  []*Session // closed; the loop lets go of them before its next pass
	unused   []Subject  // that the loop shall close before its next pass

	batch []Job // reused by every pass
	who   []*Session
	line  []*Session // reused
	most  int        // pictures in a batch; 0: no bound
	first int        // where the next pass starts to look, so that nobody is always last
	fair  fair
	crowd crowd

	thread func() time.Duration // what the calling thread has taken of a processor; it grows

	faulted     func(*wall.FaultError) // see OnFault
	passes      atomic.Uint64          // that have ended
	crowded     atomic.Bool            // crowd.is
	compressing atomic.Int32           // pictures that renditions were given and have not compressed
	observe     func(*trace.Frame)     // see Observe
}

// phase is how far a loop is in its life.
type phase uint8

const (
	ready phase = iota
	running
	ended
)

// NewLoop prepares a loop for one generator; encoders compress what it draws. cfg must be valid.
func NewLoop(cfg Config, gen Generator, encoders Encoders, log *slog.Logger) *Loop {
	l := &Loop{cfg: cfg, gen: gen, encoders: encoders, log: log, wake: make(chan struct{}, 1), thread: cputime.Thread}
	if g, ok := gen.(AtOnce); ok {
		l.most = g.AtOnce()
	}
	return l
}

// Open adds a session that shows sub, moved by driver, which belongs to the loop's goroutine from then on. How many a device
// can draw is for Admission to say. The session owns sub, also when Open fails, as it does with ErrClosed when the loop
// has ended. Buffers and encoders come with the first viewer.
func (l *Loop) Open(sub Subject, driver *drive.Driver) (*Session, error) {
	s := &Session{loop: l, subject: sub, driver: driver, gone: make(chan struct{}), failed: make(chan struct{})}
	s.in = latest.NewOn[landmark.Arrival](l.wake)
	s.cadence = cadence{interval: s.frame(&l.cfg), hold: l.cfg.Hold}
	s.clock.start = time.Now()
	s.timer = time.AfterFunc(balanceEvery, s.balance)
	s.timer.Stop()
	driver.SetRest(sub.Rest())

	l.mu.Lock()
	if l.phase != ended {
		defer l.mu.Unlock()
		l.sessions = append(slices.Clone(l.sessions), s)
		return s, nil
	}
	l.mu.Unlock()
	sub.Close()
	return nil, ErrClosed
}

// Observe has f called with the history of every frame that a rendition has given to its viewers, trace.Sent being when the last of
// them had it. It is called on the rendition's goroutine: it must neither block nor keep the frame. Call Observe before
// Open, once.
func (l *Loop) Observe(f func(*trace.Frame)) { l.observe = f }

// Pulse waits until the loop has ended a pass that it was in or has begun since, and fails with ctx's error where it does not.
func (l *Loop) Pulse(ctx context.Context) error {
	const look = 5 * time.Millisecond
	before := l.passes.Load()
	l.nudge()
	t := time.NewTicker(look)
	defer t.Stop()
	for l.passes.Load() == before {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the loop that draws stands still: %w", ctx.Err())
		case <-t.C:
		}
	}
	return nil
}

// Sessions tells how many there are.
func (l *Loop) Sessions() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sessions)
}

// Run draws until ctx ends. It locks its goroutine to an OS thread, as device libraries demand, and makes that urgent where the
// system allows it. It is called once.
func (l *Loop) Run(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_, back := urgent.Thread()
	defer back()
	l.enter(running)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		next, busy := l.pass()
		l.passes.Add(1)
		if busy {
			continue
		}
		timer.Reset(max(0, time.Until(next)))
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-timer.C:
		}
	}
	l.enter(ended)
	l.settle() // nothing is left for the loop after that
	if c, ok := l.gen.(interface{ Close() }); ok {
		c.Close()
	}
}

func (l *Loop) enter(p phase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase = p
}

// over tells whether the loop has ended.
func (l *Loop) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.phase == ended
}

// pass draws one batch of whatever is due; busy tells that there was something. next is when to look again
// if nobody nudges.
func (l *Loop) pass() (next time.Time, busy bool) {
	sessions := l.settle()
	now := time.Now()
	if l.fair.look(&l.cfg, sessions, now) {
		l.crowdedBy(l.fair.load, l.fair.sessions)
	}
	next = now.Add(time.Hour)
	switch {
	case l.most > 0 && l.crowd.is:
		next = l.takeLongest(sessions, now, next)
	case l.most > 0:
		next = l.takeFirst(sessions, now, next)
	default:
		for i := range sessions {
			next = l.take(sessions[(l.first+i)%len(sessions)], now, next)
		}
		l.first++
	}
	if len(l.batch) == 0 {
		return next, false
	}
	began, at := l.thread(), time.Now()
	l.generate(l.batch, l.who)
	worked := share(l.batch, l.thread()-began)
	l.fair.drew(worked/time.Duration(min(len(l.batch), max(l.most, 1))), time.Since(at))
	for i := range l.batch {
		l.who[i].finish(&l.batch[i])
	}
	clear(l.batch) // hold on to nobody's subject
	clear(l.who)
	l.batch, l.who = l.batch[:0], l.who[:0]
	return next, true
}

// take adds a session to the batch if a picture of it is due and wanted; again is when to look again if nobody nudges, next or
// earlier.
func (l *Loop) take(s *Session, now, next time.Time) (again time.Time) {
	defer wall.Catch("drive", s.Fail)
	again = next                        // also where a fault is caught
	if s.broken.Load() || !s.wanted() { // whoever takes the picture that waits will nudge
		return again
	}
	if sample := s.in.Full(); !s.cadence.due(now, sample) {
		again = earlier(next, s.cadence.wake(sample))
		return again
	}
	b := s.buffers.get()
	if b == nil {
		again = earlier(next, now.Add(s.cadence.interval))
		return again
	}
	l.batch, l.who = append(l.batch, s.begin(now, b)), append(l.who, s)
	return again
}

// settle lets go of what is not needed any more, and returns the sessions that there are now. It is called on the loop's
// goroutine.
func (l *Loop) settle() []*Session {
	l.mu.Lock()
	sessions, leaving, unused := l.sessions, l.leaving, l.unused
	l.leaving, l.unused = nil, nil
	l.mu.Unlock()
	for _, s := range leaving {
		s.release()
		close(s.gone)
	}
	for _, sub := range unused {
		if fault := wall.Run("close", sub.Close); fault != nil {
			l.fault(fault)
		}
	}
	return sessions
}

// remove takes s out; when it returns the loop no longer touches s, and its subject is closed.
func (l *Loop) remove(s *Session) {
	l.mu.Lock()
	l.sessions = without(l.sessions, s)
	if l.phase != running {
		l.mu.Unlock()
		s.release()
		return
	}
	l.leaving = append(l.leaving, s)
	l.mu.Unlock()
	l.nudge()
	<-s.gone
}

// dispose has a subject closed that no session needs.
func (l *Loop) dispose(sub Subject) {
	l.mu.Lock()
	if l.phase != running {
		l.mu.Unlock()
		sub.Close()
		return
	}
	l.unused = append(l.unused, sub)
	l.mu.Unlock()
	l.nudge()
}

// nudge makes the loop look again.
func (l *Loop) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}
