package pipeline

import "time"

// cadence decides when a session's next picture is due. It is owned by the loop's goroutine.
type cadence struct {
	interval time.Duration // 1/fps
	hold     time.Duration // a sample this late no longer holds the picture back
	spacing  time.Duration // of the driver's samples as they were captured and at most at the full rate, 0 while it is not known
	pace     time.Duration // the same without regard to the rate
	fed      time.Time     // when the last picture with a sample was begun
	seq      uint32        // of the newest sample
	captured uint64        // that, in microseconds
	next     time.Time     // no sample is drawn before this
	last     time.Time     // when the last picture was begun
}

// patience is how long a picture waits for a sample: until one is overdue by half the driver's spacing, because it was lost or
// comes late, and no longer than hold.
func (c *cadence) patience() time.Duration {
	if c.spacing == 0 {
		return c.hold
	}
	return min(c.hold, c.spacing*3/2)
}

// follow learns the driver's spacing from a sample, also where some before it were lost.
func (c *cadence) follow(seq uint32, captured uint64) {
	const most = 8 // samples in a row that may be missing
	n, micros := seq-c.seq, captured-c.captured
	c.seq, c.captured = seq, captured
	if n == 0 || n > most || micros > uint64(most*c.hold.Microseconds()) {
		return // it pauses, or begins anew
	}
	pace := time.Duration(micros) * time.Microsecond / time.Duration(n)
	spacing := max(c.interval, pace)
	if c.spacing == 0 {
		c.spacing, c.pace = spacing, pace
	}
	c.spacing += (spacing - c.spacing) / 8
	c.pace += (pace - c.pace) / 8
}

// step is how far apart pictures may begin. A driver at the frame rate gets a little more than that rate: else all its samples
// would be as late as the first, which came just after a picture that had been drawn without one.
func (c *cadence) step() time.Duration {
	if more := c.interval - c.interval/16; c.pace >= more {
		return more
	}
	return c.interval
}

// due tells whether a picture may begin now. With a sample waiting it may as soon as the rate allows; without
// one the stream goes on by itself once patience has passed, at the full rate.
func (c *cadence) due(now time.Time, sample bool) bool {
	if now.Before(c.next) {
		return false
	}
	return sample || now.Sub(c.last) >= c.patience()
}

// wake is when due could turn true without a new sample.
func (c *cadence) wake(sample bool) time.Time {
	if sample {
		return c.next
	}
	return latestOf(c.next, c.last.Add(c.patience()))
}

// began notes a picture begun at now. Credit for at most one interval is kept, so a driver at exactly the
// frame rate is never held back by jitter, and one at 10 kHz is.
func (c *cadence) began(now time.Time, sample bool) {
	c.last = now
	if sample {
		c.fed = now
	} else { // the stream keeps its rhythm
		if now.Sub(c.fed) > 2*c.hold {
			c.spacing, c.pace = 0, 0 // nobody drives
		}
		c.last = now.Add(max(c.interval, c.spacing) - c.patience())
	}
	c.next = latestOf(c.next.Add(c.step()), now)
	if limit := now.Add(c.interval); c.next.After(limit) {
		c.next = limit
	}
}

func latestOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
