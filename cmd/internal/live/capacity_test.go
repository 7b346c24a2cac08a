package live

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestCapacityIsMeasuredAgain: a server that found itself busy at the start finds its places within a minute once it is quiet, never
// while somebody is inside.
func TestCapacityIsMeasuredAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, places, measured atomic.Int32
		places.Store(1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go followCapacity(ctx, func(context.Context) error {
			if inside.Load() > 0 {
				t.Error("it measured while somebody was inside")
			}
			measured.Add(1)
			places.Store(3)
			return nil
		}, func() int { return int(inside.Load()) })
		time.Sleep(time.Minute)
		if places.Load() != 3 {
			t.Errorf("%d places after a quiet minute", places.Load())
		}
		before := measured.Load()
		inside.Store(1)
		time.Sleep(time.Hour)
		if n := measured.Load() - before; n > 1 {
			t.Errorf("measured %d times in a house that is not empty", n)
		}
		inside.Store(0)
		time.Sleep(measureEvery)
		if measured.Load() == before {
			t.Error("an empty house was not measured again")
		}
	})
}
