package eye

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Eye is one eye taken apart at rest, immutable and shared. Its local frame has its origin between the corners, s along the line
// from the picture's left corner to the right one, t downwards, both in texture pixels.
type Eye struct {
	index       int // 0 on the picture's left, 1 on its right
	lids        lidContour
	frame       shade.Affine // local to texture
	down        [2]float32
	length      float32     // between the corners by landmarks
	left, right float32     // from the origin to the corners as found in the picture
	upper       shade.Curve // edge of the upper lid as found in the picture: the middle of the lash line
	lower       shade.Curve
	lmLower     shade.Curve // the same edge as landmarks say
	gap         float32     // mean distance of the lids by landmarks
	model       skinModel
	skin        *shade.Decal // the picture around the eye
	ball        *shade.Decal // eyeball without iris
	iris        *shade.Decal // iris in place, hidden parts completed
	centre      [2]float32   // of the iris, local
	line        lashLine
	over        *shade.Decal // skin over the eye when it is shut
	hair        *shade.Decal // what hangs before the eye, nil where nothing does
}

// Proportions of an eye, in units of its length.
const (
	lidUpper, lidLower = 0.16, 0.07 // height of the part that is painted shut beyond the edges
	lashHeight         = 0.06       // of the strip that a closing upper lid takes along
	lashFade           = 0.07
	lashWing           = 0.14 // how far strips reach beyond the corners
	lidOverlap         = 0.05 // how far a shut upper lid reaches over the lower
)

// New takes the eye apart that lies on the picture's left (index 0) or right (1). pic is the portrait, face the person's picture, in
// which the eye is painted shut; both are in texture pixels.
func New(g *pose.Geometry, index int, pic, face planar.Picture) *Eye {
	e := &Eye{index: index, lids: lidsOf(index)}
	l, r := g.At[e.lids.upper[0]], g.At[e.lids.upper[8]]
	dx, dy := r.X-l.X, r.Y-l.Y
	e.length = max(float32(math.Hypot(float64(dx), float64(dy))), 4)
	dx, dy = dx/e.length, dy/e.length
	if dx == 0 && dy == 0 {
		dx = 1
	}
	e.down = [2]float32{-dy, dx}
	e.frame, _ = shade.NewAffine((l.X+r.X)/2, (l.Y+r.Y)/2, dx, dy, -dy, dx)
	half := (0.70+lashWing)*e.length + 2
	n := int(2*half) + 2
	e.upper, e.lower, e.lmLower = shade.NewCurve(-half, n), shade.NewCurve(-half, n), shade.NewCurve(-half, n)
	var us, ut, ls, lt [9]float32
	e.project(&e.frame, g.At[:], &us, &ut, &ls, &lt)
	e.gap = meanGap(&ut, &lt)
	e.upper.Fit(us[:], ut[:])
	e.lmLower.Fit(ls[:], lt[:])
	copy(e.lower.Value, e.lmLower.Value)
	box := e.frame.Box(-half, -0.75*e.length, half, 0.75*e.length)
	box = box.Within(pic[0].W, pic[0].H)
	e.skin = shade.NewDecal(pic, box, 1)
	e.findHair(g, pic)
	e.learnSkin()
	e.findEdges()
	e.line = e.learnLash()
	e.makeShut(face)
	q := g.At[e.lids.iris]
	e.centre[0], e.centre[1] = e.frame.Back(q.X, q.Y)
	e.makeBall(g)
	e.shut(face, box)
	e.fadeHair()
	e.skin, e.ball, e.iris = e.skin.Refined(), e.ball.Refined(), e.iris.Refined()
	return e
}

// project brings the lid landmarks into the local frame of m.
func (e *Eye) project(m *shade.Affine, pts []motion.Vec3, us, ut, ls, lt *[9]float32) {
	for k := range 9 {
		u, l := pts[e.lids.upper[k]], pts[e.lids.lower[k]]
		us[k], ut[k] = m.Back(u.X, u.Y)
		ls[k], lt[k] = m.Back(l.X, l.Y)
	}
}

// meanGap is the mean opening over the middle five pairs of landmarks.
func meanGap(ut, lt *[9]float32) float32 {
	var sum float32
	for k := 2; k < 7; k++ {
		sum += lt[k] - ut[k]
	}
	return sum / 5
}

// inside is how deep a local point lies in the opening at rest, pixels; negative outside.
func (e *Eye) inside(s, t float32) float32 {
	return min(t-e.upper.At(s), e.lower.At(s)-t)
}

