package retarget

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	wideRoom  = 0.4  // lids open softly to at most this much more than the neutral
	underMost = 0.4  // of the opening a lower lid may rise
	lookLag   = 0.25 // lid ratio below which the iris is not seen
	// upGain makes up for some of what a tracker misses of a look up or down, where lids cover the iris: of looks that were
	// drawn it saw 0.44 vertically and 0.72 horizontally (median of eight pairs of photograph and clip).
	upGain = 1.4
)

// lidRatios returns how open the driver's eyes are, unmirrored: 0 shut, 1 as usual. Eyes that move alike are
// brought together, so that one bad lid does not wink; a true wink stays.
func (r *Retargeter) lidRatios() [2]float32 {
	f := r.parts.measure(&r.face)
	var v [2]float32
	for side := range v {
		v[side] = r.neutral.lids[side].ratio(f.lid[side], r.neutral.openLid(side))
	}
	mean := (v[0] + v[1]) / 2
	apart := float32(math.Abs(float64(v[0] - v[1])))
	together := 1 - num.Smoothstep(0.15, 0.4, apart)
	for side := range v {
		v[side] += together * (mean - v[side])
	}
	return v
}

// lidOpening applies strength and bounds to a ratio.
func (r *Retargeter) lidOpening(ratio float32) float32 {
	v := max(0, 1+r.options.Strength.Eyes*(ratio-1))
	if v > 1 {
		v = 1 + wideRoom*float32(math.Tanh(float64((v-1)/wideRoom)))
	}
	return v
}

// drawLids opens the portrait's lids to the driver's ratio. The lower lid follows the driver's, the upper one
// hangs above it by exactly the opening, so shut lids meet along their whole length.
func (r *Retargeter) drawLids(shape, calm *features, ratio [2]float32) {
	for side := range r.parts.eyes {
		rise := (shape.underLid[side] - calm.underLid[side]) / max(calm.lid[side], 0.03)
		rise = min(max(rise*r.options.Strength.Eyes, -0.1), underMost)
		r.state.Lid[side] = r.lidOpening(ratio[side])
		motion.SetLid(&r.state.Points, &r.rest.Neutral, &r.parts.eyes[side], r.state.Lid[side], rise)
	}
}

// drawGaze moves the irises as the driver's move between the corners of his eyes, in the portrait's own eye widths.
// Both eyes look the same way unless they clearly do not; behind a shut lid the last look is kept.
func (r *Retargeter) drawGaze(shape, calm *features, ratio [2]float32) {
	const squint, clearly = 0.05, 0.12 // difference between the eyes, in eye widths
	var look [2]struct{ x, y float32 }
	for side := range look {
		look[side].x = shape.gaze[side].x - calm.gaze[side].x
		look[side].y = upGain * (shape.gaze[side].y - calm.gaze[side].y)
	}
	meanX, meanY := (look[0].x+look[1].x)/2, (look[0].y+look[1].y)/2
	apart := float32(math.Abs(float64(look[0].x - look[1].x)))
	own := num.Smoothstep(squint, clearly, apart)
	for side := range look {
		seen := num.Smoothstep(lookLag, 0.6, ratio[side])
		kept := &r.gazeKept[side]
		kept.x += seen * (meanX + own*(look[side].x-meanX) - kept.x)
		kept.y += seen * (meanY - kept.y)
		r.lookAt(side, kept.x*r.options.Strength.Eyes, kept.y*r.options.Strength.Eyes)
	}
}

// lookAt moves one iris by a fraction of the portrait's eye width, softly bounded inside the eye.
func (r *Retargeter) lookAt(side int, x, y float32) {
	e := &r.parts.eyes[side]
	calm := &r.rest.Neutral
	width := r.restShape.eyeWidth[side]
	mid := motion.Mix(calm[e.Outer], calm[e.Inner], 0.5)
	at := calm[e.Iris[0]]
	room := max(0.5*width-0.6*distance(calm[e.Iris[1]], calm[e.Iris[3]])/2, 0.1*width)
	dx := towards(at.X-mid.X, x*width, room)
	high := 0.45*r.restShape.lid[side] + 0.03
	dy := soft(y*width, 0.6*high, 0.4*high)
	for _, i := range e.Iris {
		p := &r.state.Points[i]
		*p = vec{X: calm[i].X + dx, Y: calm[i].Y + dy, Z: calm[i].Z}
	}
	r.setGaze(side, e)
}

// towards returns how far something at from moves for d, bounded softly to stay within room of 0.
func towards(from, d, room float32) float32 {
	if d == 0 {
		return 0
	}
	left := room - from // room in the direction of d
	if d < 0 {
		left = room + from
	}
	left = max(left, 0.02)
	return soft(d, 0.7*left, 0.3*left)
}

// setGaze reports the iris' offset from its place in the picture.
func (r *Retargeter) setGaze(side int, e *motion.EyeParts) {
	p, q := r.state.Points[e.Iris[0]], r.rest.Points[e.Iris[0]]
	r.state.Gaze[side].X, r.state.Gaze[side].Y = p.X-q.X, p.Y-q.Y
}
