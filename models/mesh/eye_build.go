package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// eye is one eye taken apart at rest. Its local frame has its origin between the corners, s along the line from the
// picture's left corner to the right one, t downwards, both in texture pixels.
type eye struct {
	lids    eyeContour
	frame   affine // local to texture
	down    [2]float32
	length  float32 // between the corners
	upper   curve   // edge of the upper lid as found in the picture: the middle of the lash line
	lower   curve
	lmLower curve      // the same edge as landmarks say
	gap     float32    // mean distance of the lids by landmarks
	lash    float32    // height of the strip that travels with a lid
	fade    float32    // and of its soft border
	wing    float32    // how far strips reach beyond the corners
	skin    *decal     // the picture around the eye
	ball    *decal     // eyeball without iris
	iris    *decal     // iris in place, hidden parts completed
	centre  [2]float32 // of the iris, local
}

// Proportions of an eye, in units of its length.
const (
	lashUpper, lashLower = 0.09, 0.06
	lashFade             = 0.07
	lashWing             = 0.16
	lidOverlap           = 0.05 // how far a shut upper lid reaches over the lower
)

// newEye takes an eye apart. face is changed: the eye is painted shut in it.
func newEye(g *geometry, c *eyeContour, pic, face picture) eye {
	e := eye{lids: *c}
	l, r := g.rest[c.upper[0]], g.rest[c.upper[8]]
	dx, dy := r.X-l.X, r.Y-l.Y
	e.length = max(float32(math.Hypot(float64(dx), float64(dy))), 4)
	dx, dy = dx/e.length, dy/e.length
	e.down = [2]float32{-dy, dx}
	e.frame, _ = newAffine((l.X+r.X)/2, (l.Y+r.Y)/2, dx, dy, -dy, dx)
	e.lash, e.fade, e.wing = lashUpper*e.length, lashFade*e.length, lashWing*e.length
	half := e.length/2 + e.wing + 2
	n := int(2*half) + 2
	e.upper, e.lower, e.lmLower = newCurve(-half, n), newCurve(-half, n), newCurve(-half, n)
	var us, ut, ls, lt [9]float32
	e.project(&e.frame, g.rest[:], &us, &ut, &ls, &lt)
	e.gap = meanGap(&ut, &lt)
	e.upper.fit(us[:], ut[:])
	e.lmLower.fit(ls[:], lt[:])
	copy(e.lower.value, e.lmLower.value)
	e.findLash(pic[0])
	for i, t := range e.upper.value {
		e.lower.value[i] = max(e.lower.value[i], t)
	}
	box := e.frame.box(-half, -0.75*e.length, half, 0.75*e.length)
	box = rect{max(box.x0, 0), max(box.y0, 0), min(box.x1, pic[0].w), min(box.y1, pic[0].h)}
	e.skin = newDecal(pic, box, 1)
	q := g.rest[c.iris]
	e.centre[0], e.centre[1] = e.frame.back(q.X, q.Y)
	e.makeBall(g)
	e.shut(face, box)
	return e
}

// project brings the lid landmarks into the local frame of m.
func (e *eye) project(m *affine, pts []motion.Vec3, us, ut, ls, lt *[9]float32) {
	for k := range 9 {
		u, l := pts[e.lids.upper[k]], pts[e.lids.lower[k]]
		us[k], ut[k] = m.back(u.X, u.Y)
		ls[k], lt[k] = m.back(l.X, l.Y)
	}
}

// meanGap is the mean opening over the middle five pairs of landmarks, at least a hundredth of a pixel.
func meanGap(ut, lt *[9]float32) float32 {
	var sum float32
	for k := 2; k < 7; k++ {
		sum += lt[k] - ut[k]
	}
	return sum / 5
}

// findLash moves the upper edge to the darkest smooth line near it: landmarks may lie on the eyeball of a drawn eye.
// Dynamic programming over columns; the offset fades out at the corners.
func (e *eye) findLash(luma *plane) {
	n := len(e.upper.value)
	reach := max(int(0.09*e.length), 1)
	k := 2*reach + 1
	cost := make([]float32, n*k)
	from := make([]int8, n*k)
	for i := range n {
		s := e.upper.from + float32(i)
		for j := range k {
			off := float32(j - reach)
			x, y := e.frame.to(s, e.upper.value[i]+off)
			v := luma.sample(x, y) + 0.5*luma.sample(x+e.down[0], y+e.down[1]) + 0.5*luma.sample(x-e.down[0], y-e.down[1])
			c := v/2 + 14*off*off/float32(reach*reach)
			if abs32(s) > e.length*0.47 {
				c = 200 * abs32(off)
			}
			best, bj := float32(math.Inf(1)), 0
			if i == 0 {
				best = 0
			}
			for d := -1; d <= 1 && i > 0; d++ {
				if p := j + d; p >= 0 && p < k {
					if v := cost[(i-1)*k+p] + 3*float32(d*d); v < best {
						best, bj = v, p
					}
				}
			}
			cost[i*k+j], from[i*k+j] = c+best, int8(bj)
		}
	}
	j := reach
	off := make([]float32, n)
	for i := n - 1; i >= 0; i-- {
		off[i] = float32(j - reach)
		j = int(from[i*k+j])
	}
	for range 3 {
		for i := 1; i+1 < n; i++ {
			off[i] = (off[i-1] + 2*off[i] + off[i+1]) / 4
		}
	}
	for i := range n {
		e.upper.value[i] += off[i]
	}
}

