package retarget

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// anchor is a driver at rest: the face in the head frame and the head's pose in the image.
type anchor struct {
	face face
	pose motion.Rigid
}

const (
	collectTime  = 0.3  // s of samples that make a neutral on demand
	collectLimit = 0.8  // s after which even blinking frames will do
	easeTime     = 0.2  // s to ease to it
	startTime    = 1.5  // s of watching before the automatic neutral is announced
	fullEvidence = 240  // weight at which the neutral's mean stops getting stiffer: 8 s of good frames
	settledOff   = 0.04 // pose difference (distancePose) at which a first pose is as good as any
	correctTime  = 0.6  // s of putting a guess right
	enough       = 6    // weight at which the evidence outweighs the provisional neutral
)

// neutral finds and keeps the driver's neutral. Not safe for concurrent use; observe does not allocate.
//
// Evidence is gathered frame by frame: a frame counts the more, the calmer it is, the more frontal, its mouth
// shut and not drawn wide, its eyes open. The active neutral follows the gathered one, fast at first, slowly later,
// so that a driver who starts with a word or a smile is put right without a jump.
type neutral struct {
	parts  *parts
	fitter *motion.Fitter
	active anchor // in use
	goal   anchor // where it is heading
	known  bool   // active and goal are set
	asked  bool   // a neutral was set on demand

	evidence  float32
	guessed   bool    // width and lift are those of a mouth that was open
	correct   float64 // s for which a guess is put right, faster than anything
	width     float32 // low quantiles over frames with a shut mouth: its width,
	lift      float32 // and how far its corners are up
	open      [2]float32
	age       float64
	announced bool
	last      motion.Rigid
	settled   motion.Rigid // slow mean of the pose
	drifting  bool

	sober float64 // s for which a smile that was taken for neutral has been gone
	hurry float64 // s for which the active neutral still follows fast

	collect  collector
	from     anchor
	easing   bool
	easeLeft float64

	lids     [2]lidRange
	newcomer newcomer
}

func (n *neutral) reset() {
	*n = neutral{parts: n.parts, fitter: n.fitter}
}

// observe learns from one face; dt in seconds. fixed turns the automatic part off.
func (n *neutral) observe(pose *motion.Rigid, p *face, dt float64, fixed bool) (event Event) {
	f := n.parts.measure(p)
	if !n.known {
		n.begin(pose, p)
		f = n.parts.measure(p)
	}
	n.age += dt
	if n.collect.on {
		event |= n.gather(pose, p, &f, dt)
	}
	for side := range n.lids {
		n.lids[side].observe(f.lid[side], n.openLid(side), dt)
	}
	if !fixed {
		n.weigh(pose, p, &f, dt)
		n.follow(dt)
		event |= n.anchorPose(pose, dt)
		event |= n.greet(pose, p, dt)
		if !n.announced && n.age >= startTime && n.evidence >= enough {
			n.announced = true
			event |= EventNeutral
		}
	}
	if n.easing {
		n.ease(dt)
	}
	n.last = *pose
	return event
}

// begin makes the provisional neutral from the first frame: its own face with a guess of its expression taken back,
// and its pose as far as a driver may be expected to sit.
func (n *neutral) begin(pose *motion.Rigid, p *face) {
	n.goal = anchor{face: *p, pose: *pose}
	caught := n.parts.measure(p)
	n.parts.relax(&n.goal.face, &caught)
	n.parts.neutralise(&n.goal.face, 3, talkShare*num.Smoothstep(roundWidth, usualWidth, caught.mouthWidth), entirely, anySmile)
	n.openShutEyes(&n.goal.face)
	yaw, pitch, roll := motion.Angles(pose.R)
	const most = 12 * math.Pi / 180
	n.goal.pose.R = motion.Rotation(clamp(yaw, most), clamp(pitch, most), clamp(roll, most))
	n.active, n.settled, n.last = n.goal, n.goal.pose, *pose
	n.known = true
	n.guessed = caught.meanGap() > openGap
	f := n.parts.measure(&n.goal.face)
	n.width, n.lift, n.open = f.mouthWidth, f.lift, f.lid
}

