package exits

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		waited := func(least time.Duration) time.Duration {
			begin := time.Now()
			if !b.wait(t.Context(), least) {
				t.Fatal("it gave up")
			}
			return time.Since(begin)
		}
		for _, seconds := range []int{1, 2, 4, 8, 16, 30, 30} {
			want := time.Duration(seconds) * time.Second
			if d := waited(0); d < want/2 || d > want {
				t.Errorf("waited %v, want %v to %v", d, want/2, want)
			}
		}
		if d := waited(time.Minute); d != time.Minute {
			t.Errorf("waited %v where the other side asked for a minute", d)
		}
		b.reset()
		if d := waited(0); d > firstWait {
			t.Errorf("after a reset it waited %v", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		b.next = mostWait
		if begin := time.Now(); b.wait(ctx, 0) || time.Since(begin) > time.Millisecond {
			t.Error("the end of its context does not end the wait")
		}
	})
}