// inside is how deep a local point lies in the opening at rest, pixels; negative outside.
func (e *eye) inside(s, t float32) float32 {
	return min(t-e.upper.at(s), e.lower.at(s)-t)
}

// makeBall paints the iris out of the eyeball and completes the iris where lids hide it.
func (e *eye) makeBall(g *geometry) {
	c := g.rest[e.lids.iris]
	var r float32
	for k := range uint16(4) {
		q := g.rest[e.lids.iris+1+k]
		r += float32(math.Hypot(float64(q.X-c.X), float64(q.Y-c.Y))) / 4
	}
	r = min(max(r, 0.12*e.length), 0.35*e.length)
	d := e.skin
	pic := newPicture(d.w, d.h)
	w := newPlane(d.w, d.h)
	for o, t := range d.pix {
		pic[0].pix[o], pic[1].pix[o], pic[2].pix[o] = t.y, t.u, t.v
		x, y := float32(d.x+o%d.w)+0.5, float32(d.y+o/d.w)+0.5
		s, v := e.frame.back(x, y)
		far := float32(math.Hypot(float64(x-c.X), float64(y-c.Y)))
		if e.inside(s, v) > 0.035*e.length && far > 1.15*r+1 {
			w.pix[o] = 1
		}
	}
	pushPull(pic[:], w)
	e.ball = &decal{d.x, d.y, d.w, d.h, make([]texel, len(d.pix))}
	for o := range e.ball.pix {
		e.ball.pix[o] = texel{pic[0].pix[o], pic[1].pix[o], pic[2].pix[o], 1}
	}
	e.makeIris(c, r)
}

// makeIris copies the iris; a hidden pixel takes its mirror image below, beside, or opposite, or the mean of its circle.
func (e *eye) makeIris(c motion.Vec3, r float32) {
	d := e.skin
	seen := func(x, y float32) bool {
		s, t := e.frame.back(x, y)
		return e.inside(s, t) > 0.03*e.length
	}
	rings := make([]texel, int(r*1.6)+3)
	count := make([]float32, len(rings))
	each := func(f func(o int, x, y, far float32)) {
		for o := range d.pix {
			x, y := float32(d.x+o%d.w)+0.5, float32(d.y+o/d.w)+0.5
			if far := float32(math.Hypot(float64(x-c.X), float64(y-c.Y))); far < r*1.5+1 {
				f(o, x, y, far)
			}
		}
	}
	each(func(o int, x, y, far float32) {
		if seen(x, y) {
			t, k := d.pix[o], int(far)
			rings[k] = texel{rings[k].y + t.y, rings[k].u + t.u, rings[k].v + t.v, 0}
			count[k]++
		}
	})
	last := texel{60, 128, 128, 1}
	for k := range rings {
		if n := count[k]; n > 0 {
			last = texel{rings[k].y / n, rings[k].u / n, rings[k].v / n, 1}
		}
		rings[k] = last
	}
	e.iris = &decal{d.x, d.y, d.w, d.h, make([]texel, len(d.pix))}
	each(func(o int, x, y, far float32) {
		t := rings[int(far)]
		dx, dy := x-c.X, y-c.Y
		switch {
		case seen(x, y):
			t = d.pix[o]
		case seen(x, c.Y-dy):
			t = d.sample(x, c.Y-dy)
		case seen(c.X-dx, y):
			t = d.sample(c.X-dx, y)
		case seen(c.X-dx, c.Y-dy):
			t = d.sample(c.X-dx, c.Y-dy)
		}
		t.a = 1 - smooth(r*1.0, r*1.15+1, far)
		e.iris.pix[o] = t
	})
}

// cover is 1 in the part of the face that is painted shut, local coordinates.
func (e *eye) cover(s, t float32) bool {
	k := 1 - smooth(e.length/2-e.wing*0.3, e.length/2+e.wing*0.6, abs32(s))
	return k > 0 && t > e.upper.at(s)-e.lash*k && t < e.lower.at(s)+lashLower*e.length*k
}

// shut paints skin over the eye: a membrane between the skin above the lashes and that below.
func (e *eye) shut(face picture, box rect) {
	w, h := box.x1-box.x0, box.y1-box.y0
	hole, known := newPlane(w, h), newPlane(w, h)
	local := newPicture(w, h)
	for y := range h {
		for x := range w {
			o := y*w + x
			s, t := e.frame.back(float32(box.x0+x)+0.5, float32(box.y0+y)+0.5)
			for k := range 3 {
				local[k].pix[o] = face[k].at(box.x0+x, box.y0+y)
			}
			known.pix[o] = 1
			if e.cover(s, t) {
				hole.pix[o], known.pix[o] = 1, 0
			}
		}
	}
	pushPull(local[:], known)
	for k := range 3 {
		relax(local[k], hole, 0, 0, w, h, 40)
		for y := range h {
			for x := range w {
				face[k].pix[(box.y0+y)*face[k].w+box.x0+x] = local[k].pix[y*w+x]
			}
		}
	}
}
