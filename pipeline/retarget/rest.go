package retarget

import (
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// NewRest reads a portrait's face: its pose, its landmarks in the head frame, and its neutral, which is the same
// face with an open mouth shut as far as it stays a face, a plain smile taken back and half-closed lids raised with care.
// points are the portrait's landmarks in the crop frame.
func NewRest(points *[landmark.Count]motion.Vec3) motion.Rest {
	t := newParts()
	fitter := motion.NewFitter()
	rest := motion.Rest{Head: canonicalPose(fitter.FitAverage(points), points)}
	for i, p := range points {
		rest.Points[i] = rest.Head.Invert(p)
	}
	rest.Neutral = rest.Points
	t.neutralise(&rest.Neutral, 1.45, upperShare, mostShut, plainSmile)
	return rest
}

// canonicalPose moves a fitted pose to the exact origin and unit of the head frame: the middle between the
// outer eye corners, the distance between the eye centres.
func canonicalPose(pose motion.Rigid, points *[landmark.Count]motion.Vec3) motion.Rigid {
	centre := func(a, b int) vec { return motion.Mix(points[a], points[b], 0.5) }
	pose.T = centre(motion.LeftEyeOuter, motion.RightEyeOuter)
	left, right := centre(motion.LeftEyeOuter, motion.LeftEyeInner), centre(motion.RightEyeOuter, motion.RightEyeInner)
	if unit := distance(left, right); unit > 0 {
		pose.Scale = unit
	}
	return pose
}

const (
	openGap    = 0.015 // a mouth with a smaller gap is shut
	narrowEye  = 0.20  // opening over width of an eye that counts as half closed
	shutEye    = 0.06  // below this nothing is known of the open eye
	mostShut   = 0.30  // head units by which a portrait's mouth is shut: pulled further, the picture's jaw would show twice
	entirely   = 10    // a driver's mouth is shut however far it is open
	upperShare = 0.3   // of an open mouth's gap is the upper lip's doing in a portrait, which may smile or sing
	talkShare  = 0.1   // and in a driver caught at a word: the jaw drops, the upper lip hardly moves, in a round mouth not at all
	roundWidth = 0.70  // head units; an open mouth no wider than this is an O
	usualWidth = 0.77  // of a mouth at rest, narrow ones among them
)

// plainSmile is 0 for a face whose smile may be its own, 1 for one that laughs at the painter.
func plainSmile(f *features) float32 {
	return num.Smoothstep(0.03, 0.09, f.lift) * (0.25 + 0.75*num.Smoothstep(0.78, 1.02, f.mouthWidth))
}

// neutralise takes a picture's expression back. widest bounds the factor by which half-closed lids open, upper and most are as
// for shutMouth, smiling judges how much of a smile there is to take back, 0..1.
func (t *parts) neutralise(p *face, widest, upper, most float32, smiling func(*features) float32) {
	f := t.measure(p)
	smile := smiling(&f)
	t.undoSmile(p, &f, smile)
	t.shutMouth(p, f.meanGap(), upper, most, 1-smile)
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

// relax draws the corners of an open mouth that is narrower than a mouth at rest outwards: an O is, and how wide it rests is
// not to be seen.
func (t *parts) relax(p *face, f *features) {
	lack := max(0, usualWidth-f.mouthWidth) * num.Smoothstep(openGap, 0.25, f.meanGap())
	if lack == 0 {
		return
	}
	middle := motion.Mix(p[t.corners[0][0]], p[t.corners[1][0]], 0.5)
	grow := lack / max(f.mouthWidth, 0.2)
	for i := range p {
		if w := t.weight[i].mouth; w > 0 {
			dx, dy := p[i].X-middle.X, p[i].Y-middle.Y
			p[i].X += grow * w * dx * num.Bump(dx/1.2) * num.Bump(dy/0.9)
		}
	}
}

// undoSmile draws the corners of a smile of strength s in and down.
func (t *parts) undoSmile(p *face, f *features, s float32) {
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
		pull := s * w * num.Bump((dx*side-1)/1.1) * num.Bump(dy/1.2)
		p[i].X -= side * 0.10 * pull
		p[i].Y += 0.05 * pull
	}
}

// shutMouth raises jaw and lower lip and lowers the upper one until the inner lips meet exactly, or the gap, the
// mouth's mean one, is less by most, head units. upper is the upper lip's share of the way, hang how much of the corners' height is
// the open mouth's doing, both 0..1.
func (t *parts) shutMouth(p *face, gap, upper, most, hang float32) {
	share := float32(1) // of the way to a shut mouth
	if gap > most {
		share = most / gap
	}
	cornerFall := 0.5 - upper // of the gap: corners stay level with the middle of the mouth
	if gap > openGap {
		average := motion.AverageFace()
		for i := range p {
			p[i].Y -= share * (1 - upper) * gap * jawShare(average[i]) * (1 - t.lipShare(i))
		}
		for _, corner := range t.corners { // an open mouth draws its corners down
			for _, i := range corner {
				p[i].Y -= share * cornerFall * hang * gap
			}
		}
	} else {
		gap = 0
	}
	ring := [4]float32{0.35, 0.6, 0.85, 1}
	under := [4]float32{0.85, 0.92, 0.97, 1}
	beside := [9]float32{0.65, 0.3, 0.1, 0, 0, 0, 0.1, 0.3, 0.65} // how much a column goes with its corner
	for n, c := range t.columns {
		u, l := p[c.Upper[3]], p[c.Lower[3]]
		rise := share * cornerFall * hang * gap * beside[n]
		for k := range 4 {
			p[c.Upper[k]] = shift(p[c.Upper[k]], u, l, share*upper*ring[k])
			p[c.Lower[k]] = shift(p[c.Lower[k]], l, u, share*(1-upper)*under[k])
			p[c.Upper[k]].Y -= rise
			p[c.Lower[k]].Y -= rise
		}
		if share < 1 {
			continue
		}
		meet := motion.Mix(u, l, upper)
		meet.Y -= rise
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
	return num.Smoothstep(1.05, 1.4, a.Y) * (1 - num.Smoothstep(0, 0.95, a.Z))
}
