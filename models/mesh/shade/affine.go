package shade

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Affine maps local (s, t) to a plane, origin + s*ex + t*ey, and back.
type Affine struct {
	ox, oy             float32
	exx, exy, eyx, eyy float32
	i00, i01, i10, i11 float32
}

// NewAffine maps (0, 0) to (ox, oy), a step along s to (exx, exy) and one along t to (eyx, eyy); ok is false where that has no
// inverse.
func NewAffine(ox, oy, exx, exy, eyx, eyy float32) (a Affine, ok bool) {
	det := exx*eyy - eyx*exy
	if num.Abs(det) < 1e-3 {
		return a, false
	}
	return Affine{ox, oy, exx, exy, eyx, eyy, eyy / det, -eyx / det, -exy / det, exx / det}, true
}

// To maps local (s, t) to the plane.
func (a *Affine) To(s, t float32) (x, y float32) {
	return a.ox + s*a.exx + t*a.eyx, a.oy + s*a.exy + t*a.eyy
}

// Back maps (x, y) of the plane to local coordinates.
func (a *Affine) Back(x, y float32) (s, t float32) {
	x, y = x-a.ox, y-a.oy
	return a.i00*x + a.i01*y, a.i10*x + a.i11*y
}

// Box is the bounding box in the plane of the local rectangle from (s0, t0) to (s1, t1), grown by a pixel, within +-4100.
func (a *Affine) Box(s0, t0, s1, t1 float32) planar.Rect {
	x0, y0, x1, y1 := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	for i := range 4 {
		s, t := s0, t0
		if i&1 != 0 {
			s = s1
		}
		if i&2 != 0 {
			t = t1
		}
		x, y := a.To(s, t)
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	lim := func(v float32) int { return int(min(max(v, -4096), 4096)) }
	return planar.Rect{X0: lim(x0) - 1, Y0: lim(y0) - 1, X1: lim(x1) + 2, Y1: lim(y1) + 2}
}
