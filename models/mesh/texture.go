package mesh

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// texture is a layer ready for sampling. Luma lies at fineness times the output scale: between pixels of the output scale a
// bilinear sample is soft, so a portrait would blur as soon as it moves. Opacity lies at output scale, chroma and its opacity at
// half that. Immutable, shared by all renderers of one persona.
type texture struct {
	w, h   int // of the opacity; chroma's is half, both even
	y      sheet
	u, v   quads
	a, ca  quads
	opaque []bool // pixels that are opaque together with their neighbours
}

// newTexture packs a full-resolution picture and its opacity (0..1).
func newTexture(p planar.Picture, alpha *planar.Plane) *texture {
	t := &texture{w: p[0].W, h: p[0].H}
	t.y = newSheet(p[0].Finer().Sharpen(planar.Compensation))
	t.u, t.v = newQuads(p[1].Half(), 1), newQuads(p[2].Half(), 1)
	t.a, t.ca = newQuads(alpha, 255), newQuads(alpha.Half(), 255)
	t.opaque = make([]bool, len(t.a.pix))
	for i, q := range t.a.pix {
		t.opaque[i] = q == 0xffffffff
	}
	return t
}

// quads is a plane for bilinear sampling by one load: every element packs a 2x2 neighbourhood, (x,y) in the low byte, then
// (x+1,y), (x,y+1), (x+1,y+1).
type quads struct {
	pix []uint32
	w   int
}

// newQuads packs p*scale, rounded to bytes.
func newQuads(p *planar.Plane, scale float32) quads {
	b := p.Bytes(scale)
	q := quads{make([]uint32, len(b)), p.W}
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

// look samples at a place in 16.16, relative to the first pixel's centre; it is false outside.
func (q *quads) look(s, t int32) (uint32, bool) {
	o := int(t>>16)*q.w + int(s>>16)
	if uint(o) >= uint(len(q.pix)) {
		return 0, false
	}
	return bilinear(q.pix[o], uint32(s)>>8&255, uint32(t)>>8&255), true
}

// sheet is a plane of bytes for bilinear sampling where quads would be too large for a cache. Below the last row
// lies a copy of it and one byte, so that every pixel has neighbours.
type sheet struct {
	pix []byte
	w   int
}

func newSheet(p *planar.Plane) sheet {
	b := p.Bytes(1)
	b = append(b, b[len(b)-p.W:]...)
	return sheet{append(b, b[len(b)-1]), p.W}
}

// rows is the plane, the plane from its second row on, equally long, and the length of a row.
func (p *sheet) rows() (upper, lower []byte, w int) {
	lower = p.pix[p.w:]
	return p.pix[:len(lower)], lower, p.w
}

// look is that of quads.
func (p *sheet) look(s, t int32) (uint32, bool) {
	upper, lower, w := p.rows()
	o := int(t>>16)*w + int(s>>16)
	if o < 0 || o >= len(lower)-1 {
		return 0, false
	}
	return bilinear(quadOf(upper, lower, o), uint32(s)>>8&255, uint32(t)>>8&255), true
}

// quadOf packs pixel o of upper, its right neighbour and the two below as quads does; o is 0..len(lower)-2.
func quadOf(upper, lower []byte, o int) uint32 {
	return uint32(upper[o]) | uint32(upper[o+1])<<8 | uint32(lower[o])<<16 | uint32(lower[o+1])<<24
}

// bilinear blends the four bytes of q; fx and fy are 0..255 of a pixel.
func bilinear(q, fx, fy uint32) uint32 {
	a, b := q&0x00ff00ff, q>>8&0x00ff00ff
	h := a*(256-fx) + b*fx // two 16-bit lanes: upper row, lower row
	return ((h&0xffff)*(256-fy) + (h>>16)*fy + 1<<15) >> 16
}

// clear tells that no pixel of the texture is visible in the rectangle.
func (t *texture) clear(x0, y0, x1, y1 int) bool {
	for y := max(y0, 0); y <= min(y1, t.h-1); y++ {
		for x := max(x0, 0); x <= min(x1, t.w-1); x++ {
			if t.a.pix[y*t.w+x] != 0 {
				return false
			}
		}
	}
	return true
}

// solid tells that all pixels in the rectangle are opaque.
func (t *texture) solid(x0, y0, x1, y1 int) bool {
	for y := max(y0, 0); y <= min(y1, t.h-1); y++ {
		for x := max(x0, 0); x <= min(x1, t.w-1); x++ {
			if !t.opaque[y*t.w+x] {
				return false
			}
		}
	}
	return true
}
