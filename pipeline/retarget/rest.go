package retarget

import (
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// NewRest reads a portrait's face: its pose, its landmarks in the head frame, and its neutral, which is the same
// face with an open mouth shut, a plain smile taken back and half-closed lids raised with care.
// points are the portrait's landmarks in the crop frame.
func NewRest(points *[landmark.Count]motion.Vec3) motion.Rest {
	t := newParts()
	fitter := motion.NewFitter()
	rest := motion.Rest{Head: canonicalPose(fitter.FitAverage(points), points)}
	for i, p := range points {
		rest.Points[i] = rest.Head.Invert(p)
	}
	rest.Neutral = rest.Points
	t.neutralise(&rest.Neutral, 1.45)
	return rest
}

// canonicalPose moves a fitted pose to the exact origin and unit of the head frame: the middle between the
// outer eye corners, the distance between the eye centres.
func canonicalPose(pose motion.Rigid, points *[landmark.Count]motion.Vec3) motion.Rigid {
	centre := func(a, b int) vec { return motion.Mix(points[a], points[b], 0.5) }
	pose.T = centre(33, 263)
	if unit := distance(centre(33, 133), centre(263, 362)); unit > 0 {
		pose.Scale = unit
	}
	return pose
}

const (
	openGap    = 0.015 // a mouth with a smaller gap is shut
	narrowEye  = 0.20  // opening over width of an eye that counts as half closed
	shutEye    = 0.06  // below this nothing is known of the open eye
	upperShare = 0.2   // of an open mouth's gap is the upper lip's doing
)

// neutralise takes a picture's expression back. widest bounds the factor by which half-closed lids open.
func (t *parts) neutralise(p *face, widest float32) {
	f := t.measure(p)
	t.undoSmile(p, &f)
	t.shutMouth(p, f.meanGap())
	for side, e := range t.eyes {
		if f.lid[side] <= 0 {
			continue
		}
		open := f.lid[side] / f.eyeWidth[side]
		if open < shutEye || open >= narrowEye {
			continue
		}
		grow := min(narrowEye/open, widest) - 1
		for k := range e.Upper {
			d := p[e.Lower[k]].Y - p[e.Upper[k]].Y
			p[e.Upper[k]].Y -= grow * d
			p[e.UpperFold[k]].Y -= 0.5 * grow * d
		}
	}
}

// undoSmile draws the corners of a plain smile in and down. A faint one is left: it may be the portrait's own.
func (t *parts) undoSmile(p *face, f *features) {
	s := ramp(f.lift, 0.03, 0.09) * (0.25 + 0.75*ramp(f.mouthWidth, 0.78, 1.02))
	if s == 0 {
		return
	}
	middle := motion.Mix(p[t.corners[0][0]], p[t.corners[1][0]], 0.5)
	half := f.mouthWidth / 2
	for i := range p {
		w := t.weight[i].mouth
		if w == 0 {
			continue
		}
		dx, dy := (p[i].X-middle.X)/half, (p[i].Y-middle.Y)/half
		side := float32(1)
		if dx < 0 {
			side = -1
		}
		pull := s * w * bump((dx*side-1)/1.1) * bump(dy/1.2)
		p[i].X -= side * 0.10 * pull
		p[i].Y += 0.05 * pull
	}
}

// shutMouth raises jaw and lower lip and lowers the upper one until the inner lips meet exactly.
func (t *parts) shutMouth(p *face, gap float32) {
	if gap > openGap {
		average := motion.AverageFace()
		for i := range p {
			p[i].Y -= (1 - upperShare) * gap * jawShare(average[i]) * (1 - t.lipShare(i))
		}
	}
	ring := [4]float32{0.35, 0.6, 0.85, 1}
	under := [4]float32{0.85, 0.92, 0.97, 1}
	for _, c := range t.columns {
		u, l := p[c.Upper[3]], p[c.Lower[3]]
		for k := range 4 {
			p[c.Upper[k]] = shift(p[c.Upper[k]], u, l, upperShare*ring[k])
			p[c.Lower[k]] = shift(p[c.Lower[k]], l, u, (1-upperShare)*under[k])
		}
		meet := motion.Mix(u, l, upperShare)
		p[c.Upper[3]], p[c.Lower[3]] = meet, meet
	}
}

// lipShare is 1 for a landmark of the lips, which shutMouth moves by itself.
func (t *parts) lipShare(i int) float32 {
	for _, c := range t.columns {
		for k := range 4 {
			if int(c.Upper[k]) == i || int(c.Lower[k]) == i {
				return 1
			}
		}
	}
	for _, corner := range t.corners {
		for _, j := range corner {
			if int(j) == i {
				return 1
			}
		}
	}
	return 0
}

// shift moves p by the fraction t of the way from a to b.
func shift(p, a, b vec, t float32) vec {
	return vec{X: p.X + t*(b.X-a.X), Y: p.Y + t*(b.Y-a.Y), Z: p.Z + t*(b.Z-a.Z)}
}

// jawShare says how much a landmark, by its place on the average face, goes along with the lower jaw.
func jawShare(a vec) float32 {
	return ramp(a.Y, 1.1, 1.35) * (1 - ramp(a.Z, 0.1, 0.75))
}
