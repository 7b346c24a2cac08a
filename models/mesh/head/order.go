package head

import (
	"sort"

	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// depthOrder sorts face triangles far to near by the z of their corners; equal depths by index, so the order is unique.
// order is kept between frames, which makes insertion nearly free; key is scratch.
func (m *Mesh) depthOrder(order []uint16, key []float32, at *[landmark.Count]motion.Vec3) {
	for i, t := range m.face {
		key[i] = at[t.A].Z + at[t.B].Z + at[t.C].Z
	}
	for i := 1; i < len(order); i++ {
		v := order[i]
		j := i
		for j > 0 && behind(key, v, order[j-1]) {
			order[j] = order[j-1]
			j--
		}
		order[j] = v
	}
}

// behind tells that triangle a is to be painted before b.
func behind(key []float32, a, b uint16) bool {
	return key[a] > key[b] || key[a] == key[b] && a < b
}

// sortedOrder is a first order, so that the first frame costs no more than any other.
func (m *Mesh) sortedOrder() []uint16 {
	order := make([]uint16, len(m.face))
	for i := range order {
		order[i] = uint16(i)
	}
	z := func(i uint16) float32 {
		t := m.face[i]
		return m.g.At[t.A].Z + m.g.At[t.B].Z + m.g.At[t.C].Z
	}
	sort.SliceStable(order, func(i, j int) bool { return z(order[i]) > z(order[j]) })
	return order
}

// noVertex stands for a side without a neighbour.
const noVertex = 0xffff

// opposites finds, for each side (ab, bc, ca) of each face triangle, the far corner of the triangle beyond it;
// beyond the face outline that is a vertex of the first ring.
func (m *Mesh) opposites() [][3]uint16 {
	g := m.g
	third := make(map[[2]uint16]uint16, 3*len(m.face))
	sides := func(t texmap.Triangle) [3][3]uint16 {
		return [3][3]uint16{{t.A, t.B, t.C}, {t.B, t.C, t.A}, {t.C, t.A, t.B}}
	}
	for _, t := range m.face {
		for _, s := range sides(t) {
			third[[2]uint16{s[0], s[1]}] = s[2]
		}
	}
	for k := range g.Outline {
		a, b, out := g.Outline[k], g.Outline[(k+1)%36], uint16(landmark.SkinCount+k)
		for _, e := range [...][2]uint16{{a, b}, {b, a}} {
			if _, ok := third[e]; !ok {
				third[e] = out
			}
		}
	}
	list := make([][3]uint16, len(m.face))
	for i, t := range m.face {
		for j, s := range sides(t) {
			list[i][j] = noVertex
			if o, ok := third[[2]uint16{s[1], s[0]}]; ok {
				list[i][j] = o
			}
		}
	}
	return list
}
