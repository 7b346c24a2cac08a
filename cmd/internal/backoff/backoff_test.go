package backoff

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := Backoff{First: time.Second, Most: 5 * time.Second}
		for i, seconds := range []int{1, 2, 4, 5, 5, 1} {
			if i == 5 {
				b.Reset()
			}
			begin := time.Now()
			if ok := b.Wait(t.Context()); !ok || time.Since(begin).Seconds() != float64(seconds) {
				t.Errorf("wait %d took %v, want %d s", i, time.Since(begin), seconds)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		begin := time.Now()
		if b.Wait(ctx) || time.Since(begin) != 0 {
			t.Errorf("it waited %v after the end", time.Since(begin))
		}
	})
}

// TestScattered: waits lie between half of what they would be and that, not all at one place, and are never shorter than asked for.
func TestScattered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := Backoff{First: time.Second, Most: 30 * time.Second, Scatter: true}
		waited := func(least time.Duration) time.Duration {
			begin := time.Now()
			if !b.WaitAtLeast(t.Context(), least) {
				t.Fatal("it gave up")
			}
			return time.Since(begin)
		}
		exact := 0
		for _, seconds := range []int{1, 2, 4, 8, 16, 30, 30, 30, 30} {
			want := time.Duration(seconds) * time.Second
			d := waited(0)
			if d < want/2 || d > want {
				t.Errorf("waited %v, want %v to %v", d, want/2, want)
			}
			if d == want {
				exact++
			}
		}
		if exact > 5 {
			t.Errorf("%d of 9 waits are not scattered", exact)
		}
		if d := waited(time.Minute); d != time.Minute {
			t.Errorf("waited %v where the other side asked for a minute", d)
		}
		b.Reset()
		if d := waited(0); d > time.Second {
			t.Errorf("after a reset it waited %v", d)
		}
	})
}
