package life

import (
	"math"
	"math/rand/v2"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// idle is what a portrait does by itself: it sways a little, blinks, glances. The first moments after start are still.
type idle struct {
	rnd   *rand.Rand
	eyes  [2]motion.EyeParts
	sway  [5]noise // yaw, pitch, roll, shift x, shift y
	age   float64  // s since start
	blink blink

	look, lookFrom, lookTo [2]float32 // of both irises, in eye widths
	lookAge, lookNext      float64    // s

	state motion.State
}

func newIdle(rnd *rand.Rand) idle {
	i := idle{rnd: rnd, eyes: motion.Eyes()}
	for k := range i.sway {
		i.sway[k] = newNoise(rnd)
	}
	return i
}

// start begins anew from the plain neutral.
func (i *idle) start() {
	i.age = 0
	i.blink.schedule(i.rnd, 0.8)
	i.look, i.lookFrom, i.lookTo = [2]float32{}, [2]float32{}, [2]float32{}
	i.lookAge, i.lookNext = 0, 1.5+i.rnd.Float64()
}

// step returns the idle state at t seconds, dt after the last one; still gives the plain neutral.
// The result is owned by idle until the next call.
func (i *idle) step(rest *motion.Rest, t, dt float64, still bool) *motion.State {
	s := &i.state
	*s = motion.State{Head: rest.Head, Points: rest.Neutral, Lid: [2]float32{1, 1}, MouthOpen: rest.MouthOpen()}
	if !still {
		i.age += dt
		i.moveHead(rest, t)
		i.moveLook(dt)
		i.blink.advance(i.rnd, dt)
		open := i.blink.opening()
		for side := range i.eyes {
			e := &i.eyes[side]
			width := rest.Neutral[e.Outer].X - rest.Neutral[e.Inner].X
			width = max(width, -width)
			for _, k := range e.Iris {
				s.Points[k].X += i.look[0] * width
				s.Points[k].Y += i.look[1] * width
			}
			if open < 1 {
				s.Lid[side] = open
				motion.SetLid(&s.Points, &rest.Neutral, e, open, 0)
			}
		}
	}
	for side := range i.eyes {
		k := i.eyes[side].Iris[0]
		s.Gaze[side].X = s.Points[k].X - rest.Points[k].X
		s.Gaze[side].Y = s.Points[k].Y - rest.Points[k].Y
	}
	return s
}

// moveHead sways the head about the neck by a degree or so.
func (i *idle) moveHead(rest *motion.Rest, t float64) {
	const degree = math.Pi / 180
	grow := min(i.age/3, 1) // the sway grows from rest
	grow *= grow * (3 - 2*grow)
	turn := motion.Rotation(
		1.6*degree*grow*i.sway[0].at(t, 7.3),
		1.0*degree*grow*i.sway[1].at(t, 5.9),
		0.8*degree*grow*i.sway[2].at(t, 8.7))
	shift := motion.Vec3{
		X: float32(0.012*grow*i.sway[3].at(t, 9.1)) * rest.Head.Scale,
		Y: float32(0.006*grow*i.sway[4].at(t, 6.7)) * rest.Head.Scale,
	}
	i.state.Head = rest.Head.PosedAbout(motion.Neck(), motion.Multiply(&turn, &rest.Head.R), rest.Head.Scale, shift)
	i.state.Lean.X, i.state.Lean.Y = shift.X/3, shift.Y/3
}

// moveLook makes small saccades, now and then a glance aside, and comes back to the picture's own gaze.
func (i *idle) moveLook(dt float64) {
	const jump = 0.045 // s
	i.lookAge += dt
	if i.lookAge > i.lookNext {
		i.lookAge, i.lookNext = 0, 0.6+2.2*i.rnd.Float64()
		i.lookFrom = i.lookTo
		size := 0.018
		if i.rnd.Float64() < 0.15 {
			size = 0.09
			i.lookNext = 0.5 + 0.6*i.rnd.Float64()
		}
		i.lookTo = [2]float32{
			float32(size * (2*i.rnd.Float64() - 1)),
			float32(0.5 * size * (2*i.rnd.Float64() - 1)),
		}
	}
	t := float32(min(i.lookAge/jump, 1))
	t *= t * (3 - 2*t)
	for k := range i.look {
		i.look[k] = i.lookFrom[k] + t*(i.lookTo[k]-i.lookFrom[k])
	}
}

// noise is a smooth wander in -1..1: a sum of sines whose periods never meet.
type noise struct{ phase [4]float64 }

func newNoise(rnd *rand.Rand) (n noise) {
	for k := range n.phase {
		n.phase[k] = 2 * math.Pi * rnd.Float64()
	}
	return n
}

// at returns the wander at t seconds; its main period is given in seconds.
func (n *noise) at(t, period float64) float64 {
	w := 2 * math.Pi * t / period
	return 0.5*math.Sin(w+n.phase[0]) + 0.28*math.Sin(1.618*w+n.phase[1]) +
		0.15*math.Sin(2.71*w+n.phase[2]) + 0.07*math.Sin(4.13*w+n.phase[3])
}