// side is 1 between the corners and falls to 0 over the wings beyond.
func (e *Eye) side(s float32) float32 {
	beyond := max(-e.left-s, s-e.right)
	return 1 - num.Smoothstep(0.15*lashWing*e.length, lashWing*e.length, beyond)
}

// cover tells the part of the face that is painted shut, local coordinates.
func (e *Eye) cover(s, t float32) bool {
	k := e.side(s)
	return k > 0 && t > e.upper.At(s)-lidUpper*e.length*k && t < e.lower.At(s)+lidLower*e.length*k
}

// shut paints skin over the eye: what looks like skin around it, continued across, with a lid's roundness and the
// grain of the cheek below.
func (e *Eye) shut(face planar.Picture, box planar.Rect) {
	w, h := box.X1-box.X0, box.Y1-box.Y0
	known := planar.New(w, h)
	local := planar.NewPicture(w, h)
	each := func(f func(o int, s, t float32)) {
		for o := range known.Pix {
			s, t := e.frame.Back(float32(box.X0+o%w)+0.5, float32(box.Y0+o/w)+0.5)
			f(o, s, t)
		}
	}
	each(func(o int, s, t float32) {
		for k := range 3 {
			local[k].Pix[o] = face[k].At(box.X0+o%w, box.Y0+o/w)
		}
		if !e.cover(s, t) {
			l := e.model.likeness(shade.Texel{Y: local[0].Pix[o], U: local[1].Pix[o], V: local[2].Pix[o], A: 1})
			known.Pix[o] = (0.02 + 0.98*l*l) * max(e.free(o), 1e-3)
		}
	})
	filled := local.Clone()
	planar.PushPull(filled[:], known)
	for k := range 3 {
		filled[k] = filled[k].Blur(max(int(0.03*e.length), 1))
	}
	e.tint(filled, known)
	each(func(o int, s, t float32) {
		k := e.side(s)
		top, low := e.upper.At(s)-lidUpper*e.length*k, e.lower.At(s)+lidLower*e.length*k
		soft := 0.05 * e.length
		a := min(num.Smoothstep(0, soft, t-top), num.Smoothstep(0, soft, low-t)) * k
		if a == 0 {
			return
		}
		v := num.Clamp01((t - top) / max(low-top, 1))
		round := 1 + 0.05*4*v*(1-v) - 0.05*num.Smoothstep(0.7, 1, v)
		// Grain is taken from the cheek, straight below.
		gx, gy := e.frame.To(s, t+0.7*e.length)
		for c := range 3 {
			grain := grainAt(face[c], gx, gy)
			x := filled[c].Pix[o]
			if c == 0 {
				x = 16 + (x-16)*round
			}
			p := &local[c].Pix[o]
			*p += a * (x + 0.6*num.Bound(grain, 12) - *p)
		}
	})
	for k := range 3 {
		for y := range h {
			copy(face[k].Pix[(box.Y0+y)*face[k].W+box.X0:], local[k].Pix[y*w:(y+1)*w])
		}
	}
}

// tint brings the filled part halfway to the colour of the skin around the eye: what is left of shadows and lashes
// would otherwise make a shut lid look bruised.
func (e *Eye) tint(filled planar.Picture, known *planar.Plane) {
	var mean shade.Texel
	var n float32
	for o, w := range known.Pix {
		if w == 0 {
			mean.Y, mean.U, mean.V = mean.Y+filled[0].Pix[o], mean.U+filled[1].Pix[o], mean.V+filled[2].Pix[o]
			n++
		}
	}
	if n == 0 {
		return
	}
	goal := shade.Lerp(e.model.upper, e.model.lower, 0.5)
	dy, du, dv := (goal.Y*0.97-mean.Y/n)*0.5, (goal.U-mean.U/n)*0.5, (goal.V-mean.V/n)*0.5
	for o := range known.Pix {
		filled[0].Pix[o] += max(dy, 0)
		filled[1].Pix[o] += du
		filled[2].Pix[o] += dv
	}
}

// grainAt is how a point differs from the mean of its neighbourhood.
func grainAt(p *planar.Plane, x, y float32) float32 {
	var sum float32
	for _, d := range [...][2]float32{{2, 0}, {-2, 0}, {0, 2}, {0, -2}, {3, 3}, {-3, 3}, {3, -3}, {-3, -3}} {
		sum += p.Sample(x+d[0], y+d[1])
	}
	return p.Sample(x, y) - sum/8
}