// anySmile takes back more of a smile than is done to a portrait: if it was the driver's own, the evidence of the
// next frames brings it back.
func anySmile(f *features) float32 {
	return min(num.Smoothstep(0, 0.06, f.lift), max(0, f.mouthWidth-0.74)/0.2, 1)
}

// openShutEyes gives a face that was caught blinking average eyes.
func (n *neutral) openShutEyes(p *face) {
	f := n.parts.measure(p)
	for side, e := range n.parts.eyes {
		if f.lid[side] >= 0.15*f.eyeWidth[side] {
			continue
		}
		for k := range e.Upper {
			span := [7]float32{0.55, 0.85, 1, 1, 1, 0.85, 0.55}[k]
			p[e.Upper[k]].Y = p[e.Lower[k]].Y - span*0.26*f.eyeWidth[side]
		}
	}
}

// weigh adds a frame to the gathered neutral by its quality.
func (n *neutral) weigh(pose *motion.Rigid, p *face, f *features, dt float64) {
	shut := 1 - num.Smoothstep(0.02, 0.06, f.meanGap())
	rate := float32(dt) * 0.018
	if n.age < 3 {
		rate = float32(dt) * 0.12
	}
	if n.guessed && shut > 0.5 && f.lift < 0.03 { // shut at last, and no smile: this is how wide it is
		n.width, n.lift, n.guessed = f.mouthWidth, f.lift, false
		n.correct = correctTime
	}
	if shut > 0.5 { // stochastic quantiles: the mouth's narrow width, the eyes' usual opening
		n.width += rate * step(f.mouthWidth > n.width, 0.4, -0.6)
		n.lift += 0.5 * rate * step(f.lift > n.lift, 0.4, -0.6)
	}
	for side := range n.open {
		n.open[side] += rate * step(f.lid[side] > n.open[side], 0.6, -0.4)
	}
	n.unsmile(f, shut, dt)
	turn := motion.Transpose(&n.settled.R)
	away := turnAngle(&pose.R, &turn)
	turn = motion.Transpose(&n.last.R)
	speed := turnAngle(&pose.R, &turn) / float32(max(dt, 1e-3))
	wide := max(0, f.mouthWidth-n.width-0.01, n.width-f.mouthWidth-0.05) / 0.05 // or drawn together
	glad := max(0, f.lift-n.lift-0.006, n.lift-f.lift-0.03) / 0.025             // or sad
	quality := shut * (1 - num.Smoothstep(0.15, 0.4, away)) * (1 - num.Smoothstep(0.3, 1, speed)) / (1 + wide*wide*wide + glad*glad*glad)
	for side := range n.open {
		ratio := f.lid[side] / max(n.open[side], 0.01)
		quality *= num.Smoothstep(0.5, 0.85, ratio) * (1 - num.Smoothstep(1.3, 1.7, ratio))
	}
	if n.age < 3 { // a smile from the start is not known to be one yet
		quality *= 1 - 0.85*num.Smoothstep(0.03, 0.08, f.lift)
	}
	if quality < 0.05 {
		return
	}
	if width, lift := n.gathered(); width > n.width+0.03 || lift > n.lift+0.02 { // what was gathered was drawn wide: newer evidence is better
		n.evidence = max(n.evidence*(1-2*float32(min(dt, 0.1))), min(n.evidence, enough))
	}
	weight := quality * float32(min(dt, 0.1)) * 30
	n.evidence = min(n.evidence+weight, fullEvidence)
	share := weight / (n.evidence + 1)
	for i := range p {
		g := &n.goal.face[i]
		g.X += share * soft(p[i].X-g.X, 0.05, 0.05)
		g.Y += share * soft(p[i].Y-g.Y, 0.05, 0.05)
		g.Z += share * soft(p[i].Z-g.Z, 0.05, 0.05)
	}
	if off := distancePose(&n.goal.pose, pose); off > settledOff && n.age < startTime && !n.asked {
		n.goal.pose = motion.Between(&n.goal.pose, pose, share*(1-settledOff/off))
	}
}

