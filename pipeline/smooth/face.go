package smooth

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Options tune a Face filter: lengths in head units, rotation in radians, log for scale.
type Options struct {
	Turn, Shift, Zoom                      Params // the head's rotation, place (head units) and size (log)
	Skull, Brows, Lids, Irises, Lips, Jaws Params // regions of the face in the head frame
}

// DefaultOptions keep a still driver still and let a blink or a plosive through within a frame.
func DefaultOptions() Options {
	return Options{
		Turn:   Params{MinCutoff: 1.4, Beta: 45, Noise: 0.16},
		Shift:  Params{MinCutoff: 1.4, Beta: 30, Noise: 0.20},
		Zoom:   Params{MinCutoff: 1.0, Beta: 20, Noise: 0.18},
		Skull:  Params{MinCutoff: 0.8, Beta: 10, Noise: 0.35},
		Brows:  Params{MinCutoff: 1.4, Beta: 25, Noise: 0.25},
		Lids:   Params{MinCutoff: 1.4, Beta: 40, Noise: 0.22},
		Irises: Params{MinCutoff: 1.2, Beta: 20, Noise: 0.30},
		Lips:   Params{MinCutoff: 1.4, Beta: 40, Noise: 0.24},
		Jaws:   Params{MinCutoff: 1.4, Beta: 25, Noise: 0.28},
	}
}

// Regions of the face that move on their own. Points of a region share one cutoff, so its shape holds together.
const (
	skull = iota
	brows
	lidsLeft
	lidsRight
	irisLeft
	irisRight
	lips
	jaws
	regions
)

// Face filters a head pose and, apart from it, the face in the head frame.
// It is not safe for concurrent use; Step does not allocate.
type Face struct {
	options Options
	params  [regions]Params
	region  [landmark.Count]uint8
	size    [regions]float64 // landmarks per region

	pose   motion.Rigid // filtered
	points [landmark.Count]vec
	primed bool

	noise   noise
	trust   float32 // of the newest face
	start   start
	rewound bool // the next face is the first one of start

	rawPose           motion.Rigid // the last ones, unfiltered, and low-passed velocities
	raw               [landmark.Count]vec
	turning, shifting vec
	zooming           float32
	moving            [landmark.Count]xy
}

type vec = motion.Vec3

// NewFace prepares a filter.
func NewFace(o Options) *Face {
	f := &Face{options: o, region: regionTable()}
	f.params = [regions]Params{
		skull: o.Skull, brows: o.Brows, lidsLeft: o.Lids, lidsRight: o.Lids,
		irisLeft: o.Irises, irisRight: o.Irises, lips: o.Lips, jaws: o.Jaws,
	}
	for _, r := range f.region {
		f.size[r]++
	}
	return f
}

// Reset forgets the past: the next face passes through.
func (f *Face) Reset() { f.primed, f.rewound, f.start.some = false, false, false }

// Step filters pose and points (head frame) in place. dt is the time since the last face by the capture clock,
// in seconds; what is impossible counts as 1/30 s, and holes as 1/12 s. trust is how far the face is followed: 1 as
// usual, 0 not at all.
func (f *Face) Step(dt, trust float64, pose *motion.Rigid, points *[landmark.Count]vec) {
	if !f.primed {
		f.pose, f.points, f.primed = *pose, *points, true
		f.rawPose, f.raw = *pose, *points
		f.turning, f.shifting, f.zooming = vec{}, vec{}, 0
		f.moving = [landmark.Count]xy{}
		f.noise.reset()
		if f.rewound {
			f.resume(pose, points)
		}
		return
	}
	dt = clampDt(dt)
	f.trust = float32(max(0, min(1, trust)))
	step := stepOf(&f.rawPose, pose)
	for i := range points {
		p, q := &points[i], &f.raw[i]
		f.noise.steps[0][i] = xy{p.X - q.X, p.Y - q.Y}
	}
	f.noise.observe(dt, step, &f.region, &f.size)
	f.stepPose(dt, pose, step.turn)
	f.stepPoints(dt, points)
	f.note()
}

// weight is how far a value of one channel follows the newest one. Where it is noisy all values count alike until the filter has seen as
// many as it averages over, lest a noisy first one be kept for long.
func (f *Face) weight(channel int, p *Params, prompt, steady, dt float64) float32 {
	level := f.noise.level[channel]
	k := gain(p.cutoff(prompt, steady, level), dt)
	if level > 1 {
		k = max(k, 1/float32(f.noise.seen+1))
	}
	return f.trust * k
}

