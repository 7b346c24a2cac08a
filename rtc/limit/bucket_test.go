package limit

import (
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	now := time.Unix(100, 0)
	b := NewBucket(10, 3, now)
	take := func(after time.Duration, n int) (got int) {
		now = now.Add(after)
		for range n {
			if b.Take(now) {
				got++
			}
		}
		return got
	}
	for i, c := range []struct {
		after time.Duration
		want  int
	}{
		{0, 3},                      // what is saved up
		{0, 0},                      // and no more
		{100 * time.Millisecond, 1}, // ten a second
		{50 * time.Millisecond, 0},
		{50 * time.Millisecond, 1},
		{time.Hour, 3},        // no more than the burst is saved up
		{-5 * time.Second, 0}, // a clock that goes back gives nothing
		{5 * time.Second, 0},  // twice
		{200 * time.Millisecond, 2},
	} {
		if got := take(c.after, 10); got != c.want {
			t.Errorf("step %d: %d tokens, want %d", i, got, c.want)
		}
	}
}