// follow moves the active neutral towards the gathered one: within half a second while it is new, slowly later.
// It rests within a tolerance, so a still driver stays still.
func (n *neutral) follow(dt float64) {
	if n.easing {
		return
	}
	tau := 2.5
	n.hurry = max(0, n.hurry-dt)
	if n.age < 2*startTime && !n.asked || n.hurry > 0 {
		tau = 0.4
	}
	if n.correct = max(0, n.correct-dt); n.correct > 0 {
		tau = 0.15
	}
	const tolerance = 0.002
	step := float32(1 - math.Exp(-dt/tau))
	for i := range n.active.face {
		a, g := &n.active.face[i], n.goal.face[i]
		if d := distance(*a, g); d > tolerance {
			*a = motion.Mix(*a, g, step*(d-tolerance)/d)
		}
	}
	if distancePose(&n.active.pose, &n.goal.pose) > 0.004 {
		n.active.pose = motion.Between(&n.active.pose, &n.goal.pose, step)
	}
}

// anchorPose follows slow changes of how the driver sits: the neutral pose creeps after the pose's slow mean.
func (n *neutral) anchorPose(pose *motion.Rigid, dt float64) (event Event) {
	const slow = 15.0  // s
	const habit = 0.09 // about 5 degrees, or 0.18 head units: so far off is how people sit
	if n.age < startTime {
		n.settled = n.goal.pose
		return 0
	}
	n.settled = motion.Between(&n.settled, pose, float32(1-math.Exp(-min(dt, 0.1)/slow)))
	off := distancePose(&n.settled, &n.goal.pose)
	if off > habit {
		n.goal.pose = motion.Between(&n.goal.pose, &n.settled, (1-habit/off)*float32(min(dt, 0.1)/12))
	}
	switch {
	case !n.drifting && off > 0.16:
		n.drifting = true
		event = EventDrift
	case n.drifting && off < 0.12:
		n.drifting = false
		event = EventAnchored
	}
	return event
}

// gathered returns the mouth's width and lift in the gathered neutral.
func (n *neutral) gathered() (width, lift float32) {
	g := &n.goal.face
	l, r := g[n.parts.corners[0][0]], g[n.parts.corners[1][0]]
	return distance(l, r), (g[motion.UpperLipInner].Y+g[motion.LowerLipInner].Y)/2 - (l.Y+r.Y)/2
}

// openLid is the driver's usual lid opening.
func (n *neutral) openLid(side int) float32 {
	e := n.parts.eyes[side]
	var gap float32
	for k := range e.Upper {
		gap += lidShare(k) * (n.active.face[e.Lower[k]].Y - n.active.face[e.Upper[k]].Y)
	}
	return max(gap, 0.03)
}

// distancePose compares poses: radians, plus half of the shift in head units, plus half of the zoom.
func distancePose(a, b *motion.Rigid) float32 {
	turn := motion.Transpose(&b.R)
	dx, dy := float64(a.T.X-b.T.X), float64(a.T.Y-b.T.Y)
	scale := max(float64(b.Scale), 1e-6)
	zoom := math.Abs(float64(a.Scale)/scale - 1)
	return turnAngle(&a.R, &turn) + float32(0.5*math.Hypot(dx, dy)/scale+0.5*zoom)
}

// turnAngle is the angle of a*inverse in radians.
func turnAngle(a, inverse *[9]float32) float32 {
	r := motion.Multiply(a, inverse)
	return distance(motion.TurnVector(&r), vec{})
}

func clamp(v, most float64) float64 { return min(max(v, -most), most) }

func step(cond bool, yes, no float32) float32 {
	if cond {
		return yes
	}
	return no
}
