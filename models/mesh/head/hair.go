package head

import (
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// hairTexture is what the rings around the face show: the head without its face. Where the far side of a face hides
// its own outline, rings lie over the face in the picture and must not repeat it. cut is the same for a far side in view: next to
// the outline, where the picture shows a cheek's edge and little else, it leaves what lies behind to the sheet; nil where there is none.
func (m *Mesh) hairTexture(f *farSide, fore planar.Picture, alpha *planar.Plane) (hair, cut *texmap.Texture) {
	free := m.OutsideFace(alpha.W)
	if f != nil {
		m.findFar(f, free)
	}
	pic, a := fore.Clone(), alpha.Clone()
	known := free.Erode(max(m.g.Size/170, 2))
	planar.PushPull([]*planar.Plane{a}, known)
	for o := range known.Pix {
		if alpha.Pix[o] < 0.5 {
			known.Pix[o] = 0
		}
	}
	planar.PushPull(pic[:], known)
	for o := range known.Pix {
		if free.Pix[o] == 1 {
			a.Pix[o] = alpha.Pix[o]
			for k := range 3 {
				pic[k].Pix[o] = fore[k].Pix[o]
			}
		}
	}
	hair = texmap.New(pic, a)
	if f == nil || f.sheet == nil {
		return hair, nil
	}
	return hair, hair.With(m.cutAlpha(f.sheet, a))
}

// cutAlpha is a less what the sheet shows next to the outline, and less what the head took of a neck along the far jaw, which the
// body has behind it.
func (m *Mesh) cutAlpha(s *sheet, a *planar.Plane) *planar.Plane {
	keep := planar.New(a.W, a.H)
	for o := range keep.Pix {
		keep.Pix[o] = 1
	}
	flank := m.flanks()
	weight := func(i uint16) float32 {
		ring, k := -1, slices.Index(m.g.Outline[:], i)
		if i >= landmark.SkinCount {
			ring, k = int(i-landmark.SkinCount)/36, int(i-landmark.SkinCount)%36
		}
		if ring >= sheetRings {
			return 1
		}
		d := float32(0)
		if ring >= 0 {
			d = ringDistances()[ring]
		}
		v := &m.vertices[i]
		neck := m.g.Oval[k].Cut * num.Smoothstep(0.4, 0.55, m.g.Level(v.S, v.T)/m.g.Chin)
		return 1 - flank[k]*max(s.shown[(ring+1)*36+k]*(1-num.Smoothstep(0.12, 0.38, d)), neck*(1-num.Smoothstep(0.1, 0.25, d)))
	}
	for _, t := range m.outer {
		gouraud(keep, &m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C], weight(t.A), weight(t.B), weight(t.C))
	}
	for o := range keep.Pix {
		keep.Pix[o] *= a.Pix[o]
	}
	return keep
}

// flanks tells of each ray how far its start on the outline lies on the side that the picture shows edge-on, 0..1.
func (m *Mesh) flanks() [36]float32 {
	var out [36]float32
	for k := range m.far {
		if r := &m.far[k]; r.whole > 0 {
			out[k] = 1 - num.Smoothstep(0.25, 0.5, r.rest)
		}
	}
	return out
}

// OutsideFace is 0 well inside the part of the picture that the face mesh covers, 1 elsewhere, in texture pixels, edge x edge.
func (m *Mesh) OutsideFace(edge int) *planar.Plane {
	free := planar.New(edge, edge)
	for o := range free.Pix {
		free.Pix[o] = 1
	}
	for _, t := range m.face {
		if m.facing(t) > 0 {
			gouraud(free, &m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C], 0, 0, 0)
		}
	}
	return free.Dilate(2)
}

// farRay is a ray whose start on the face outline lies behind the face's visible edge at rest. When the head turns
// the far side into view, what lies within inset of the outline is drawn in beneath it: it shows the visible edge.
type farRay struct {
	inset float32         // texture pixels, 0 for an ordinary ray
	over  texmap.Triangle // the hidden face triangle next to the outline
	whole float32         // its area in space, twice, square pixels
	rest  float32         // how much of it the picture shows, cosine
}

// findFar measures the far rays.
func (m *Mesh) findFar(far *farSide, free *planar.Plane) {
	g := m.g
	for k, i := range g.Outline {
		for f, t := range m.face {
			if !far.tris[f] || t.A != i && t.B != i && t.C != i {
				continue
			}
			r, base := &m.far[k], &g.At[i]
			dx, dy := (base.X-g.Middle.X)/g.Oval[k].Radius, (base.Y-g.Middle.Y)/g.Oval[k].Radius
			last := float32(0)
			for d := float32(0); d < 0.8*g.Unit; d++ {
				if free.Sample(base.X+dx*d, base.Y+dy*d) < 0.5 {
					last = d
				}
			}
			flat := texmap.Area(&m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C]) * m.sign
			// What the picture shows well begins where it did: pulled in, it would be cut along the outline.
			flank := 1 - num.Smoothstep(0, farUnseen, m.facing(t))
			*r = farRay{inset: flank * ringBeyond(last/g.Unit+0.04) * g.Unit, over: t, rest: max(0, m.facing(t))}
			r.whole = max(num.Abs(flat/m.facing(t)), 1)
			break
		}
	}
	m.closeFar()
}

// ringBeyond is the distance of the first ring that lies at least d outside: an inset in between would leave a sliver of what
// lies before it.
func ringBeyond(d float32) float32 {
	for _, r := range ringDistances() {
		if r >= d {
			return r
		}
	}
	return d
}

// closeFar gives rays between far ones an inset too, and lets it run out over two rays at the ends.
func (m *Mesh) closeFar() {
	n := len(m.far)
	for range 2 {
		old := m.far
		for k := range m.far {
			prev, next := old[(k+n-1)%n].inset, old[(k+1)%n].inset
			m.far[k].inset = max(old[k].inset, min(prev, next), 0.5*max(prev, next))
		}
	}
}

// reveal is how much more of the far side is in view than in the picture, 0..1: the share by which far content is
// drawn in and veiled.
func (m *Mesh) reveal(v []texmap.Vertex) float32 {
	var shown, n float32
	for k := range m.far {
		if r := &m.far[k]; r.whole > 0 {
			shown += max(0, texmap.Area(&v[r.over.A], &v[r.over.B], &v[r.over.C])*m.sign/r.whole-r.rest)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return num.Smoothstep(0, 0.08, shown/n)
}
