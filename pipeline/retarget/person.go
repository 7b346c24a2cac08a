package retarget

import "github.com/gioconda-live/gioconda/pipeline/motion"

const (
	awayTime = 0.4 // s without a face after which somebody else may have sat down
	leap     = 0.5 // distancePose between two samples: no head moves so fast, the tracker took another face
	lookFor  = 5.0 // s that a comparison may take
	lookTime = 1.0 // s of faces that it needs
	lookTurn = 0.3 // rad from where the head is wont to be: further aside shapes are not compared
	// otherFace is the difference between rigid shapes (Fitter.Unlike) from which on it is another person. Means over
	// 1 s of five real drivers differed from their own neutral by at most 0.026, from those of others by 0.035 to 0.062
	// (median of a clip), except for one pair of look-alikes at 0.025: that change goes unnoticed.
	otherFace = 0.034
)

// newcomer compares the faces after an interruption with the one before. The zero value is at rest.
type newcomer struct {
	left, seen float64 // s
	count      float32
	sum        face
}

// suspect begins a comparison, where there is a settled neutral to compare with.
func (n *neutral) suspect() {
	if n.announced && !n.easing {
		n.newcomer = newcomer{left: lookFor}
	}
}

// greet compares one more face, and begins a new neutral when it is another person's.
func (n *neutral) greet(pose *motion.Rigid, p *face, dt float64) Event {
	w := &n.newcomer
	if w.left <= 0 {
		return 0
	}
	w.left -= dt
	if turn := motion.Transpose(&n.active.pose.R); turnAngle(&pose.R, &turn) > lookTurn {
		return 0
	}
	for i, q := range p {
		w.sum[i].X += q.X
		w.sum[i].Y += q.Y
		w.sum[i].Z += q.Z
	}
	w.count++
	if w.seen += dt; w.seen < lookTime {
		return 0
	}
	w.left = 0
	for i := range w.sum {
		q := &w.sum[i]
		*q = vec{X: q.X / w.count, Y: q.Y / w.count, Z: q.Z / w.count}
	}
	if n.fitter.Unlike(&n.active.face, &w.sum) < otherFace {
		return 0
	}
	n.renew(pose, p)
	return EventPerson
}

// renew begins anew from a face that is given in the head frame of another, and eases there.
func (n *neutral) renew(pose *motion.Rigid, p *face) {
	own := canonicalPose(n.fitter.FitAverage(p), p) // from the newcomer's own head frame to the old one
	a := anchor{pose: motion.Rigid{
		R: motion.Multiply(&pose.R, &own.R), T: pose.Apply(own.T), Scale: pose.Scale * own.Scale,
	}}
	for i, q := range p {
		a.face[i] = own.Invert(q)
	}
	old := n.active
	n.reset()
	n.begin(&a.pose, &a.face)
	n.from, n.active = old, old
	n.easing, n.easeLeft = true, easeTime
}
