// Package drive joins what stands between a driver's samples and the motion to draw: retargeting (with its
// smoothing and neutral) and life.
package drive

import (
	"math/rand/v2"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/life"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// Notice is something that a driver should be told.
type Notice struct {
	Event   retarget.Event // one, never several
	Degrees float64        // of EventDrift: how far the driver has come to look away from the neutral
}

// Options of a Driver. The zero value is not useful, see DefaultOptions.
type Options struct {
	Retarget retarget.Options
	Life     life.Options
}

// DefaultOptions are those of a live session.
func DefaultOptions() Options { return Options{Retarget: retarget.DefaultOptions()} }

// Driver turns one driver's samples into one portrait's motion. It belongs to one goroutine; Feed and Pose do
// not allocate.
type Driver struct {
	retargeter *retarget.Retargeter
	animator   *life.Animator
	notify     func(Notice)

	driven *motion.State // the retargeter's newest, nil before the first face
	fresh  bool          // driven is newer than the last Pose
	stale  bool          // the portrait or the options changed since driven was made

	// How the head was driven at the two newest faces, and when they came: where the next sample is lost it moves on.
	newest, before     motion.Rigid
	newestAt, beforeAt time.Time
	ahead              motion.State
	was                bool // the animator was driven at the last Pose
}

// New prepares a driver. notify may be nil; it is called during Feed and Pose and must not block.
func New(rest *motion.Rest, o Options, rnd *rand.Rand, notify func(Notice)) *Driver {
	if notify == nil {
		notify = func(Notice) {}
	}
	return &Driver{
		retargeter: retarget.New(rest, o.Retarget), animator: life.New(rest, o.Life, rnd), notify: notify,
	}
}

// SetOptions changes the options from the next picture on; the neutral is kept.
func (d *Driver) SetOptions(o Options) {
	d.retargeter.SetOptions(o.Retarget)
	d.animator.SetOptions(o.Life)
	d.stale = true
}

// SetRest changes the portrait; the next Pose is for the new one.
func (d *Driver) SetRest(rest *motion.Rest) {
	d.retargeter.SetRest(rest)
	d.animator.SetRest(rest)
	d.stale = true
}

// Calibrate takes the driver's next good samples as the neutral.
func (d *Driver) Calibrate() { d.retargeter.Calibrate() }

// SetNeutral makes one sample the neutral at once; for offline use.
func (d *Driver) SetNeutral(s *landmark.Sample) { d.retargeter.SetNeutral(s) }

// Learn looks at a sample, which arrived at now, for the sake of the driver's neutral alone; Rewind goes back to the first sample. For
// clips, which can be seen before they are drawn.
func (d *Driver) Learn(s *landmark.Sample, now time.Time) { d.retargeter.Learn(s, now) }

// Rewind forgets all samples but for the neutral that Learn has found in them.
func (d *Driver) Rewind() { d.retargeter.Rewind() }

// Feed takes the newest sample, which arrived at now; a lost one counts as no face.
func (d *Driver) Feed(s *landmark.Sample, now time.Time) {
	if s.Lost() {
		d.newestAt, d.beforeAt = time.Time{}, time.Time{}
		return
	}
	d.driven, d.fresh, d.stale = d.retargeter.Step(s, now), true, false
	d.before, d.beforeAt = d.newest, d.newestAt
	d.newest, d.newestAt = d.driven.Head, now
	for events := d.retargeter.Events(); events != 0; events &= events - 1 {
		n := Notice{Event: events & -events}
		if n.Event == retarget.EventDrift {
			n.Degrees = d.retargeter.Turned()
		}
		d.notify(n)
	}
}

// Pose writes the motion to draw at now, whether or not a sample came.
func (d *Driver) Pose(dst *motion.State, now time.Time) {
	if d.stale && d.driven != nil {
		d.driven = d.retargeter.Step(nil, now)
		d.beforeAt = time.Time{}
	}
	d.stale = false
	driven := d.driven
	if !d.fresh {
		driven = d.onward(now)
	}
	d.animator.Step(dst, driven, d.fresh, now)
	d.fresh = false
	if is := d.animator.Driven(); is != d.was {
		d.was = is
		if is {
			d.notify(Notice{Event: retarget.EventFound})
		} else {
			d.notify(Notice{Event: retarget.EventLost})
		}
	}
}

const (
	onwardFor  = 100 * time.Millisecond // faces that came further apart say nothing about motion now
	onwardMost = 0.5                    // of the way between the two newest faces: what stops does not shoot over
)

// onward is what is driven where no sample came though one was due: the head goes a little further the way of the two newest,
// the face stays.
func (d *Driver) onward(now time.Time) *motion.State {
	span, since := d.newestAt.Sub(d.beforeAt), now.Sub(d.newestAt)
	if d.driven == nil || d.beforeAt.IsZero() || d.newestAt.IsZero() || span <= 0 || span > onwardFor {
		return d.driven
	}
	t := 1 + onwardMost*float32(min(1, since.Seconds()/span.Seconds()))
	d.ahead = *d.driven
	d.ahead.Head = motion.Rigid{
		R: motion.Turn(&d.before.R, &d.newest.R, t), T: motion.Mix(d.before.T, d.newest.T, t),
		Scale: d.before.Scale + t*(d.newest.Scale-d.before.Scale),
	}
	return &d.ahead
}
