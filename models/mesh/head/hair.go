package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// hairTexture is what the rings around the face show: the head without its face. Where the far side of a face hides
// its own outline, rings lie over the face in the picture and must not repeat it.
func (m *Mesh) hairTexture(f *farSide, fore planar.Picture, alpha *planar.Plane) *texmap.Texture {
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
	return texmap.New(pic, a)
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
			*r = farRay{inset: ringBeyond(last/g.Unit+0.14) * g.Unit, over: t, rest: max(0, m.facing(t))}
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
