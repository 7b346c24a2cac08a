package pipeline

import "time"

// ptsClock turns capture times into presentation times: they advance as the driver's camera did, so network
// jitter does not reach the viewer's clock, and are pulled gently towards the time of drawing.
type ptsClock struct {
	start       time.Time
	pts         time.Duration
	lastCapture uint64 // microseconds, 0 if the last frame had no sample
}

const (
	maxSkew = 40 * time.Millisecond // capture-driven time may differ this much from wall time
	minStep = time.Millisecond
)

// at returns the presentation time of a frame drawn at now from a sample captured at capture (0: no sample).
func (p *ptsClock) at(now time.Time, capture uint64) time.Duration {
	wall := now.Sub(p.start)
	next := wall
	if capture != 0 && p.lastCapture != 0 && capture > p.lastCapture {
		step := time.Duration(capture-p.lastCapture) * time.Microsecond
		next = p.pts + step
		if skew := wall - next; skew > maxSkew || skew < -maxSkew {
			next = wall
		} else {
			next += skew / 16
		}
	}
	p.lastCapture = capture
	p.pts = max(next, p.pts+minStep)
	return p.pts
}
