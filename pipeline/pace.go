package pipeline

import "time"

// pace decides when a session's next picture is due. It is owned by the loop's goroutine.
type pace struct {
	interval time.Duration // 1/fps
	hold     time.Duration // a sample this late no longer holds the picture back
	next     time.Time     // no sample is drawn before this
	last     time.Time     // when the last picture was begun
}

// due tells whether a picture may begin now. With a sample waiting it may as soon as the rate allows; without
// one the stream goes on by itself once hold has passed, at the full rate.
func (p *pace) due(now time.Time, sample bool) bool {
	if now.Before(p.next) {
		return false
	}
	return sample || now.Sub(p.last) >= p.hold
}

// wake is when due could turn true without a new sample.
func (p *pace) wake(sample bool) time.Time {
	if sample {
		return p.next
	}
	return latestOf(p.next, p.last.Add(p.hold))
}

// began notes a picture begun at now. Credit for at most one interval is kept, so a driver at exactly the
// frame rate is never held back by jitter, and one at 10 kHz is.
func (p *pace) began(now time.Time, sample bool) {
	p.last = now
	if !sample { // the idle stream keeps its rhythm
		p.last = now.Add(p.interval - p.hold)
	}
	p.next = latestOf(p.next.Add(p.interval), now)
	if limit := now.Add(p.interval); p.next.After(limit) {
		p.next = limit
	}
}

func latestOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// timeline turns capture times into presentation times: they advance as the driver's camera did, so network
// jitter does not reach the viewer's clock, and are pulled gently towards the time of drawing.
type timeline struct {
	start       time.Time
	pts         time.Duration
	lastCapture uint64 // microseconds, 0 if the last frame had no sample
}

const (
	maxSkew = 40 * time.Millisecond // capture-driven time may differ this much from wall time
	minStep = time.Millisecond
)

// at returns the presentation time of a frame drawn at now from a sample captured at capture (0: no sample).
func (t *timeline) at(now time.Time, capture uint64) time.Duration {
	wall := now.Sub(t.start)
	next := wall
	if capture != 0 && t.lastCapture != 0 && capture > t.lastCapture {
		step := time.Duration(capture-t.lastCapture) * time.Microsecond
		next = t.pts + step
		if skew := wall - next; skew > maxSkew || skew < -maxSkew {
			next = wall
		} else {
			next += skew / 16
		}
	}
	t.lastCapture = capture
	t.pts = max(next, t.pts+minStep)
	return t.pts
}
