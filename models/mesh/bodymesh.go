package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// bodyMesh is the body layer: a regular grid over the texture, of cells that show something.
type bodyMesh struct {
	vertices []texmap.Vertex
	follow   []pose.Follower
	lean     []float32 // share of the torso's lean, 0..1
	breath   []float32 // rise in pixels at full breath, downwards positive
	tris     []texmap.Triangle
}

// bodyCells is the number of grid cells along the output's edge.
const bodyCells = 22

// newBodyMesh lays the grid.
func newBodyMesh(g *pose.Geometry, t *texmap.Texture) *bodyMesh {
	m := &bodyMesh{}
	edge := g.Size + 2*g.Pad
	cell := float32(g.Size) / bodyCells
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
	m.tris = t.Mark(m.tris, m.vertices, true)
	return m
}

// place moves the body layer's vertices v.
func (m *bodyMesh) place(p *pose.Pose, v []texmap.Vertex) {
	for i := range v {
		v[i].X, v[i].Y = p.Place(&m.follow[i], v[i].S, v[i].T, motion.Vec3{}, m.lean[i], m.breath[i])
	}
}
