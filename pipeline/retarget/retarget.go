package retarget

import (
	"math"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
	"github.com/gioconda-live/gioconda/pipeline/smooth"
)

// Retargeter turns one driver's samples into states of one portrait. It is not safe for concurrent use;
// Step does not allocate.
type Retargeter struct {
	options Options
	rest    *motion.Rest
	parts   *parts
	average *face // in the head frame
	fitter  *motion.Fitter
	filter  *smooth.Face
	neutral neutral
	study   study

	pose     motion.Rigid // newest smoothed pose of the driver, unmirrored
	face     face         // newest smoothed face, head frame, unmirrored
	seen     bool         // pose and face are set
	capture  uint64       // of the newest sample
	arrival  time.Time
	lostFor  float64 // s since the last face, by arrival
	gazeKept [2]struct{ x, y float32 }

	restShape features // of rest.Neutral
	marker    uint16
	hasMarker bool
	event     Event
	state     motion.State

	// Room for one step, here so that it stays off the heap.
	now, base face // driver and neutral as the portrait shall see them, mirrored if asked
}

// New prepares a retargeter for a portrait. rest is only read, and must not change while it is in use.
func New(rest *motion.Rest, o Options) *Retargeter {
	r := &Retargeter{parts: newParts(), fitter: motion.NewFitter(), average: motion.AverageFace()}
	r.neutral.parts, r.neutral.fitter = r.parts, r.fitter
	r.SetOptions(o)
	r.SetRest(rest)
	return r
}

// SetRest switches to another portrait. The driver's neutral and newest face are kept: the next Step, with a sample
// or without, gives the new portrait in the driver's present expression.
func (r *Retargeter) SetRest(rest *motion.Rest) {
	r.rest = rest
	r.restShape = r.parts.measure(&rest.Neutral)
}

// SetOptions changes the options from the next Step on. The driver's neutral is kept.
func (r *Retargeter) SetOptions(o Options) {
	o.Strength = o.Strength.bounded()
	if r.filter == nil || o.Smoothing != r.options.Smoothing {
		r.filter = smooth.NewFace(o.Smoothing)
	}
	r.options = o
}

// Calibrate makes the median of the next 0.3 s of samples the driver's neutral, and eases to it.
// A sample with FlagNeutral asks for the same.
func (r *Retargeter) Calibrate() { r.neutral.request() }

// SetNeutral makes one sample the neutral at once; an open mouth is taken back, a sample without a face is ignored.
// For offline use, with Options.FixedNeutral.
func (r *Retargeter) SetNeutral(s *landmark.Sample) {
	if s.Lost() || !finite(s) {
		return
	}
	a := anchor{pose: r.fitPose(s)}
	if a.pose.Scale > smallest {
		intoHead(&a.face, &a.pose, s)
		r.neutral.set(&a)
	}
}

// Forget drops the driver: neutral, newest face, smoothing. The portrait and the options stay.
func (r *Retargeter) Forget() {
	r.neutral.reset()
	r.study = study{}
	r.filter.Reset()
	r.seen, r.capture, r.event, r.lostFor = false, 0, 0, 0
	r.gazeKept = [2]struct{ x, y float32 }{}
	r.hasMarker = false
}

// Events returns what has happened since the last call, and clears it.
func (r *Retargeter) Events() Event {
	e := r.event
	r.event = 0
	return e
}

// Turned is how far the driver has come to look away from the neutral, by the slow mean of the head's pose, in degrees.
// It is what EventDrift is about where the driver has turned; one who has moved without turning gives little here.
func (r *Retargeter) Turned() float64 {
	back := motion.Transpose(&r.neutral.goal.pose.R)
	return float64(turnAngle(&r.neutral.settled.R, &back)) * 180 / math.Pi
}

// Step takes the newest sample and returns the portrait's state; the Retargeter owns it until the next call.
// Without a sample (nil), or with a lost one, it is the state of the newest face seen, for the present portrait
// and options; before any face, the portrait's neutral. now is the local time; the driver's own capture clock,
// where it runs sensibly, is what paces the filters.
func (r *Retargeter) Step(s *landmark.Sample, now time.Time) *motion.State {
	if s != nil {
		r.hasMarker = s.Flags&landmark.FlagMarker != 0
		r.marker = s.Marker
		if !s.Lost() && finite(s) {
			r.take(s, now)
		}
	}
	r.draw()
	r.state.HasMarker, r.state.Marker = r.hasMarker, r.marker
	return &r.state
}

// take smooths a sample and learns from it.
func (r *Retargeter) take(s *landmark.Sample, now time.Time) {
	dt := r.period(s, now)
	if dt > 1 { // the face was gone: what was filtered before says nothing
		r.filter.Reset()
	}
	pose := r.fitPose(s)
	if !(pose.Scale > smallest) || !r.isFace(&pose, s) { // landmarks, but no face
		return
	}
	if r.seen && (dt > awayTime || distancePose(&pose, &r.pose) > leap) {
		r.neutral.suspect()
	}
	r.pose = pose
	intoHead(&r.face, &pose, s)
	if !r.options.SmoothingOff {
		r.filter.Step(dt, trust(s.Score), &r.pose, &r.face)
	}
	r.seen = true
	if s.Flags&landmark.FlagNeutral != 0 {
		r.neutral.request()
	}
	r.event |= r.neutral.observe(&r.pose, &r.face, min(dt, 0.1), r.options.FixedNeutral)
}

