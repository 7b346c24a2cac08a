package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
)

// patch is a part of the head's picture while it is tinted and given an opacity of its own, triangle by triangle.
type patch struct {
	pic         planar.Picture
	alpha       *planar.Plane
	at          []texmap.Vertex
	gain, cover *planar.Plane
	shift       [2]*planar.Plane
}

// unset marks pixels of a patch that no triangle has reached.
const unset = 1e9

// newPatch cuts out of face and its opacity alpha what the triangles that each visits show of it; at, their corners, is made
// relative to that.
func newPatch(face planar.Picture, alpha *planar.Plane, at []texmap.Vertex, each func(do func(t texmap.Triangle))) *patch {
	r := planar.Rect{X0: alpha.W, Y0: alpha.H, X1: 0, Y1: 0}
	each(func(t texmap.Triangle) {
		for _, i := range [...]uint16{t.A, t.B, t.C} {
			x, y := int(at[i].S), int(at[i].T)
			r = planar.Rect{X0: min(r.X0, x-2), Y0: min(r.Y0, y-2), X1: max(r.X1, x+3), Y1: max(r.Y1, y+3)}
		}
	})
	r = r.Within(alpha.W, alpha.H)
	r = planar.Rect{X0: r.X0 &^ 1, Y0: r.Y0 &^ 1, X1: (r.X1 + 1) &^ 1, Y1: (r.Y1 + 1) &^ 1}.Within(alpha.W&^1, alpha.H&^1)
	for i := range at {
		at[i].S -= float32(r.X0)
		at[i].T -= float32(r.Y0)
	}
	p := &patch{pic: planar.Picture{face[0].Cut(r), face[1].Cut(r), face[2].Cut(r)}, alpha: alpha.Cut(r), at: at}
	for _, q := range [...]**planar.Plane{&p.gain, &p.shift[0], &p.shift[1], &p.cover} {
		*q = planar.New(p.alpha.W, p.alpha.H)
		for o := range (*q).Pix {
			(*q).Pix[o] = unset
		}
	}
	return p
}

// fill gives a triangle the tints and opacities (0..1) of its corners.
func (p *patch) fill(t texmap.Triangle, k [3]tint, cover [3]float32) {
	a, b, c := &p.at[t.A], &p.at[t.B], &p.at[t.C]
	gouraud(p.gain, a, b, c, k[0].gain, k[1].gain, k[2].gain)
	gouraud(p.shift[0], a, b, c, k[0].u, k[1].u, k[2].u)
	gouraud(p.shift[1], a, b, c, k[0].v, k[1].v, k[2].v)
	gouraud(p.cover, a, b, c, cover[0], cover[1], cover[2])
}

// texture is the finished patch.
func (p *patch) texture() *texmap.Texture {
	known := planar.New(p.alpha.W, p.alpha.H)
	for o, v := range p.gain.Pix {
		if v != unset {
			known.Pix[o] = 1
		}
	}
	planar.PushPull([]*planar.Plane{p.gain, p.shift[0], p.shift[1], p.cover}, known)
	for o, k := range p.gain.Pix {
		y := (p.pic[0].Pix[o] - 16) * k
		p.pic[0].Pix[o] = 16 + y
		for c := range 2 {
			p.pic[c+1].Pix[o] = 128 + (p.pic[c+1].Pix[o]-128)*k + p.shift[c].Pix[o]*y
		}
		p.cover.Pix[o] *= p.alpha.Pix[o]
	}
	return texmap.New(p.pic, p.cover)
}
