package retarget

import (
	"math"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// study finds a driver's neutral in samples that are seen before they are drawn. The zero value has seen none.
type study struct {
	calmest anchor // the face that comes nearest to a neutral, should none be one
	unrest  float32
	some    bool // calmest is set
	done    bool // another face may have come
}

// Learn looks at a sample for the sake of the driver's neutral alone; now is as for Step. Once all have been looked at, Rewind
// goes back to the first one. It is for clips, which can be seen before they are drawn. It does not allocate.
func (r *Retargeter) Learn(s *landmark.Sample, now time.Time) {
	if r.study.done || s.Lost() || !finite(s) {
		return
	}
	r.take(s, now)
	if !r.neutral.known {
		return
	}
	r.study.note(&r.neutral, &r.pose, &r.face)
	r.study.done = r.neutral.newcomer.left > 0
}

// note keeps the face if it is the calmest so far.
func (u *study) note(n *neutral, pose *motion.Rigid, p *face) {
	f := n.parts.measure(p)
	yaw, pitch, _ := motion.Angles(pose.R)
	unrest := max(0, f.meanGap()) + max(0, f.lift) + 0.1*float32(math.Abs(yaw)+math.Abs(pitch))
	for side := range f.lid {
		unrest += max(0, 0.2*f.eyeWidth[side]-f.lid[side])
	}
	if !u.some || unrest < u.unrest {
		u.calmest, u.unrest, u.some = anchor{face: *p, pose: *pose}, unrest, true
	}
}

// Rewind forgets all samples but for the neutral that Learn has found in them: the next Step is the first one. Where no sample was
// neutral, the calmest stands for it, its expression taken back.
func (r *Retargeter) Rewind() {
	n, u := &r.neutral, &r.study
	if n.known {
		if n.evidence < enough && u.some {
			n.begin(&u.calmest.pose, &u.calmest.face)
		}
		n.rest()
	}
	*u = study{}
	r.filter.Rewind()
	r.seen, r.capture, r.event, r.lostFor = false, 0, 0, 0
	r.gazeKept = [2]struct{ x, y float32 }{}
	r.hasMarker = false
}

// rest makes the gathered neutral the active one, as after a long time of watching.
func (n *neutral) rest() {
	n.active, n.settled, n.last = n.goal, n.goal.pose, n.goal.pose
	n.age, n.announced = max(n.age, 2*startTime), true
	n.easing, n.drifting, n.hurry, n.sober = false, false, 0, 0
	n.newcomer, n.collect = newcomer{}, collector{}
}
