// Package soak leaves visitors at a server for hours and watches whether it stays as it was.
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/caller"
)

// Options say what is soaked.
type Options struct {
	Server  string        // http:// or https:// URL of a running server
	Metrics string        // URL of its metrics
	Token   string        // secret; "": none
	For     time.Duration // at least Window
	Window  time.Duration // one line each; 0: a minute
	Churn   bool          // others come and go all the time
	// Settle is how long the server may take to be as it was once nobody is inside; 0: longer than a session waits for its browser.
	Settle time.Duration
	Out    io.Writer // hears a line a window
}

// soak is one run.
type soak struct {
	o       *Options
	came    atomic.Uint64 // visitors that were let in
	refused atomic.Uint64
	failed  atomic.Uint64 // visits that ended otherwise than they should
	said    atomic.Pointer[string]
	inside  chan struct{} // closed: the visitor that stays has come

	mu   sync.Mutex // guards the following
	took []time.Duration
}

// Run soaks for as long as o says, or until ctx ends, which is no error, and reports. It fails where the server cannot be
// reached at the start.
func Run(ctx context.Context, o *Options) (*Report, error) {
	if o.Window == 0 {
		o.Window = time.Minute
	}
	if o.Settle == 0 {
		o.Settle = 40 * time.Second
	}
	s := &soak{o: o, inside: make(chan struct{})}
	before, err := scrape(ctx, o.Metrics)
	if err != nil {
		return nil, err
	}
	r := &Report{Before: before}
	visiting, stop := context.WithTimeout(ctx, o.For)
	defer stop()
	var visitors sync.WaitGroup
	visitors.Go(func() { s.stay(visiting) })
	if o.Churn {
		visitors.Go(func() { s.churn(visiting) })
	}
	s.watch(visiting, r)
	visitors.Wait()
	select {
	case <-ctx.Done():
	case <-time.After(o.Settle):
	}
	r.Stopped = ctx.Err() != nil
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	r.After, err = scrape(last, o.Metrics)
	r.Came, r.Refused, r.Failed = s.came.Load(), s.refused.Load(), s.failed.Load()
	return r, err
}

// watch notes how the server is, window by window.
func (s *soak) watch(ctx context.Context, r *Report) {
	tick := time.NewTicker(s.o.Window)
	defer tick.Stop()
	begin := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		w := Window{At: time.Since(begin).Round(time.Second)}
		s.mu.Lock()
		took := s.took
		s.took = nil
		s.mu.Unlock()
		w.measure(took, s.o.Window)
		state, err := scrape(ctx, s.o.Metrics)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.fail("the metrics cannot be read", err)
			continue
		}
		w.State = state
		r.Windows = append(r.Windows, w)
		fmt.Fprintf(s.o.Out, "%s  visitors %d, refused %d, failed %d\n", &w, s.came.Load(), s.refused.Load(), s.failed.Load())
	}
}

// stay is the visitor that never leaves. Where it is thrown out it comes again.
func (s *soak) stay(ctx context.Context) {
	came := sync.OnceFunc(func() { close(s.inside) })
	for ctx.Err() == nil {
		err := s.visit(ctx, s.o.For, true, func(f caller.Frame) {
			came()
			if d := f.Took(); d > 0 {
				s.mu.Lock()
				s.took = append(s.took, d)
				s.mu.Unlock()
			}
		})
		if err != nil && ctx.Err() == nil {
			s.fail("the visitor that stays was thrown out", err)
			pause(ctx, time.Second)
		}
	}
}

// churn has visitors come one after the other: some say bye, some vanish.
func (s *soak) churn(ctx context.Context) {
	select { // not in its place
	case <-ctx.Done():
	case <-s.inside:
	}
	for ctx.Err() == nil {
		long := time.Duration(2+rand.IntN(6)) * time.Second
		err := s.visit(ctx, long, rand.IntN(3) > 0, nil)
		if e, ok := errors.AsType[*rtc.Error](err); ok && e.Code == rtc.CodeFull {
			s.refused.Add(1)
		} else if err != nil && ctx.Err() == nil {
			s.fail("a visit failed", err)
		}
		pause(ctx, time.Second)
	}
}

// visit drives a session for so long, with 30 samples a second, and leaves politely or vanishes.
func (s *soak) visit(ctx context.Context, long time.Duration, polite bool, report func(caller.Frame)) error {
	dialing, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	c, err := caller.Dial(dialing, &caller.Options{Server: s.o.Server, Token: s.o.Token, Report: report})
	if err != nil {
		return err
	}
	s.came.Add(1)
	err = drive(ctx, c, long)
	if polite {
		return errors.Join(err, c.Bye())
	}
	return errors.Join(err, c.Close())
}

// drive sends a performance.
func drive(ctx context.Context, c *caller.Caller, long time.Duration) error {
	show, err := perform.New("talking")
	if err != nil {
		return err
	}
	const every = time.Second / 30
	tick, end := time.NewTicker(every), time.After(long)
	defer tick.Stop()
	var sample landmark.Sample
	begin := time.Now()
	for seq := uint32(1); ; seq++ {
		select {
		case <-ctx.Done():
			return nil
		case <-end:
			return nil
		case <-c.Done():
			return c.Err()
		case <-tick.C:
		}
		at := time.Since(begin)
		show.At(at%show.Length(), &sample)
		sample.Seq, sample.CaptureMicros = seq, uint64(at.Microseconds())
		if err := c.Send(&sample); err != nil {
			return err
		}
	}
}

// fail counts what should not happen, and says it unless it was what happened last.
func (s *soak) fail(what string, err error) {
	s.failed.Add(1)
	text := what + ": " + err.Error()
	if last := s.said.Swap(&text); last == nil || *last != text {
		fmt.Fprintln(s.o.Out, text)
	}
}

func pause(ctx context.Context, long time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(long):
	}
}
