package texmap

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// quadPlane is a plane of bytes for bilinear sampling by one load: every element packs a 2x2 neighbourhood, (x,y) in the low byte,
// then (x+1,y), (x,y+1), (x+1,y+1).
type quadPlane struct {
	pix []uint32
	w   int
}

// newQuadPlane packs p*scale, rounded to bytes.
func newQuadPlane(p *planar.Plane, scale float32) quadPlane {
	b := p.Bytes(scale)
	q := quadPlane{make([]uint32, len(b)), p.W}
	for y := range p.H {
		y1 := min(y+1, p.H-1)
		for x := range p.W {
			x1 := min(x+1, p.W-1)
			q.pix[y*p.W+x] = uint32(b[y*p.W+x]) | uint32(b[y*p.W+x1])<<8 |
				uint32(b[y1*p.W+x])<<16 | uint32(b[y1*p.W+x1])<<24
		}
	}
	return q
}

// sample samples at a place in 16.16, relative to the first pixel's centre; it is false outside.
func (q *quadPlane) sample(s, t int32) (uint32, bool) {
	o := int(t>>16)*q.w + int(s>>16)
	if uint(o) >= uint(len(q.pix)) {
		return 0, false
	}
	return bilinear(q.pix[o], uint32(s)>>8&255, uint32(t)>>8&255), true
}

// lumaPlane is a plane of bytes for bilinear sampling where a quadPlane would be too large for a cache. Below the last row
// lies a copy of it and one byte, so that every pixel has neighbours.
type lumaPlane struct {
	pix []byte
	w   int
}

func newLumaPlane(p *planar.Plane) lumaPlane {
	b := p.Bytes(1)
	b = append(b, b[len(b)-p.W:]...)
	b = append(b, b[len(b)-1])
	// Kernels read four bytes where they need two: what lies behind is theirs to read too.
	return lumaPlane{append(b, 0, 0)[:len(b)], p.W}
}

// rows is the plane, the plane from its second row on, equally long, and the length of a row.
func (p *lumaPlane) rows() (upper, lower []byte, w int) {
	lower = p.pix[p.w:]
	return p.pix[:len(lower)], lower, p.w
}

// sample is as that of quadPlane.
func (p *lumaPlane) sample(s, t int32) (uint32, bool) {
	upper, lower, w := p.rows()
	o := int(t>>16)*w + int(s>>16)
	if o < 0 || o >= len(lower)-1 {
		return 0, false
	}
	return bilinear(quadOf(upper, lower, o), uint32(s)>>8&255, uint32(t)>>8&255), true
}

// quadOf packs pixel o of upper, its right neighbour and the two below as quadPlane does; o is 0..len(lower)-2.
func quadOf(upper, lower []byte, o int) uint32 {
	return uint32(upper[o]) | uint32(upper[o+1])<<8 | uint32(lower[o])<<16 | uint32(lower[o+1])<<24
}

// bilinear blends the four bytes of q; fx and fy are 0..255 of a pixel.
func bilinear(q, fx, fy uint32) uint32 {
	a, b := q&0x00ff00ff, q>>8&0x00ff00ff
	h := a*(256-fx) + b*fx // two 16-bit lanes: upper row, lower row
	return ((h&0xffff)*(256-fy) + (h>>16)*fy + 1<<15) >> 16
}
