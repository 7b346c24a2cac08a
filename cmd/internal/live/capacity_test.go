package live

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// busyMachine is a machine on which others keep so many cores busy.
type busyMachine struct {
	mu     sync.Mutex
	others float64
	taken  time.Duration
	at     time.Time
}

func (b *busyMachine) set(others float64) {
	_, _ = b.read()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.others = others
}

func (b *busyMachine) read() (cputime.Machine, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken += time.Duration(b.others * float64(time.Since(b.at)))
	b.at = time.Now()
	return cputime.Machine{All: b.taken}, nil
}

// TestRoomFollowsTheMachine: a server that starts while others keep the machine busy has half of its places, and within one place of
// all of them a minute after that is over, whether or not somebody is inside.
func TestRoomFollowsTheMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ms = time.Millisecond
		cores := runtime.GOMAXPROCS(0)
		e := &engine.Engine{Speed: engine.Speed{Size: 512, FPS: 30, Geometric: 2 * ms, Encode: 2 * ms}, Capacity: pipeline.NewCapacity(30, cores, 0)}
		machine := &busyMachine{others: float64(cores), at: time.Now()}
		alone, inside := 0, []*session(nil)
		k := &keeper{
			engine: e, admission: pipeline.NewAdmission(e.Capacity), fps: 30, inside: func() []*session { return inside },
			alone: func(context.Context) error { alone++; return nil }, machine: machine.read, log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		}
		quiet := k.places()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); k.follow(ctx) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if busy := k.places(); busy > quiet/2+1 || busy < quiet/2-1 {
			t.Errorf("%d places of %d while others keep the machine busy", busy, quiet)
		}
		if alone != 1 && alone != 2 {
			t.Errorf("an empty house was measured %d times in a minute", alone)
		}
		if _, err := k.admission.Enter(e.Wants()...); err != nil {
			t.Fatal(err)
		}
		machine.set(0)
		time.Sleep(time.Minute)
		synctest.Wait()
		if now := k.places(); now < quiet-1 || now > quiet {
			t.Errorf("%d places of %d a minute after a busy one", now, quiet)
		}
		cancel()
		<-done
	})
}

// TestWhoCameWhileThereWasNoRoomMovesUp: a session gets the learned layer when another has left it, and its browser is told.
func TestWhoCameWhileThereWasNoRoomMovesUp(t *testing.T) {
	d := openServer(t, engine.Small)
	both, plain := pipeline.Cost{Loop: 10, Cores: 10}, pipeline.Cost{Loop: 4, Cores: 4}
	d.engine.Speed = engine.Speed{Geometric: plain.Loop, Learned: both.Loop - plain.Loop}
	d.engine.Named = false
	d.host.admission = pipeline.NewAdmission(pipeline.Capacity{Budget: pipeline.Cost{Loop: 15, Cores: 15}})
	open := func() *session {
		t.Helper()
		s, err := d.host.Open(t.Context(), signalling.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return s.(*session)
	}
	first, second := open(), open()
	if second.movedUp(both) {
		t.Error("there was room for a second learned layer")
	}
	first.Close()
	if !second.movedUp(both) || second.movedUp(both) {
		t.Error("it did not move up, or did twice")
	}
	if got := second.Info(); got.Generator != engine.Small || got.GeneratorNote != "" {
		t.Errorf("it is told %+v", got)
	}
	if err := second.show(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := second.preparing.begin(t.Context()); err != nil { // shown is guarded by that
		t.Fatal(err)
	}
	if !second.shown.learned {
		t.Error("what it shows has no learned layer")
	}
	second.preparing.end(0)
	second.Close()
	if n, taken, _ := d.host.admission.Taken(); n != 0 || taken != (pipeline.Cost{}) {
		t.Errorf("%d sessions and %v are left in the books", n, taken)
	}
}

// TestASessionIsCountedWithWhatItTakes, within bounds, and gives all of it back.
func TestASessionIsCountedWithWhatItTakes(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	o, err := d.host.Open(t.Context(), signalling.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := o.(*session)
	both, plain := pipeline.Cost{}, pipeline.Cost{Loop: 6 * time.Millisecond, Cores: 12 * time.Millisecond}
	for name, c := range map[string]struct {
		lately pipeline.Spent
		want   pipeline.Cost
	}{
		"as it was let in": {pipeline.Spent{Pictures: 10, First: 60 * time.Millisecond, Encode: 60 * time.Millisecond}, plain},
		"costly":           {pipeline.Spent{Pictures: 10, First: time.Second}, pipeline.Cost{Loop: 9 * time.Millisecond, Cores: 18 * time.Millisecond}},
		"cheap":            {pipeline.Spent{Pictures: 10}, pipeline.Cost{Loop: 4 * time.Millisecond, Cores: 8 * time.Millisecond}},
	} {
		s.recount(c.lately, both, plain)
		if _, taken, _ := d.host.admission.Taken(); taken != c.want {
			t.Errorf("%s: %v is taken, want %v", name, taken, c.want)
		}
	}
	s.Close()
	s.recount(pipeline.Spent{Pictures: 10}, both, plain) // the keeper may have seen it just before
	if n, taken, _ := d.host.admission.Taken(); n != 0 || taken != (pipeline.Cost{}) {
		t.Errorf("%d sessions and %v are left in the books", n, taken)
	}
}
