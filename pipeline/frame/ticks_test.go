package frame

import (
	"testing"
	"time"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		pts  time.Duration
		want int64
	}{{0, 0}, {time.Second, 90_000}, {time.Second / 30, 2999}, {24 * 365 * time.Hour, 24 * 365 * 3600 * 90_000}} {
		if got := Ticks(c.pts); got != c.want {
			t.Errorf("%v: %d ticks, want %d", c.pts, got, c.want)
		}
	}
}

func TestTicksDoNotDrift(t *testing.T) {
	for n := range 30 * 3600 * 10 {
		if got, want := Ticks(time.Duration(n)*time.Second/30), int64(n)*3000; got < want-1 || got > want {
			t.Fatalf("frame %d: %d, want %d", n, got, want)
		}
	}
}
