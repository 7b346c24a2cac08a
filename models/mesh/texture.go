package mesh

// texture is a layer ready for sampling: luma and opacity at output scale, chroma and its opacity at half that.
// Every element packs a 2x2 neighbourhood, (x,y) in the low byte, then (x+1,y), (x,y+1), (x+1,y+1),
// so that a bilinear sample is one load. Immutable, shared by all renderers of one persona.
type texture struct {
	w, h   int // luma size; chroma is half, both even
	y, a   []uint32
	u, v   []uint32
	ca     []uint32
	opaque []bool // luma pixels that are opaque together with their neighbours
}

// newTexture packs a full-resolution picture and its opacity (0..1).
func newTexture(p picture, alpha *plane) *texture {
	t := &texture{w: p[0].w, h: p[0].h}
	t.y, t.a = quads(p[0], 1), quads(alpha, 255)
	t.u, t.v, t.ca = quads(p[1].half(), 1), quads(p[2].half(), 1), quads(alpha.half(), 255)
	t.opaque = make([]bool, len(t.a))
	for i, q := range t.a {
		t.opaque[i] = q == 0xffffffff
	}
	return t
}

// quads packs p*scale, rounded to bytes.
func quads(p *plane, scale float32) []uint32 {
	b := bytesOf(p, scale)
	out := make([]uint32, len(b))
	for y := range p.h {
		y1 := min(y+1, p.h-1)
		for x := range p.w {
			x1 := min(x+1, p.w-1)
			out[y*p.w+x] = uint32(b[y*p.w+x]) | uint32(b[y*p.w+x1])<<8 |
				uint32(b[y1*p.w+x])<<16 | uint32(b[y1*p.w+x1])<<24
		}
	}
	return out
}

// bytesOf rounds p*scale to bytes.
func bytesOf(p *plane, scale float32) []byte {
	out := make([]byte, len(p.pix))
	for i, v := range p.pix {
		out[i] = byte(min(max(v*scale+0.5, 0), 255))
	}
	return out
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
			if t.a[y*t.w+x] != 0 {
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
