package voice

import (
	"time"

	"github.com/gioconda-live/gioconda/rtc/opus"
)

const (
	// slew is how far the clock moves with a packet: sound that jumps is heard to click.
	slew = 500 * time.Microsecond
	// Jump is an error that is mended at once.
	Jump = 100 * time.Millisecond
	// Pause is a silence after which it may be: nobody hears a jump there.
	Pause = 200 * time.Millisecond
	// reportLag is how late a browser's reports are: they give the time at which it had recorded 10 ms, and the stamp of the first
	// sample of those. Seen in Chromium 156, whose packets else came in before they had sounded.
	reportLag = 10 * time.Millisecond
	// window is how long the packet that travelled fastest is remembered, once to twice.
	window = 2 * time.Second
)

// Clock tells when each packet of sound began to sound, on this machine's clock. It goes by the numbers that the sender
// counts samples with, so that jitter of the network does not reach it. Where they stand in time is said by the sender's
// reports; before the first of those, and where the driver's clock is not known, by the packet that travelled fastest: it had
// sounded to its end when it came. The zero value is ready. One goroutine at a time.
type Clock struct {
	begun bool
	stamp uint32 // of the newest packet
	ticks int64  // of the newest packet, counted from the first
	heard time.Time

	zero     time.Time // when tick 0 sounded, as told
	now, old time.Time // earliest that tick 0 can have sounded, by arrivals of this window and the last
	turned   time.Time // when this window began
	reported time.Time // when tick 0 sounded, by the newest report; zero is unknown
}

// At is when the packet with a stamp began to sound, which lasts for span and came in at arrived.
func (c *Clock) At(stamp uint32, span time.Duration, arrived time.Time) time.Time {
	pause := !c.begun || arrived.Sub(c.heard) > Pause
	if pause { // the sender's count may have stood still, or begun anew
		*c = Clock{begun: true, stamp: stamp, heard: arrived, turned: arrived}
	}
	c.ticks += int64(int32(stamp - c.stamp))
	c.stamp, c.heard = stamp, arrived
	media := opus.Duration(c.ticks)
	c.arrive(arrived.Add(-span-media), arrived)
	aim := c.aim()
	switch off := aim.Sub(c.zero); {
	case pause || off > Jump || off < -Jump:
		c.zero = aim
	default:
		c.zero = c.zero.Add(min(max(off, -slew), slew))
	}
	return c.zero.Add(media)
}

// arrive notes where a packet's arrival puts tick 0.
func (c *Clock) arrive(zero, arrived time.Time) {
	if arrived.Sub(c.turned) > window {
		c.old, c.now, c.turned = c.now, time.Time{}, arrived
	}
	if c.now.IsZero() || zero.Before(c.now) {
		c.now = zero
	}
}

// aim is the best guess at tick 0. A report cannot be right that lets a packet come in before it had sounded.
func (c *Clock) aim() time.Time {
	first := c.now
	if !c.old.IsZero() && c.old.Before(first) {
		first = c.old
	}
	if !c.reported.IsZero() && c.reported.Before(first) {
		return c.reported
	}
	return first
}

// Report takes what the sender says of a sample, with a time of this machine's clock.
func (c *Clock) Report(stamp uint32, at time.Time) {
	if c.begun {
		c.reported = at.Add(-reportLag - opus.Duration(c.ticks+int64(int32(stamp-c.stamp))))
	}
}
