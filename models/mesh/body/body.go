package body

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Body is the body layer of a portrait: a regular grid over its texture, of cells that show something. It is immutable and shared.
type Body struct {
	tex      *texmap.Texture
	vertices []texmap.Vertex
	follow   []pose.Follower
	lean     []float32 // share of the torso's lean, 0..1
	breath   []float32 // rise in pixels at full breath, downwards positive
	tris     []texmap.Triangle
	rim      []bool // triangles with a side that is no other's
}

// cells is the number of grid cells along the output's edge.
const cells = 22

// New makes the layer out of the person's picture fore and opacity alpha (0..1); split is what SplitHead gave. All are in texture
// pixels and stay untouched.
func New(g *pose.Geometry, fore planar.Picture, alpha, split *planar.Plane) *Body {
	own := planar.New(alpha.W, alpha.H)
	pic := underHead(g, fore, alpha, split, own)
	m := &Body{tex: texmap.New(pic, own)}
	m.layGrid(g)
	return m
}

// layGrid makes vertices and triangles.
func (m *Body) layGrid(g *pose.Geometry) {
	edge := g.Size + 2*g.Pad
	cell := float32(g.Size) / cells
	n := int(float32(edge)/cell) + 1
	limit := float32(edge - 2)
	at := func(i int) float32 { return min(max(float32(i)*cell, 2), limit) }
	for j := range n + 1 {
		for i := range n + 1 {
			x, y := at(i), at(j)
			m.vertices = append(m.vertices, texmap.Vertex{X: x - float32(g.Pad), Y: y - float32(g.Pad), S: x, T: y})
			m.follow = append(m.follow, g.Follow(x, y, true))
			l, b := g.Torso(x, y)
			m.lean, m.breath = append(m.lean, l), append(m.breath, b)
		}
	}
	for j := range n {
		for i := range n {
			a := uint16(j*(n+1) + i)
			b, c, d := a+1, a+uint16(n)+2, a+uint16(n)+1
			m.tris = append(m.tris, texmap.Triangle{A: a, B: b, C: c}, texmap.Triangle{A: a, B: c, C: d})
		}
	}
	m.tris = m.tex.Mark(m.tris, m.vertices, true)
	m.findRim()
}

// findRim tells which triangles, when they move, leave pixels that no other takes.
func (m *Body) findRim() {
	sides := map[[2]uint16]int{}
	each := func(t texmap.Triangle, do func(side [2]uint16)) {
		for _, s := range [...][2]uint16{{t.A, t.B}, {t.B, t.C}, {t.C, t.A}} {
			do([2]uint16{min(s[0], s[1]), max(s[0], s[1])})
		}
	}
	for _, t := range m.tris {
		each(t, func(s [2]uint16) { sides[s]++ })
	}
	for _, t := range m.tris {
		rim := false
		each(t, func(s [2]uint16) { rim = rim || sides[s] == 1 })
		m.rim = append(m.rim, rim)
	}
}

// Posed is the body layer in one pose; one goroutine owns it.
type Posed struct {
	*Body
	at, was []texmap.Vertex // now, and before the last Set
	moved   []uint16        // triangles that lie elsewhere than before it
	folded  bool
}

// NewPosed returns the body at rest.
func (m *Body) NewPosed() *Posed {
	return &Posed{
		Body: m, at: append([]texmap.Vertex(nil), m.vertices...), was: append([]texmap.Vertex(nil), m.vertices...),
		moved: make([]uint16, 0, len(m.tris)),
	}
}

// steps is how many there are in an output pixel of what a point of the body moves. A body that breathes moves by a twentieth
// of a pixel a frame: in steps, most of it is what it was in the frame before, which is not drawn and compressed again.
const steps = 8

func stepped(rest, at float32) float32 { return rest + num.Floor((at-rest)*steps+0.5)/steps }

// Set moves the body to p, every point to within half a step. It allocates nothing.
func (m *Posed) Set(p *pose.Pose) {
	m.at, m.was = m.was, m.at
	for i := range m.at {
		v, r := &m.at[i], &m.vertices[i]
		x, y := p.Place(&m.follow[i], r.S, r.T, motion.Vec3{}, m.lean[i], m.breath[i])
		v.X, v.Y = stepped(r.X, x), stepped(r.Y, y)
	}
	m.moved, m.folded = m.moved[:0], false
	for i, t := range m.tris {
		if m.at[t.A] != m.was[t.A] || m.at[t.B] != m.was[t.B] || m.at[t.C] != m.was[t.C] {
			m.moved = append(m.moved, uint16(i))
		}
		m.folded = m.folded || texmap.Area(&m.at[t.A], &m.at[t.B], &m.at[t.C]) < 0
	}
}

// Folded tells that triangles lie over each other, so that it matters in which order they are drawn: Redraw cannot be used now, nor
// after the next Set.
func (m *Posed) Folded() bool { return m.folded }

// Draw paints the body into the band of f; bands may be drawn at the same time.
func (m *Posed) Draw(f *frame.I420, bd planar.Band) {
	for _, t := range m.tris {
		m.tex.Draw(f, bd, &m.at[t.A], &m.at[t.B], &m.at[t.C], t.Opaque)
	}
}

// Redraw makes of f, which in this band is the body before the last Set over the picture behind, the body now: what
// drawing it all over behind would give. Bands may be drawn at the same time.
func (m *Posed) Redraw(f, behind *frame.I420, bd planar.Band) {
	for _, i := range m.moved {
		t := &m.tris[i]
		if m.rim[i] {
			texmap.Restore(f, behind, bd, &m.was[t.A], &m.was[t.B], &m.was[t.C])
		}
		if !t.Opaque {
			texmap.Restore(f, behind, bd, &m.at[t.A], &m.at[t.B], &m.at[t.C])
		}
	}
	for _, i := range m.moved {
		t := &m.tris[i]
		m.tex.Draw(f, bd, &m.at[t.A], &m.at[t.B], &m.at[t.C], t.Opaque)
	}
}
