package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Head is the head layer of a portrait: face, hair and the far side of a turned face. It is immutable and
// shared.
type Head struct {
	*Mesh
	tex      *texmap.Texture // of the face
	hair     *texmap.Texture // of the rings
	cut      *texmap.Texture // of the rings while a far side is in view, nil if there is none
	own      []bool          // for each triangle of the rings: cut shows the same as hair
	gone     []bool          // and: cut shows nothing
	veil     *veil
	hem      *hem
	far      *farSide    // nil for a face seen from the front
	corners  *corners    // nil where the mouth has none
	opposite [][3]uint16 // see opposites
}

// New makes the layer out of m, which belongs to it from here on. face is the face's picture with eyes painted shut, fore that of the
// person, alpha the head's opacity (0..1); all are in texture pixels and stay untouched.
func New(m *Mesh, face, fore planar.Picture, alpha *planar.Plane) *Head {
	h := &Head{Mesh: m, tex: texmap.New(face, alpha)}
	h.veil = newVeil(m, face)
	h.far = newFarSide(m, face, alpha)
	h.hem = newHem(m, h.veil, h.far, fore, alpha)
	h.corners = newCorners(m, face, alpha)
	h.opposite = m.opposites()
	h.hair, h.cut = m.hairTexture(h.far, fore, alpha)
	m.outer = h.hair.Mark(m.outer, m.vertices, true)
	if h.cut != nil {
		h.own = h.cut.Same(h.hair, m.outer, m.vertices)
		h.gone = make([]bool, len(m.outer))
		for i, t := range m.outer {
			h.gone[i] = len(h.cut.Mark([]texmap.Triangle{t}, m.vertices, true)) == 0
		}
	}
	m.face = h.tex.Mark(m.face, m.vertices, false)
	return h
}

// Posed is the head layer in one pose; one goroutine owns it.
type Posed struct {
	*Head
	at     []texmap.Vertex
	farAt  []texmap.Vertex
	sheet  []texmap.Vertex
	corner []texmap.Vertex
	agape  uint32    // how much of the mouth's corners' shade is gone, 0..256
	reveal float32   // how much of the far side is in view, 0..1
	turned float32   // the same by the turn alone, 0..1
	order  []uint16  // of the face's triangles, far to near
	key    []float32 // scratch for sorting
}

// NewPosed returns the head at rest.
func (h *Head) NewPosed() *Posed {
	p := &Posed{Head: h, at: append([]texmap.Vertex(nil), h.vertices...), order: h.sortedOrder()}
	p.key = make([]float32, len(p.order))
	if h.corners != nil {
		p.corner = append([]texmap.Vertex(nil), h.corners.at...)
	}
	if h.far != nil {
		p.farAt = append([]texmap.Vertex(nil), h.far.at...)
		if h.far.sheet != nil {
			p.sheet = append([]texmap.Vertex(nil), h.far.sheet.at...)
		}
	}
	return p
}

// Set moves the head to p. It allocates nothing.
func (h *Posed) Set(p *pose.Pose) {
	turn := h.turn(p)
	h.turned = num.Smoothstep(0, 0.05, turn)
	h.reveal = h.place(p, h.at, h.turned)
	h.far.place(h.reveal, h.at, h.farAt)
	if h.sheet != nil && h.turned > 0 {
		h.far.sheet.place(p, turn, h.at, h.sheet)
	}
	if h.agape = h.corners.fade(p); h.agape > 0 {
		h.corners.place(h.at, h.corner)
	}
	h.depthOrder(h.order, h.key, &p.Screen)
}

// Draw paints the head into the band of f: the far side's ear and hair, rings, then the face from far to near. Bands may be drawn at the
// same time.
func (h *Posed) Draw(f *frame.I420, bd planar.Band) {
	fade := uint32(0)
	if h.sheet != nil {
		fade = uint32(256 * h.turned)
	}
	if fade > 0 {
		h.far.sheet.draw(f, bd, h.sheet, fade)
	}
	for i, t := range h.outer {
		a, b, c := &h.at[t.A], &h.at[t.B], &h.at[t.C]
		if fade == 0 || h.own[i] {
			h.hair.Draw(f, bd, a, b, c, t.Opaque)
			continue
		}
		if fade < 256 {
			h.hair.DrawFaded(f, bd, a, b, c, false, 256-fade)
		}
		if !h.gone[i] {
			h.cut.DrawFaded(f, bd, a, b, c, false, fade)
		}
	}
	h.drawHem(f, bd)
	for _, k := range h.order {
		h.drawFace(f, bd, k)
	}
}

// drawFace paints one triangle of the face mesh unless it is seen from behind.
func (h *Posed) drawFace(f *frame.I420, bd planar.Band, k uint16) {
	t := h.face[k]
	a, b, c := &h.at[t.A], &h.at[t.B], &h.at[t.C]
	if h.sign != 0 && texmap.Area(a, b, c)*h.sign <= 0 {
		return
	}
	if h.veil.hidden[k] {
		h.veil.draw(f, bd, t, h.at, [3]float32{1, 1, 1})
	} else {
		h.tex.Draw(f, bd, a, b, c, t.Opaque)
		if h.agape > 0 && h.corners.tris[k] {
			h.corners.tex.DrawFaded(f, bd, &h.corner[t.A], &h.corner[t.B], &h.corner[t.C], false, h.agape)
		}
		if o := h.veil.shown(k, a, b, c); o > 0 {
			h.veil.draw(f, bd, t, h.at, [3]float32{o * h.veil.cover[t.A], o * h.veil.cover[t.B], o * h.veil.cover[t.C]})
		}
	}
	fade := uint32(0)
	if h.far != nil && h.far.tris[k] {
		fade = h.far.opacity(h.reveal)
	}
	if fade < 256 {
		h.softEdges(f, bd, k, h.tex, h.at, 256-fade)
	}
	if fade > 0 {
		h.far.tex.DrawFaded(f, bd, &h.farAt[t.A], &h.farAt[t.B], &h.farAt[t.C], false, fade)
		h.softEdges(f, bd, k, h.far.tex, h.farAt, fade)
	}
}

// softEdges blends a pixel's width beyond those sides of a front triangle where the surface folds away behind it:
// its hard outline would show steps.
func (h *Posed) softEdges(f *frame.I420, bd planar.Band, i uint16, tex *texmap.Texture, v []texmap.Vertex, fade uint32) {
	t, opp := h.face[i], &h.opposite[i]
	corner := [...]uint16{t.A, t.B, t.C}
	for j, o := range opp {
		if o == noVertex {
			continue
		}
		a, b, c := &v[corner[j]], &v[corner[(j+1)%3]], &v[corner[(j+2)%3]]
		if texmap.Area(a, b, c)*texmap.Area(a, b, &h.at[o]) <= 0 {
			continue
		}
		tex.DrawSoftEdge(f, bd, a, b, c, fade)
	}
}
