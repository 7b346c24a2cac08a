package rtc

import (
	"math/rand/v2"
	"testing"
	"time"
)

const packet = 20 * time.Millisecond

// talk feeds n packets that sounded one after the other from begin on, and calls see with the error of each time that the
// clock tells. travel is how long each was on its way after it had sounded.
func talk(c *soundClock, first uint32, begin time.Time, n int, travel func(i int) time.Duration, see func(i int, off time.Duration)) {
	for i := range n {
		sounded := begin.Add(time.Duration(i) * packet)
		at := c.at(first+uint32(960*i), packet, sounded.Add(packet+travel(i)))
		see(i, at.Sub(sounded))
	}
}

// jittery is a network that takes 10 ms and up to 30 more.
func jittery(int) time.Duration { return 10*time.Millisecond + rand.N(30*time.Millisecond) }

// TestSoundClockByArrival: what comes fastest tells the time; the way of the network is in it, its jitter is not.
func TestSoundClockByArrival(t *testing.T) {
	var c soundClock
	var last time.Duration
	talk(&c, 1<<32-5000, time.Unix(1000, 0), 1000, jittery, func(i int, off time.Duration) {
		if step := off - last; i > 0 && (step > soundSlew || step < -soundSlew) {
			t.Fatalf("packet %d: %v after the one before", i, packet+step)
		}
		if last = off; i > 100 && (off < 10*time.Millisecond || off > 14*time.Millisecond) {
			t.Errorf("packet %d: %v off", i, off)
		}
	})
}

// TestSoundClockByReport: a report takes out the way of the network too.
func TestSoundClockByReport(t *testing.T) {
	var c soundClock
	begin := time.Unix(1000, 0)
	talk(&c, 7, begin, 500, jittery, func(i int, off time.Duration) {
		if i == 100 {
			c.report(7+960*100+480, begin.Add(100*packet+packet/2+reportLag)) // senders reckon on from a packet's stamp
		}
		if i > 180 && (off < -time.Microsecond || off > time.Microsecond) {
			t.Errorf("packet %d: %v off", i, off)
		}
	})
}

// TestSoundClockDoubtsReports: sound does not come in before it sounded.
func TestSoundClockDoubtsReports(t *testing.T) {
	var c soundClock
	begin := time.Unix(1000, 0)
	talk(&c, 7, begin, 500, func(int) time.Duration { return time.Millisecond }, func(i int, off time.Duration) {
		if i == 100 {
			c.report(7+960*100, begin.Add(102*packet)) // a packet after it was sent
		}
		if off != time.Millisecond {
			t.Errorf("packet %d: %v off", i, off)
		}
	})
}

// TestSoundClockFollows: a clock that is fast by 200 ppm, a way that becomes longer, a pause in which the sender does not count.
func TestSoundClockFollows(t *testing.T) {
	var c soundClock
	begin := time.Unix(1000, 0)
	drift := func(i int) time.Duration { return 10*time.Millisecond - time.Duration(i)*packet/5000 }
	talk(&c, 0, begin, 2000, drift, func(i int, off time.Duration) {
		if d := off - drift(i); d < -time.Millisecond || d > time.Millisecond {
			t.Errorf("fast clock, packet %d: %v off", i, d)
		}
	})
	begin = begin.Add(2000 * packet)
	talk(&c, 2000*960, begin, 1000, func(int) time.Duration { return 60 * time.Millisecond }, func(i int, off time.Duration) {
		if i > 400 && off != 60*time.Millisecond {
			t.Errorf("longer way, packet %d: %v off", i, off)
		}
	})
	begin = begin.Add(1000*packet + time.Minute)
	talk(&c, 3000*960, begin, 10, func(int) time.Duration { return 0 }, func(i int, off time.Duration) {
		if off != 0 {
			t.Errorf("after a pause, packet %d: %v off", i, off)
		}
	})
}

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
