package retarget

import (
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// kept is how many frames a collector holds at most.
const kept = 9

// collector gathers frames for a neutral on demand.
type collector struct {
	on     bool
	age    float64 // s since it was asked for
	wait   float64 // s until the next frame is taken
	frames [kept]anchor
	count  int
}

// request starts collecting; frames already collected are dropped.
func (n *neutral) request() {
	n.collect.on, n.collect.age, n.collect.wait, n.collect.count = true, 0, 0, 0
}

// gather takes frames for a neutral on demand and starts easing to their median when it has enough.
func (n *neutral) gather(pose *motion.Rigid, p *face, f *features, dt float64) Event {
	c := &n.collect
	c.age += dt
	c.wait -= dt
	open := f.lid[0] > 0.6*n.openLid(0) && f.lid[1] > 0.6*n.openLid(1)
	if (open || c.age > collectLimit) && c.wait <= 0 && c.count < kept {
		c.frames[c.count] = anchor{face: *p, pose: *pose}
		c.count++
		c.wait = collectTime / (kept + 1)
	}
	if c.count == 0 || (c.age < collectTime && c.count < kept) {
		return 0
	}
	n.adopt(c.median())
	c.on = false
	return EventCalibrated
}

// median takes the median of each coordinate; the pose is the one of the middle frame.
func (c *collector) median() *anchor {
	m := &c.frames[c.count/2]
	var x, y, z [kept]float32
	for i := range m.face {
		for k := range c.count {
			q := c.frames[k].face[i]
			x[k], y[k], z[k] = q.X, q.Y, q.Z
		}
		m.face[i] = vec{X: middle(x[:c.count]), Y: middle(y[:c.count]), Z: middle(z[:c.count])}
	}
	return m
}

// middle sorts v and returns its median.
func middle(v []float32) float32 {
	for i := 1; i < len(v); i++ {
		for j := i; j > 0 && v[j] < v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
	return v[len(v)/2]
}

// adopt makes a the neutral, by easing from the one in use. An open mouth is shut first: who talks while
// calibrating is not stuck with it.
func (n *neutral) adopt(a *anchor) {
	f := n.parts.measure(&a.face)
	n.parts.shutMouth(&a.face, f.meanGap(), talkShare, entirely, 1)
	n.goal = *a
	n.from = n.active
	n.easing, n.easeLeft = true, easeTime
	n.asked, n.announced, n.drifting = true, true, false
	n.evidence = fullEvidence
	n.width, n.lift, n.open = f.mouthWidth, f.lift, f.lid
	n.settled = a.pose
}

// ease moves the active neutral on its way to the one on demand.
func (n *neutral) ease(dt float64) {
	n.easeLeft -= dt
	if n.easeLeft <= 0 {
		n.active, n.easing = n.goal, false
		return
	}
	t := 1 - num.Smoothstep(0, 1, float32(n.easeLeft/easeTime))
	for i := range n.active.face {
		n.active.face[i] = motion.Mix(n.from.face[i], n.goal.face[i], t)
	}
	n.active.pose = motion.Between(&n.from.pose, &n.goal.pose, t)
}

// set makes a the neutral at once.
func (n *neutral) set(a *anchor) {
	n.adopt(a)
	n.active, n.easing, n.known = n.goal, false, true
}
