// Package life keeps a portrait alive: breath always, and when nobody drives it, an idle of small motions,
// glances and blinks, entered and left without a jump.
package life

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	holdTime   = 500 * time.Millisecond // without a face the last state is held so long
	leaveTime  = 0.8                    // s to ease into idle
	returnTime = 0.25                   // s to ease back to the driver
	holeTime   = 120 * time.Millisecond // a longer hole is eased over, lest it jump
)

// Options switch parts of life off.
type Options struct {
	// Off: no life at all. A still driver gives bit-identical states, and no driver the neutral.
	Off bool
	// NoIdle: without a driver the portrait rests in its neutral, breathing.
	NoIdle bool
	// Still: whoever drives, the portrait eases to its neutral and stays there, without breath.
	Still bool
}

// Animator turns what is retargeted into what is drawn. It is not safe for concurrent use; Step does not allocate.
type Animator struct {
	options Options
	rest    *motion.Rest
	idle    idle
	origin  time.Time // of idle and breath
	last    time.Time // of the newest Step
	face    time.Time // of the newest fresh driven state
	phase   phase

	driven  motion.State // the newest one
	hasFace bool         // driven is set, for this portrait
	shown   motion.State // what was drawn last, without breath
	from    motion.State // what is eased from
	ease    float64      // s into the easing
	breath  float64      // share of the breath that is drawn, 0..1
	span    float64      // s the easing takes; 0 when it is over
}

// phase is what the animator is heading for.
type phase uint8

const (
	idling phase = iota
	driving
)

// New prepares an animator that idles until a driver comes. rest is only read; rnd is owned by the animator.
func New(rest *motion.Rest, o Options, rnd *rand.Rand) *Animator {
	a := &Animator{options: o, idle: newIdle(rnd), breath: 1}
	a.SetRest(rest)
	return a
}

// SetRest switches to another portrait; what was held or eased from belongs to the old one and is dropped.
func (a *Animator) SetRest(rest *motion.Rest) {
	a.rest, a.span, a.hasFace = rest, 0, false
}

// SetOptions changes the options from the next Step on.
func (a *Animator) SetOptions(o Options) {
	if o.Still != a.options.Still && a.phase == idling {
		a.idle.start()
		a.begin(leaveTime)
	}
	a.options = o
}

// Driven tells whether a driver moves the portrait; false in idle and on the way there.
func (a *Animator) Driven() bool { return a.phase == driving }

// Step writes into dst the state to draw at now. driven is the retargeter's newest state, nil before there is
// one; fresh says that it comes from a face that arrived since the last Step (not a lost one). Call it for every
// frame drawn, fresh or not; now must not run backwards.
func (a *Animator) Step(dst, driven *motion.State, fresh bool, now time.Time) {
	if a.last.IsZero() {
		a.origin, a.last = now, now
		a.idle.start()
	}
	dt := min(max(now.Sub(a.last).Seconds(), 0), 0.5)
	a.last = now
	if driven != nil {
		a.driven, a.hasFace = *driven, true
	}
	a.turn(fresh && driven != nil && !a.options.Still, now)

	target := &a.driven
	t := now.Sub(a.origin).Seconds()
	if a.phase == idling || !a.hasFace {
		target = a.idle.step(a.rest, t, dt, a.options.Off || a.options.NoIdle || a.options.Still)
	}
	a.blend(dst, target, dt)
	a.shown = *dst
	if !a.options.Off {
		dst.Breath = a.breathing(dt) * breath(t)
	}
}

// breathing gives how much of the breath is drawn: it stops and begins as slowly as the portrait comes to rest.
func (a *Animator) breathing(dt float64) float32 {
	if a.options.Still {
		a.breath = max(0, a.breath-dt/leaveTime)
	} else {
		a.breath = min(1, a.breath+dt/leaveTime)
	}
	return float32(a.breath)
}

// turn decides between driver and idle, and starts an easing when that or a hole makes one necessary.
func (a *Animator) turn(fresh bool, now time.Time) {
	switch {
	case fresh && a.phase == idling:
		first := a.face.IsZero() && a.shown.Head.Scale == 0 // nothing was drawn yet
		a.phase = driving
		if !first {
			a.begin(returnTime)
		}
	case fresh && now.Sub(a.face) > holeTime:
		a.begin(min(0.8*now.Sub(a.face).Seconds(), returnTime))
	case !fresh && a.phase == driving && (a.options.Still || now.Sub(a.face) > holdTime):
		a.phase = idling
		a.idle.start()
		a.begin(leaveTime)
	}
	if fresh {
		a.face = now
	}
}

// begin eases from what is shown; after a switch of portraits there is nothing to ease from.
func (a *Animator) begin(span float64) {
	if a.shown.Head.Scale == 0 {
		return
	}
	a.from, a.ease, a.span = a.shown, 0, span
}

// blend writes the state on the way from what was shown to the target.
func (a *Animator) blend(dst, target *motion.State, dt float64) {
	if a.span > 0 {
		a.ease += dt
	}
	if a.span <= 0 || a.ease >= a.span {
		a.span = 0
		*dst = *target
		return
	}
	t := float32(a.ease / a.span)
	motion.Blend(dst, &a.from, target, t*t*(3-2*t))
}

// breath is the chest's rise at t seconds: about 14 a minute, in a little faster than out.
func breath(t float64) float32 {
	p := 2 * math.Pi * t / 4.3
	return float32(math.Sin(p + 0.35*math.Sin(p)))
}
