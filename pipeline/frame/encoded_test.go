package frame

import (
	"testing"
	"time"
)

func TestTicksDoNotDrift(t *testing.T) {
	for _, c := range []struct {
		pts  time.Duration
		want int64
	}{{0, 0}, {time.Second, 90_000}, {time.Second / 30, 2999}, {24 * 365 * time.Hour, 24 * 365 * 3600 * 90_000}} {
		if got := Ticks(c.pts); got != c.want {
			t.Errorf("%v: %d ticks, want %d", c.pts, got, c.want)
		}
	}
}
