package retarget

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

type vec = motion.Vec3

// face is a set of landmarks in the head frame.
type face = [landmark.Count]vec

// parts are the tables of the face, made once.
type parts struct {
	columns [9]motion.LipColumn
	corners [2][4]uint16
	eyes    [2]motion.EyeParts
	brows   [2][10]uint16
	mirror  *[landmark.Count]uint16
	weight  [landmark.Count]weights
}

// weights say how much a landmark moves with each region; they need not add up to 1. What no region moves is skull,
// and rigid: what a tracker sees move there is its own error, and drawing it spoils the nod.
type weights struct{ mouth, eyes, brows float32 }

func newParts() *parts {
	p := &parts{
		columns: motion.LipColumns(), corners: motion.MouthCorners(),
		eyes: motion.Eyes(), brows: motion.Brows(), mirror: motion.MirrorTable(),
	}
	average := motion.AverageFace()
	for i, a := range average {
		p.weight[i] = weightAt(a)
	}
	for side, e := range p.eyes {
		for k := range e.Upper {
			for _, i := range [4]uint16{e.Upper[k], e.Lower[k], e.UpperFold[k], e.LowerFold[k]} {
				p.weight[i] = weights{eyes: 1}
			}
		}
		p.weight[e.Outer], p.weight[e.Inner] = weights{eyes: 0.5}, weights{eyes: 0.5}
		for _, i := range p.brows[side] {
			p.weight[i] = weights{brows: 1}
		}
	}
	for _, c := range p.columns {
		for k := range 4 {
			p.weight[c.Upper[k]], p.weight[c.Lower[k]] = weights{mouth: 1}, weights{mouth: 1}
		}
	}
	for _, corner := range p.corners {
		for _, i := range corner {
			p.weight[i] = weights{mouth: 1}
		}
	}
	return p
}

// weightAt blends the regions smoothly by place on the average face.
func weightAt(a vec) weights {
	side := num.Smoothstep(0.35, 0.8, a.Z)   // towards the ears little moves
	mouth := num.Smoothstep(0.35, 0.75, a.Y) // below the nose all moves with mouth and jaw
	if a.X > -0.3 && a.X < 0.3 {
		mouth = num.Smoothstep(0.55, 0.85, a.Y) // the nose itself is stiffer
	}
	mouth *= 1 - 0.5*side
	brows := (1 - num.Smoothstep(-0.28, -0.12, a.Y)) * (0.3 + 0.7*num.Smoothstep(-0.9, -0.5, a.Y)) * (1 - side)
	dx := float32(math.Abs(float64(a.X))) - 0.5
	eyes := num.Bump(dx/0.4) * num.Bump(a.Y/0.3) * (1 - brows)
	return weights{mouth: mouth, eyes: eyes, brows: brows}
}

// features are the numbers of a face that retargeting reasons with; all in head units.
type features struct {
	gap        [9]float32 // between the inner lips, per column; closed is about 0, below 0 is noise
	mouthWidth float32
	lift       float32 // corners above the middle of the mouth
	lower      float32 // from nose base to chin
	lowerLip   float32 // from nose base to the inner edge of the lower lip
	brow       float32 // brows above the corners of the eyes
	lid        [2]float32
	underLid   [2]float32 // lower lid above the line through the corners
	eyeWidth   [2]float32
	gaze       [2]struct{ x, y float32 } // iris from the middle of the corners, in eye widths
}

// measure reads the features of a face.
func (t *parts) measure(p *face) (f features) {
	for i, c := range t.columns {
		f.gap[i] = p[c.Lower[3]].Y - p[c.Upper[3]].Y
	}
	l, r := p[t.corners[0][0]], p[t.corners[1][0]]
	f.mouthWidth = distance(l, r)
	f.lift = (p[motion.UpperLipInner].Y+p[motion.LowerLipInner].Y)/2 - (l.Y+r.Y)/2
	base := (p[2].Y + p[98].Y + p[327].Y) / 3
	f.lower = (p[motion.ChinTip].Y+p[148].Y+p[377].Y+p[199].Y)/4 - base
	f.lowerLip = (p[motion.LowerLipInner].Y+p[87].Y+p[317].Y)/3 - base
	for side, e := range t.eyes {
		for k := range e.Upper {
			w := lidShare(k)
			f.lid[side] += w * (p[e.Lower[k]].Y - p[e.Upper[k]].Y)
			f.underLid[side] -= w * p[e.Lower[k]].Y
		}
		outer, inner := p[e.Outer], p[e.Inner]
		f.underLid[side] += (outer.Y + inner.Y) / 2
		f.eyeWidth[side] = max(distance(outer, inner), 0.05)
		iris := p[e.Iris[0]]
		f.gaze[side].x = (iris.X - (outer.X+inner.X)/2) / f.eyeWidth[side]
		f.gaze[side].y = (iris.Y - (outer.Y+inner.Y)/2) / f.eyeWidth[side]
		for _, i := range t.brows[side] {
			f.brow += ((outer.Y+inner.Y)/2 - p[i].Y) / 20
		}
	}
	return f
}

// meanGap is the mouth's opening over its middle columns.
func (f *features) meanGap() float32 {
	return (f.gap[2] + f.gap[3] + f.gap[4] + f.gap[5] + f.gap[6]) / 5
}

// lidShare weighs the pairs of lid landmarks: the corners' neighbours hardly move.
func lidShare(k int) float32 {
	if k == 0 || k == 6 {
		return 0
	}
	return 0.2
}

func distance(a, b vec) float32 {
	x, y, z := float64(a.X-b.X), float64(a.Y-b.Y), float64(a.Z-b.Z)
	return float32(math.Sqrt(x*x + y*y + z*z))
}

// soft is v up to the limit and bends towards limit+room beyond, without a kink and without a stop.
func soft(v, limit, room float32) float32 {
	switch {
	case v > limit:
		return limit + room*float32(math.Tanh(float64((v-limit)/room)))
	case v < -limit:
		return -limit - room*float32(math.Tanh(float64((-v-limit)/room)))
	}
	return v
}
