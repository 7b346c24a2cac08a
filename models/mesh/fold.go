package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// noVertex stands for a side without a neighbour.
const noVertex = 0xffff

// opposites finds, for each side (ab, bc, ca) of each face triangle, the far corner of the triangle beyond it;
// beyond the face outline that is a vertex of the first ring.
func (m *headMesh) opposites(g *pose.Geometry) [][3]uint16 {
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

// softFolds blends a pixel's width beyond those sides of a front triangle where the surface folds away behind it:
// its hard outline would show steps.
func (r *Renderer) softFolds(f *frame.I420, bd planar.Band, i uint16, tex *texmap.Texture, v []texmap.Vertex, fade uint32) {
	t, opp := r.head.face[i], &r.opposite[i]
	corner := [...]uint16{t.A, t.B, t.C}
	for j, o := range opp {
		if o == noVertex {
			continue
		}
		a, b, c := &v[corner[j]], &v[corner[(j+1)%3]], &v[corner[(j+2)%3]]
		if texmap.Area(a, b, c)*texmap.Area(a, b, &r.headV[o]) <= 0 {
			continue
		}
		tex.DrawSoftEdge(f, bd, a, b, c, fade)
	}
}
