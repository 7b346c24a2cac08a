// Package smooth takes the jitter out of landmarks without making them late: one-euro filters
// (Casiez, Roussel and Vogel, CHI 2012) whose cutoff rises with speed, one for the head's pose and one
// for each region of the face.
package smooth

import "math"

// Params tune one one-euro filter. Lengths are in the unit of the filtered value.
type Params struct {
	MinCutoff float64 // Hz: cutoff at rest; lower is calmer
	Beta      float64 // Hz per (unit/s): how fast the cutoff rises with speed; higher is prompter
	Noise     float64 // unit/s: speed that is put down to the tracker's noise and does not raise the cutoff
}

// steadyCutoff is the low-pass frequency in Hz of the velocity that tells slow steady motion from noise;
// steadyShare is how much of a tracker's noise is left in it.
const (
	steadyCutoff = 3
	steadyShare  = 0.25
)

// cutoff returns the low-pass frequency for two views of the speed in unit/s: the one since the last value,
// prompt but noisy, and that of the low-passed velocity, late but clean. level says how many times as noisy the
// values are as p was made for, 1 or more: what is taken for noise grows with it and the answer to what exceeds it
// falls; the cutoff at rest falls with its square, so that no more of the noise is left.
func (p *Params) cutoff(prompt, steady, level float64) float64 {
	noise := p.Noise
	share := steadyShare
	if level > 1 { // where little is let through at rest, what exceeds the bounds by chance counts more
		noise *= math.Pow(level, 1.15)
		share *= 2 - 1/level
	}
	return p.MinCutoff/(level*level) + p.Beta/level*max(0, prompt-noise, steady-share*noise)
}

// gain is the weight of the newest value in a first-order low-pass at cutoff Hz after dt seconds.
func gain(cutoff, dt float64) float32 {
	r := 2 * math.Pi * cutoff * dt
	return float32(r / (1 + r))
}

// Scalar filters one number. The zero value with Params set is ready; it is not safe for concurrent use.
type Scalar struct {
	Params Params
	value  float64
	last   float64 // unfiltered
	speed  float64 // low-passed
	primed bool
}

// Step takes the newest value, dt seconds after the last one, and returns the filtered one.
func (s *Scalar) Step(value, dt float64) float64 {
	if !s.primed {
		s.value, s.last, s.speed, s.primed = value, value, 0, true
		return value
	}
	dt = clampDt(dt)
	s.speed += float64(gain(steadyCutoff, dt)) * ((value-s.last)/dt - s.speed)
	s.last = value
	prompt := math.Abs(value-s.value) / max(dt, nominalDt)
	s.value += float64(gain(s.Params.cutoff(prompt, math.Abs(s.speed), 1), dt)) * (value - s.value)
	return s.value
}

// Reset forgets the past: the next value passes through.
func (s *Scalar) Reset() { s.primed = false }

const (
	// nominalDt is the period below which a shorter one does not make noise look fast.
	nominalDt = 1.0 / 30
	// Longer or impossible periods are clamped: after a hole the filter catches up in a few frames, not in one.
	minDt, maxDt = 1.0 / 240, 1.0 / 12
)

// clampDt makes a period usable, whatever the driver's clock says.
func clampDt(dt float64) float64 {
	if !(dt > 0) {
		return nominalDt
	}
	return min(max(dt, minDt), maxDt)
}
