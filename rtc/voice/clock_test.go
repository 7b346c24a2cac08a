package voice

import (
	"math/rand/v2"
	"testing"
	"time"
)

const span = 20 * time.Millisecond

// talk feeds n packets that sounded one after the other from begin on, and calls see with the error of each time that the
// clock tells. travel is how long each was on its way after it had sounded.
func talk(c *Clock, first uint32, begin time.Time, n int, travel func(i int) time.Duration, see func(i int, off time.Duration)) {
	for i := range n {
		sounded := begin.Add(time.Duration(i) * span)
		at := c.At(first+uint32(960*i), span, sounded.Add(span+travel(i)))
		see(i, at.Sub(sounded))
	}
}

// jittery is a network that takes 10 ms and up to 30 more.
func jittery(int) time.Duration { return 10*time.Millisecond + rand.N(30*time.Millisecond) }

// TestClockByArrival: what comes fastest tells the time; the way of the network is in it, its jitter is not.
func TestClockByArrival(t *testing.T) {
	var c Clock
	var last time.Duration
	talk(&c, 1<<32-5000, time.Unix(1000, 0), 1000, jittery, func(i int, off time.Duration) {
		if step := off - last; i > 0 && (step > slew || step < -slew) {
			t.Fatalf("packet %d: %v after the one before", i, span+step)
		}
		if last = off; i > 100 && (off < 10*time.Millisecond || off > 14*time.Millisecond) {
			t.Errorf("packet %d: %v off", i, off)
		}
	})
}

// TestClockByReport: a report takes out the way of the network too.
func TestClockByReport(t *testing.T) {
	var c Clock
	begin := time.Unix(1000, 0)
	talk(&c, 7, begin, 500, jittery, func(i int, off time.Duration) {
		if i == 100 {
			c.Report(7+960*100+480, begin.Add(100*span+span/2+reportLag)) // senders reckon on from a packet's stamp
		}
		if i > 180 && (off < -time.Microsecond || off > time.Microsecond) {
			t.Errorf("packet %d: %v off", i, off)
		}
	})
}

// TestClockDoubtsReports: sound does not come in before it sounded.
func TestClockDoubtsReports(t *testing.T) {
	var c Clock
	begin := time.Unix(1000, 0)
	talk(&c, 7, begin, 500, func(int) time.Duration { return time.Millisecond }, func(i int, off time.Duration) {
		if i == 100 {
			c.Report(7+960*100, begin.Add(102*span)) // a packet after it was sent
		}
		if off != time.Millisecond {
			t.Errorf("packet %d: %v off", i, off)
		}
	})
}

// TestClockFollows: a clock that is fast by 200 ppm, a way that becomes longer, a pause in which the sender does not count.
func TestClockFollows(t *testing.T) {
	var c Clock
	begin := time.Unix(1000, 0)
	drift := func(i int) time.Duration { return 10*time.Millisecond - time.Duration(i)*span/5000 }
	talk(&c, 0, begin, 2000, drift, func(i int, off time.Duration) {
		if d := off - drift(i); d < -time.Millisecond || d > time.Millisecond {
			t.Errorf("fast clock, packet %d: %v off", i, d)
		}
	})
	begin = begin.Add(2000 * span)
	talk(&c, 2000*960, begin, 1000, func(int) time.Duration { return 60 * time.Millisecond }, func(i int, off time.Duration) {
		if i > 400 && off != 60*time.Millisecond {
			t.Errorf("longer way, packet %d: %v off", i, off)
		}
	})
	begin = begin.Add(1000*span + time.Minute)
	talk(&c, 3000*960, begin, 10, func(int) time.Duration { return 0 }, func(i int, off time.Duration) {
		if off != 0 {
			t.Errorf("after a pause, packet %d: %v off", i, off)
		}
	})
}