// trust is how far a face of that score is followed. Good ones have 0.97 and more; one that wavers below is half seen
// (dark, covered, out of focus), its landmarks grimace, and holding still looks better. 0 is a score that nobody gave.
func trust(score float32) float64 {
	const none, whole = 0.5, 0.95
	if score <= 0 {
		return 1
	}
	t := float64(num.Smoothstep(none, whole, score))
	return t * t
}

// period returns the seconds since the last face: by the capture clock, or by arrival when that clock jumps.
func (r *Retargeter) period(s *landmark.Sample, now time.Time) float64 {
	dt := float64(int64(s.CaptureMicros-r.capture)) / 1e6
	arrived := now.Sub(r.arrival).Seconds()
	first := !r.seen
	r.capture, r.arrival = s.CaptureMicros, now
	if first {
		return 1.0 / 30
	}
	if dt <= 0 || dt > arrived+2 {
		return min(max(arrived, 1.0/240), 10)
	}
	return dt
}

// smallest is the least distance between the eyes, in image widths, that counts as a face.
const smallest = 0.004

// farthest is how far the points of a face lie from the average face's, root mean square in head units: real ones, extreme ones
// and paintings among them, stay below 0.3. What lies farther off takes up to three times as long to draw.
const farthest = 0.5

// isFace tells whether a sample's points, in a head of that pose, are those of a face.
func (r *Retargeter) isFace(pose *motion.Rigid, s *landmark.Sample) bool {
	var sum float64
	for i, p := range s.Points {
		q, a := pose.Invert(p), &r.average[i]
		x, y, z := float64(q.X-a.X), float64(q.Y-a.Y), float64(q.Z-a.Z)
		sum += x*x + y*y + z*z
	}
	return sum < farthest*farthest*landmark.Count // also where it is no number
}

// fitPose finds the head pose in a sample: NaN or below smallest in scale where there is no face in it.
func (r *Retargeter) fitPose(s *landmark.Sample) motion.Rigid {
	if r.neutral.known {
		return r.fitter.FitFace(&r.neutral.active.face, &s.Points)
	}
	return canonicalPose(r.fitter.FitAverage(&s.Points), &s.Points)
}

// intoHead brings a sample's points into the head frame.
func intoHead(out *face, pose *motion.Rigid, s *landmark.Sample) {
	for i, p := range s.Points {
		out[i] = pose.Invert(p)
	}
}

// draw makes the state from the newest face, the neutral, the portrait and the options.
func (r *Retargeter) draw() {
	r.state = motion.State{Head: r.rest.Head, Points: r.rest.Neutral, Lid: [2]float32{1, 1}, MouthOpen: r.rest.MouthOpen()}
	for side, e := range r.parts.eyes {
		r.setGaze(side, &e)
	}
	if !r.seen {
		return
	}
	if r.options.Mode == Absolute {
		r.drawAbsolute()
		return
	}
	pose, calm := r.pose, r.neutral.active.pose
	r.now, r.base = r.face, r.neutral.active.face
	lid := r.lidRatios()
	if r.options.Mirror {
		r.parts.flip(&r.now, &r.face)
		r.parts.flip(&r.base, &r.neutral.active.face)
		pose, calm = flipPose(&pose), flipPose(&calm)
		lid[0], lid[1] = lid[1], lid[0]
	}
	r.drawHead(&pose, &calm)
	shape, calmShape := r.parts.measure(&r.now), r.parts.measure(&r.base)
	k := r.proportions(&calmShape)
	r.drawFace(&k)
	r.drawMouth(&shape, &calmShape, &k)
	r.drawLids(&shape, &calmShape, lid)
	r.drawGaze(&shape, &calmShape, lid)
}

// finite tells whether all points are usable numbers.
func finite(s *landmark.Sample) bool {
	for i := range s.Points {
		p := &s.Points[i]
		if sum := p.X + p.Y + p.Z; sum-sum != 0 { // NaN or infinite
			return false
		}
	}
	return true
}

// flip writes src as a mirror shows it.
func (t *parts) flip(dst, src *face) {
	for i, j := range t.mirror {
		p := src[j]
		dst[i] = vec{X: -p.X, Y: p.Y, Z: p.Z}
	}
}

// flipPose returns a pose as a mirror shows it, in an image of width 1.
func flipPose(p *motion.Rigid) motion.Rigid {
	m := *p
	m.T.X = 1 - m.T.X
	for _, i := range [4]int{1, 2, 3, 6} {
		m.R[i] = -m.R[i]
	}
	return m
}
