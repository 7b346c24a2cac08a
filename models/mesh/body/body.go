package body

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Body is the body layer of a portrait: a regular grid over its texture, of cells that show something. It is immutable and shared.
type Body struct {
	tex      *texmap.Texture
	vertices []texmap.Vertex
	follow   []pose.Follower
	lean     []float32 // share of the torso's lean, 0..1
	breath   []float32 // rise in pixels at full breath, downwards positive
	tris     []texmap.Triangle
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
}

// Posed is the body layer in one pose; one goroutine owns it.
type Posed struct {
	*Body
	at []texmap.Vertex
}

// NewPosed returns the body at rest.
func (m *Body) NewPosed() *Posed {
	return &Posed{m, append([]texmap.Vertex(nil), m.vertices...)}
}

// Set moves the body to p. It allocates nothing.
func (m *Posed) Set(p *pose.Pose) {
	for i := range m.at {
		v := &m.at[i]
		v.X, v.Y = p.Place(&m.follow[i], v.S, v.T, motion.Vec3{}, m.lean[i], m.breath[i])
	}
}

// Draw paints the body into the band of f; bands may be drawn at the same time.
func (m *Posed) Draw(f *frame.I420, bd planar.Band) {
	for _, t := range m.tris {
		m.tex.Draw(f, bd, &m.at[t.A], &m.at[t.B], &m.at[t.C], t.Opaque)
	}
}
