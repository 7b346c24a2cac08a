package compositor

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow counts how often it is asked for a value that takes a second.
type slow struct {
	made atomic.Int32
	fail atomic.Bool
}

func (s *slow) make() (int, error) {
	n := s.made.Add(1)
	time.Sleep(time.Second)
	if s.fail.Load() {
		return 0, errors.New("not today")
	}
	return int(n), nil
}

func TestEverybodyGetsTheOneValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o once[int]
		var s slow
		var running, wg sync.WaitGroup
		begin := time.Now()
		for i := range 10 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 50 * time.Millisecond)
				if v, err := o.get(t.Context(), &running, s.make); v != 1 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(begin); took != time.Second || s.made.Load() != 1 {
			t.Errorf("made %d times in %v", s.made.Load(), took)
		}
		if v, ok := o.made(); v != 1 || !ok || o.idle() {
			t.Errorf("kept %d, %v", v, ok)
		}
	})
}

// Who no longer wants to wait leaves at once; what they began is there for the next.
func TestWhoLeavesDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o once[int]
		var s slow
		var running sync.WaitGroup
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begin := time.Now()
		if _, err := o.get(ctx, &running, s.make); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 100*time.Millisecond {
			t.Errorf("left after %v with %v", time.Since(begin), err)
		}
		if _, ok := o.made(); ok || o.idle() {
			t.Error("made before it is made, or given up")
		}
		running.Wait()
		if v, err := o.get(t.Context(), &running, s.make); v != 1 || err != nil || s.made.Load() != 1 {
			t.Errorf("the next got %d, %v", v, err)
		}
	})
}

func TestAFailureIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o once[int]
		var s slow
		var running sync.WaitGroup
		s.fail.Store(true)
		if _, err := o.get(t.Context(), &running, s.make); err == nil {
			t.Error("no error")
		}
		if _, ok := o.made(); ok || !o.idle() {
			t.Error("a failure is kept")
		}
		s.fail.Store(false)
		if v, err := o.get(t.Context(), &running, s.make); v != 2 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	})
}

// TestDesks: of six values two are made at a time, and a fault gives its desk back.
func TestDesks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesks(2)
		var running sync.WaitGroup
		broken := once[int]{}
		if _, err := broken.get(t.Context(), &running, atDesk(d, func() (int, error) { panic("a fault") })); err == nil {
			t.Error("a fault made a value")
		}
		var s slow
		values := make([]once[int], 6)
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range values {
			wg.Go(func() {
				if _, err := values[i].get(t.Context(), &running, atDesk(d, s.make)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("six values of a second took %v at two desks", took)
		}
	})
}
