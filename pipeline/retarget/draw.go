package retarget

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// proportions are the portrait's sizes over the driver's, region by region, within bounds.
type proportions struct {
	mouth, eyes, brows vec
	opening            float32 // for the gap between the lips
}

// proportions compares the driver's neutral with the portrait's; strengths are in.
func (r *Retargeter) proportions(calm *features) (k proportions) {
	own, s := &r.restShape, r.options.Strength
	wide := within(own.mouthWidth/calm.mouthWidth, 0.6, 1.6)
	high := within(own.lower/max(calm.lower, 0.2), 0.6, 1.6)
	tall := float32(math.Sqrt(float64(wide * high)))
	k.opening = s.Mouth * tall
	k.mouth = vec{X: s.Mouth * wide, Y: s.Mouth * tall, Z: s.Mouth * 0.6 * tall}
	lids := within((own.lid[0]+own.lid[1])/max(calm.lid[0]+calm.lid[1], 0.02), 0.6, 1.8)
	across := within((own.eyeWidth[0]+own.eyeWidth[1])/(calm.eyeWidth[0]+calm.eyeWidth[1]), 0.7, 1.4)
	k.eyes = vec{X: s.Eyes * across * 0.6, Y: s.Eyes * lids, Z: s.Eyes * 0.4}
	brow := s.Brows * within(own.brow/max(calm.brow, 0.1), 0.6, 1.4)
	k.brows = vec{X: brow, Y: brow, Z: 0.4 * brow}
	return k
}

// within bounds v; NaN becomes 1.
func within(v, lo, hi float32) float32 {
	if v != v {
		return 1
	}
	return min(max(v, lo), hi)
}

// drawFace moves every landmark by the driver's own deviation from the neutral, in proportion.
func (r *Retargeter) drawFace(k *proportions) {
	const reach, room = 0.6, 0.2 // further than that no face moves
	for i := range r.state.Points {
		w := &r.parts.weight[i]
		a, b := &r.now[i], &r.base[i]
		gx := w.mouth*k.mouth.X + w.eyes*k.eyes.X + w.brows*k.brows.X
		gy := w.mouth*k.mouth.Y + w.eyes*k.eyes.Y + w.brows*k.brows.Y
		gz := w.mouth*k.mouth.Z + w.eyes*k.eyes.Z + w.brows*k.brows.Z
		p := &r.state.Points[i]
		p.X += gx * soft(a.X-b.X, reach, room)
		p.Y += gy * soft(a.Y-b.Y, reach, room)
		p.Z += gz * soft(a.Z-b.Z, reach, room)
	}
}

const (
	touch    = 0.012 // a gap up to this is the tracker's view of lips that touch
	parted   = 0.040 // from this gap on lips are as far apart as they look
	widest   = 0.75  // head units; a mouth does not open further
	thinnest = 0.35  // of its neutral thickness a lip keeps at least
	jawSlack = 0.02  // chin motion that is no jaw
	lipSlack = 0.05  // by which the lower lip falls without the jaw
)

// opening is the true gap for a tracked one: exactly 0 for lips that touch, without a step.
func opening(gap float32) float32 { return max(0, gap) * num.Smoothstep(touch, parted, gap) }

// drawMouth makes the lips agree with the gap: where the driver's are shut as far apart as in the portrait's neutral, which is mostly
// not at all, and in proportion further elsewhere.
func (r *Retargeter) drawMouth(shape, calm *features, k *proportions) {
	pts := &r.state.Points
	ring := [4]float32{0.55, 0.75, 0.92, 1}
	for i, c := range r.parts.columns {
		gap := soft(k.opening*opening(shape.gap[i])+max(0, r.restShape.gap[i]), widest, 0.1)
		u, l := &pts[c.Upper[3]], &pts[c.Lower[3]]
		meet := vec{X: (u.X + l.X) / 2, Y: (u.Y + l.Y) / 2, Z: (u.Z + l.Z) / 2}
		closing := 1 - num.Smoothstep(0, 0.06, gap)
		du := vec{X: closing * (meet.X - u.X), Y: meet.Y - gap/2 - u.Y, Z: closing * (meet.Z - u.Z)}
		dl := vec{X: closing * (meet.X - l.X), Y: meet.Y + gap/2 - l.Y, Z: closing * (meet.Z - l.Z)}
		for j := range 4 {
			add(&pts[c.Upper[j]], du, ring[j])
			add(&pts[c.Lower[j]], dl, ring[j])
		}
		if gap == 0 {
			*u, *l = meet, meet
		}
		r.keepThick(&c.Upper, 1)
		r.keepThick(&c.Lower, -1)
	}
	r.state.MouthOpen = pts[motion.LowerLipInner].Y - pts[motion.UpperLipInner].Y
	// The tracker's chin moves less than a jaw, a lower lip more: the truth is between.
	drop := k.opening * (0.5*(shape.lower-calm.lower) + 0.5*max(0, shape.lowerLip-calm.lowerLip-lipSlack))
	r.state.Jaw = min(max(0, drop)*num.Smoothstep(jawSlack/2, 3*jawSlack, drop), 0.8)
}

// keepThick keeps the edges of one lip in order: outer above inner for the upper one (sign 1), below for the lower.
func (r *Retargeter) keepThick(lip *[4]uint16, sign float32) {
	pts, calm := &r.state.Points, &r.rest.Neutral
	for k := 2; k >= 0; k-- {
		least := sign * (calm[lip[k+1]].Y - calm[lip[k]].Y)
		if least > 0 { // an edge that lies the other way round in the neutral may stay so
			least *= thinnest
		}
		if have := sign * (pts[lip[k+1]].Y - pts[lip[k]].Y); have < least {
			pts[lip[k]].Y -= sign * (least - have)
		}
	}
}

func add(p *vec, d vec, t float32) {
	p.X += t * d.X
	p.Y += t * d.Y
	p.Z += t * d.Z
}
