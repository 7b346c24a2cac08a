package pipeline

import "time"

// cadence decides when a session's next picture is due. It is owned by the loop's goroutine.
type cadence struct {
	interval time.Duration // 1/fps
	hold     time.Duration // a sample this late no longer holds the picture back
	next     time.Time     // no sample is drawn before this
	last     time.Time     // when the last picture was begun
}

// due tells whether a picture may begin now. With a sample waiting it may as soon as the rate allows; without
// one the stream goes on by itself once hold has passed, at the full rate.
func (c *cadence) due(now time.Time, sample bool) bool {
	if now.Before(c.next) {
		return false
	}
	return sample || now.Sub(c.last) >= c.hold
}

// wake is when due could turn true without a new sample.
func (c *cadence) wake(sample bool) time.Time {
	if sample {
		return c.next
	}
	return latestOf(c.next, c.last.Add(c.hold))
}

// began notes a picture begun at now. Credit for at most one interval is kept, so a driver at exactly the
// frame rate is never held back by jitter, and one at 10 kHz is.
func (c *cadence) began(now time.Time, sample bool) {
	c.last = now
	if !sample { // the idle stream keeps its rhythm
		c.last = now.Add(c.interval - c.hold)
	}
	c.next = latestOf(c.next.Add(c.interval), now)
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
