package texmap

import (
	"encoding/binary"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

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

// lumaPlane is a plane of bytes for bilinear sampling by one load where a quadPlane would be too large for a cache: beside every pixel
// lies the one below it, so that four bytes are a neighbourhood, column by column: (x,y) in the low byte, then (x,y+1), (x+1,y),
// (x+1,y+1). Behind the last pixel lies one more, so that it has neighbours too.
type lumaPlane struct {
	pix []byte
	n   int // pixels
	w   int
}

func newLumaPlane(p *planar.Plane) lumaPlane {
	b := p.Bytes(1)
	n := len(b)
	b = append(b, b[n-p.W:]...)
	b = append(b, b[len(b)-1])
	pairs := make([]byte, 0, 2*n+2)
	for o := range n + 1 {
		pairs = append(pairs, b[o], b[o+p.W])
	}
	return lumaPlane{pairs, n, p.W}
}

// sample is as that of quadPlane.
func (p *lumaPlane) sample(s, t int32) (uint32, bool) {
	o := int(t>>16)*p.w + int(s>>16)
	if uint(o) >= uint(p.n) {
		return 0, false
	}
	return p.at(o, s, t), true
}

// at samples near pixel o, 0..n-1, at the fractions of (s, t).
func (p *lumaPlane) at(o int, s, t int32) uint32 {
	return bilinear(binary.LittleEndian.Uint32(p.pix[2*o:]), uint32(t)>>8&255, uint32(s)>>8&255)
}

// bilinear blends the four bytes of q; fx and fy are 0..255 of a pixel. Nothing is rounded before the end, so that a neighbourhood
// column by column is the same with fx and fy in each other's place.
func bilinear(q, fx, fy uint32) uint32 {
	a, b := q&0x00ff00ff, q>>8&0x00ff00ff
	h := a*(256-fx) + b*fx // two 16-bit lanes: upper row, lower row
	return ((h&0xffff)*(256-fy) + (h>>16)*fy + 1<<15) >> 16
}
