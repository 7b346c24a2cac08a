package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// hem lets the veil of a cheek that comes into view run out over what lies beside it, ear or hair: a face does not end there, and cut
// off along its outline it looks like a mask. Where the background begins beside it, that is a pixel's width against steps.
type hem struct {
	over  [36]int16   // the face's triangle at the side from each point of the outline to the next, -1 where there is none
	reach [36]float32 // how far outside of the outline it ends, pixels
	share [36]float32 // opacity where the veil is whole, 0..1: a far side has colours of its own
}

const (
	hemRing  = 1    // the ring of the head that a hem runs towards, from 0
	hemWide  = 0.13 // how far, where the head goes on there in much the same light, as in an ear, head units
	hemHair  = 0.05 // where it is much darker or brighter: a haze over hair would be seen
	hemLeast = 1.5  // and where it does not go on, pixels
	// Differences in luma that are much the same light, and much darker or brighter.
	hemAlike, hemOther = 30, 90
)

// newHem finds where the head, whose picture is fore and opacity alpha, goes on beyond the face; far may be nil.
func newHem(m *Mesh, veil *veil, far *farSide, fore planar.Picture, alpha *planar.Plane) *hem {
	h := &hem{}
	for k := range h.over {
		h.over[k] = -1
		a, b := m.g.Outline[k], m.g.Outline[(k+1)%36]
		for i, t := range m.face {
			if has(t, a) && has(t, b) {
				h.over[k] = int16(i)
			}
		}
		if h.share[k] = 1; far != nil {
			h.share[k] -= far.cover[a]
		}
		goesOn, luma := float32(1), float32(0)
		for ring := range hemRing + 1 {
			v := &m.vertices[ringVertex(ring, k)]
			goesOn = min(goesOn, alpha.Sample(v.S, v.T))
			luma += fore[0].Sample(v.S, v.T) / (hemRing + 1)
		}
		other := num.Smoothstep(hemAlike, hemOther, num.Abs(luma-veil.luma(a)))
		wide := (hemWide + other*(hemHair-hemWide)) * m.g.Unit
		h.reach[k] = hemLeast + max(wide-hemLeast, 0)*goesOn
	}
	return h
}

// has tells whether vertex i is a corner of t.
func has(t texmap.Triangle, i uint16) bool { return t.A == i || t.B == i || t.C == i }

// opacities of the hem at the outline, 0..1, for the head's vertices at; some: any is above 0.
func (h *Posed) hemOpacities(out *[36]float32) (some bool) {
	var side [36]float32
	for k, i := range h.hem.over {
		if i < 0 {
			continue
		}
		t := h.face[i]
		a, b, c := &h.at[t.A], &h.at[t.B], &h.at[t.C]
		if texmap.Area(a, b, c)*h.sign > 0 {
			side[k] = h.veil.shown(uint16(i), a, b, c)
		}
	}
	for k, i := range h.g.Outline {
		out[k] = (side[k] + side[(k+35)%36]) / 2 * h.veil.cover[i] * h.hem.share[k]
		some = some || out[k] > 0
	}
	return some
}

// drawHem paints the hem into the band of f.
func (h *Posed) drawHem(f *frame.I420, bd planar.Band) {
	var opacity [36]float32
	if !h.hemOpacities(&opacity) {
		return
	}
	for k := range opacity {
		n := (k + 1) % 36
		if opacity[k]+opacity[n] == 0 {
			continue
		}
		i, j := h.g.Outline[k], h.g.Outline[n]
		a, b, c, d := h.at[i], h.at[j], h.hemEnd(n), h.hemEnd(k)
		ci, cj := &h.veil.colour[i], &h.veil.colour[j]
		texmap.FillTriangle(f, bd, &[3]texmap.Vertex{a, b, c}, [3]*texmap.Colour{ci, cj, cj}, [3]float32{opacity[k], opacity[n], 0})
		texmap.FillTriangle(f, bd, &[3]texmap.Vertex{a, c, d}, [3]*texmap.Colour{ci, cj, ci}, [3]float32{opacity[k], 0, 0})
	}
}

// hemEnd is where the hem from point k of the outline ends.
func (h *Posed) hemEnd(k int) texmap.Vertex {
	from, to := h.at[h.g.Outline[k]], &h.at[ringVertex(hemRing, k)]
	dx, dy := to.X-from.X, to.Y-from.Y
	share := min(h.hem.reach[k]/max(num.Sqrt(dx*dx+dy*dy), 1e-3), 1)
	from.X, from.Y = from.X+dx*share, from.Y+dy*share
	return from
}
