package rtc

import (
	"testing"
	"time"
)

func TestDriverClock(t *testing.T) {
	epoch := time.Unix(5000, 0)
	c := driverClock{epoch: epoch}
	now := epoch.Add(10 * time.Second)
	if got := c.captured(1000, now); !got.IsZero() {
		t.Errorf("told nothing, and yet %v", got)
	}
	c.learn(clockOffsets{server: 3e6, wall: 1e15}) // the server's clock is 3 s ahead
	for micros, want := range map[uint64]time.Duration{
		6_980_000: -20 * time.Millisecond, 5_000_001: -1999999 * time.Microsecond, 7_010_000: 0, // not in the future
	} {
		if got := c.captured(micros, now).Sub(now); got != want {
			t.Errorf("%d: %v, want %v", micros, got, want)
		}
		if got := c.wall(1e15+float64(micros), now).Sub(now); got != want {
			t.Errorf("%d since 1970: %v, want %v", micros, got, want)
		}
	}
	for _, micros := range []uint64{0, 4_000_000, 7_100_000, 1 << 62, 1<<64 - 1} {
		if got := c.captured(micros, now); !got.IsZero() {
			t.Errorf("%d: %v", micros, got)
		}
	}
	c.learn(clockOffsets{server: -1e300, wall: 1e300})
	if got := c.captured(6_980_000, now); got.IsZero() {
		t.Error("nonsense was learnt")
	}
}
