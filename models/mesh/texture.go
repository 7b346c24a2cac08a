package mesh

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// texture is a layer ready for sampling. Luma lies at fineness times the output scale: between pixels of the output scale a
// bilinear sample is soft, so a portrait would blur as soon as it moves. Opacity lies at output scale, chroma and its opacity at
// half that. Immutable, shared by all renderers of one persona.
type texture struct {
	w, h   int // of the opacity; chroma's is half, both even
	y      lumaPlane
	u, v   quadPlane
	a, ca  quadPlane
	opaque []bool // pixels that are opaque together with their neighbours
}

// newTexture packs a full-resolution picture and its opacity (0..1).
func newTexture(p planar.Picture, alpha *planar.Plane) *texture {
	t := &texture{w: p[0].W, h: p[0].H}
	t.y = newLumaPlane(p[0].Finer().Sharpen(planar.Compensation))
	t.u, t.v = newQuadPlane(p[1].Half(), 1), newQuadPlane(p[2].Half(), 1)
	t.a, t.ca = newQuadPlane(alpha, 255), newQuadPlane(alpha.Half(), 255)
	t.opaque = make([]bool, len(t.a.pix))
	for i, q := range t.a.pix {
		t.opaque[i] = q == 0xffffffff
	}
	return t
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

// mark sets opaque for the triangles of list, whose corners are in v, and with drop removes those that show nothing of t. list
// itself is changed and returned.
func (t *texture) mark(list []triangle, v []vertex, drop bool) []triangle {
	out := list[:0]
	for _, tr := range list {
		a, b, c := &v[tr.a], &v[tr.b], &v[tr.c]
		x0, x1 := int(min(a.s, b.s, c.s))-1, int(max(a.s, b.s, c.s))+1
		y0, y1 := int(min(a.t, b.t, c.t))-1, int(max(a.t, b.t, c.t))+1
		if drop && t.clear(x0, y0, x1, y1) {
			continue
		}
		tr.opaque = t.solid(x0, y0, x1, y1)
		out = append(out, tr)
	}
	return out
}