func (f *Face) stepPose(dt float64, pose *motion.Rigid, moved vec) {
	k := gain(steadyCutoff, dt)
	rate := float32(1 / dt)
	o, scale := &f.options, max(f.pose.Scale, 1e-9)

	f.turning = motion.Mix(f.turning, vec{X: rate * moved.X, Y: rate * moved.Y, Z: rate * moved.Z}, k)
	prompt := length(turnBetween(&f.pose.R, &pose.R)) / max(dt, nominalDt)
	if prompt > 1e-6 { // what is still is left alone to the last bit
		r := motion.Turn(&f.pose.R, &pose.R, f.weight(turn, &o.Turn, prompt, length(f.turning), dt))
		f.pose.R = motion.Orthonormal(&r)
	}
	// Depth is left out of the speed: with one camera it is mostly noise.
	p, q := pose.T, f.rawPose.T
	f.shifting = motion.Mix(f.shifting, vec{X: rate * (p.X - q.X) / scale, Y: rate * (p.Y - q.Y) / scale}, k)
	d := vec{X: (p.X - f.pose.T.X) / scale, Y: (p.Y - f.pose.T.Y) / scale}
	prompt = length(d) / max(dt, nominalDt)
	f.pose.T = motion.Mix(f.pose.T, p, f.weight(shift, &o.Shift, prompt, length(f.shifting), dt))

	f.zooming += k * (rate*(pose.Scale-f.rawPose.Scale)/scale - f.zooming)
	prompt = math.Abs(float64(pose.Scale/scale-1)) / max(dt, nominalDt)
	f.pose.Scale += f.weight(zoom, &o.Zoom, prompt, math.Abs(float64(f.zooming)), dt) * (pose.Scale - f.pose.Scale)

	f.rawPose = *pose
	*pose = f.pose
}

func (f *Face) stepPoints(dt float64, points *[landmark.Count]vec) {
	k := gain(steadyCutoff, dt)
	rate := float32(1 / dt)
	var prompt, steady [regions]float64 // sums of squares, x and y only: z is the noisiest
	for i := range points {
		p, q, raw, v := points[i], f.points[i], &f.raw[i], &f.moving[i]
		v.x += k * (rate*(p.X-raw.X) - v.x)
		v.y += k * (rate*(p.Y-raw.Y) - v.y)
		*raw = p
		r := f.region[i]
		steady[r] += float64(v.x*v.x + v.y*v.y)
		prompt[r] += float64((p.X-q.X)*(p.X-q.X) + (p.Y-q.Y)*(p.Y-q.Y))
	}
	var gains [regions]float32
	for r := range gains {
		moved := math.Sqrt(prompt[r]/f.size[r]) / max(dt, nominalDt)
		gains[r] = f.weight(firstRegion+r, &f.params[r], moved, math.Sqrt(steady[r]/f.size[r]), dt)
	}
	for i := range points {
		f.points[i] = motion.Mix(f.points[i], points[i], gains[f.region[i]])
	}
	*points = f.points
}

// turnBetween is the rotation from a to b as axis times angle.
func turnBetween(a, b *[9]float32) vec {
	inverse := motion.Transpose(a)
	delta := motion.Multiply(b, &inverse)
	return motion.TurnVector(&delta)
}

func length(v vec) float64 {
	return math.Sqrt(float64(v.X*v.X + v.Y*v.Y + v.Z*v.Z))
}

// regionTable says which region each landmark belongs to.
func regionTable() (table [landmark.Count]uint8) {
	for i, p := range motion.AverageFace() {
		switch below := p.Y > 0.55 && p.Z < 0.45; {
		case below && !(p.X > -0.3 && p.X < 0.3 && p.Y < 0.8):
			table[i] = jaws // cheeks, chin and what surrounds the lips
		case p.Y < -0.2:
			table[i] = brows // with the forehead, which wrinkles along
		}
	}
	for side, e := range motion.Eyes() {
		for _, list := range [4][7]uint16{e.Upper, e.Lower, e.UpperFold, e.LowerFold} {
			for _, i := range list {
				table[i] = uint8(lidsLeft + side)
			}
		}
		table[e.Outer], table[e.Inner] = uint8(lidsLeft+side), uint8(lidsLeft+side)
		for _, i := range e.Iris {
			table[i] = uint8(irisLeft + side)
		}
	}
	for _, c := range motion.LipColumns() {
		for k := range 4 {
			table[c.Upper[k]], table[c.Lower[k]] = lips, lips
		}
	}
	for _, corner := range motion.MouthCorners() {
		for _, i := range corner {
			table[i] = lips
		}
	}
	return table
}
