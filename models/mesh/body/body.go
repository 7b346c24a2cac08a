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
	rim      []bool  // triangles with a corner on the body's outline
	leap     float32 // how far a point may move while pixels are uncovered in the rim alone, output pixels
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
	m.leap = cell / 8
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

// findRim finds the triangles in which pixels are uncovered when the body moves by little.
func (m *Body) findRim() {
	count := map[[2]uint16]int{}
	sides := func(t texmap.Triangle) [3][2]uint16 {
		return [3][2]uint16{{min(t.A, t.B), max(t.A, t.B)}, {min(t.B, t.C), max(t.B, t.C)}, {min(t.C, t.A), max(t.C, t.A)}}
	}
	for _, t := range m.tris {
		for _, s := range sides(t) {
			count[s]++
		}
	}
	outline := map[uint16]bool{}
	for s, n := range count {
		if n == 1 {
			outline[s[0]], outline[s[1]] = true, true
		}
	}
	for _, t := range m.tris {
		m.rim = append(m.rim, outline[t.A] || outline[t.B] || outline[t.C])
	}
}

// Posed is the body layer in one pose; one goroutine owns it.
type Posed struct {
	*Body
	at, was []texmap.Vertex // now, and before the last Set
	moved   []uint16        // triangles that lie elsewhere than before it
	folded  bool            // triangles lie over each other
	follows bool            // see Follows
}

// NewPosed returns the body at rest.
func (m *Body) NewPosed() *Posed {
	return &Posed{
		Body: m, at: append([]texmap.Vertex(nil), m.vertices...), was: append([]texmap.Vertex(nil), m.vertices...),
		moved: make([]uint16, 0, len(m.tris)),
	}
}

// steps is how many there are in an output pixel of what a point of the body moves. A body that breathes moves by a twentieth
// of a pixel a frame: in steps, most of it is what it was in the frame before, which is not drawn and compressed again. And rows of
// the grid stay level or slope by a step at least: sides that were all but level left cracks between triangles.
const steps = 8

func stepped(rest, at float32) float32 { return rest + num.Floor((at-rest)*steps+0.5)/steps }

// nearby is how far a point may be from where the pose has it while the body stands, output pixels.
const nearby = 1

// Set moves the body to p, every point to within half a step. Where it may stand it stays as it is, unless a point would be further
// than nearby from its place, and tells so. It allocates nothing.
func (m *Posed) Set(p *pose.Pose, mayStand bool) (stood bool) {
	m.at, m.was = m.was, m.at
	stood = mayStand
	for i := range m.at {
		v, r := &m.at[i], &m.vertices[i]
		x, y := p.Place(&m.follow[i], r.S, r.T, motion.Vec3{}, m.lean[i], m.breath[i])
		v.X, v.Y = stepped(r.X, x), stepped(r.Y, y)
		stood = stood && m.way(uint16(i)) < nearby
	}
	if stood {
		copy(m.at, m.was)
	}
	m.follows = !m.folded
	m.moved, m.folded = m.moved[:0], false
	for i, t := range m.tris {
		far := max(m.way(t.A), m.way(t.B), m.way(t.C))
		if far > 0 {
			m.moved = append(m.moved, uint16(i))
		}
		m.folded = m.folded || texmap.Area(&m.at[t.A], &m.at[t.B], &m.at[t.C]) <= 0
		m.follows = m.follows && far <= m.leap
	}
	m.follows = m.follows && !m.folded
	return stood
}

// way is how far vertex i has moved, to the side or up or down.
func (m *Posed) way(i uint16) float32 {
	a, b := &m.at[i], &m.was[i]
	return max(num.Abs(a.X-b.X), num.Abs(a.Y-b.Y))
}

// Follows tells that the body now is near enough to what it was before the last Set for Redraw.
func (m *Posed) Follows() bool { return m.follows }

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
