package texmap

import (
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// Texture is a layer ready for sampling. Luma lies at planar.Fineness times the output scale: between pixels of the output scale a
// bilinear sample is soft, so a portrait would blur as soon as it moves. Opacity lies at output scale, chroma and its opacity at
// half that. It is immutable and may be shared.
type Texture struct {
	w, h   int // of the opacity; chroma's is half, both even
	y      lumaPlane
	u, v   quadPlane
	a, ca  quadPlane
	opaque []bool // pixels that are opaque together with their neighbours
	// aKinds and caKinds are those of a and ca, nil where no kernels draw.
	aKinds, caKinds kinds
	// vectors says that kernels for this processor draw it.
	vectors bool
}

// New packs a picture at output scale and its opacity (0..1), which have one size. Neither is kept or changed.
func New(p planar.Picture, alpha *planar.Plane) *Texture {
	t := &Texture{w: p[0].W, h: p[0].H}
	t.y = newLumaPlane(p[0].Finer().Sharpen(planar.Compensation))
	t.u, t.v = newQuadPlane(p[1].Half(), 1), newQuadPlane(p[2].Half(), 1)
	t.cover(alpha)
	return t
}

// With is t with another opacity, 0..1, of the size of its own; colours are shared.
func (t *Texture) With(alpha *planar.Plane) *Texture {
	out := *t
	out.cover(alpha)
	return &out
}

func (t *Texture) cover(alpha *planar.Plane) {
	t.a, t.ca = newQuadPlane(alpha, 255), newQuadPlane(alpha.Half(), 255)
	t.opaque = make([]bool, len(t.a.pix))
	for i, q := range t.a.pix {
		t.opaque[i] = q == 0xffffffff
	}
	if t.vectors = vectors(t); t.vectors {
		t.aKinds, t.caKinds = kindsOf(&t.a), kindsOf(&t.ca)
	}
}

// clear tells that no pixel of the texture is visible in the rectangle.
func (t *Texture) clear(x0, y0, x1, y1 int) bool {
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
func (t *Texture) solid(x0, y0, x1, y1 int) bool {
	for y := max(y0, 0); y <= min(y1, t.h-1); y++ {
		for x := max(x0, 0); x <= min(x1, t.w-1); x++ {
			if !t.opaque[y*t.w+x] {
				return false
			}
		}
	}
	return true
}

// Mark sets Opaque of the triangles in list, whose corners are in v, and with drop leaves out those that show nothing of t. It
// works in place: use what it returns instead of list.
func (t *Texture) Mark(list []Triangle, v []Vertex, drop bool) []Triangle {
	out := list[:0]
	for _, tr := range list {
		a, b, c := &v[tr.A], &v[tr.B], &v[tr.C]
		x0, x1 := int(min(a.S, b.S, c.S))-1, int(max(a.S, b.S, c.S))+1
		y0, y1 := int(min(a.T, b.T, c.T))-1, int(max(a.T, b.T, c.T))+1
		if drop && t.clear(x0, y0, x1, y1) {
			continue
		}
		tr.Opaque = t.solid(x0, y0, x1, y1)
		out = append(out, tr)
	}
	return out
}

// Same tells, for each triangle of list, whether it shows the same opacities of t and of other, which have one size.
func (t *Texture) Same(other *Texture, list []Triangle, v []Vertex) []bool {
	out := make([]bool, len(list))
	for i, tr := range list {
		a, b, c := &v[tr.A], &v[tr.B], &v[tr.C]
		x0, x1 := max(int(min(a.S, b.S, c.S))-1, 0), min(int(max(a.S, b.S, c.S))+1, t.w-1)
		y0, y1 := max(int(min(a.T, b.T, c.T))-1, 0), min(int(max(a.T, b.T, c.T))+1, t.h-1)
		out[i] = true
		for y := y0; y <= y1 && out[i] && x0 <= x1; y++ {
			out[i] = slices.Equal(t.a.pix[y*t.w+x0:y*t.w+x1+1], other.a.pix[y*t.w+x0:y*t.w+x1+1])
		}
	}
	return out
}
