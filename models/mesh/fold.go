package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// noVertex stands for a side without a neighbour.
const noVertex = 0xffff

// opposites finds, for each side (ab, bc, ca) of each face triangle, the far corner of the triangle beyond it;
// beyond the face outline that is a vertex of the first ring.
func (m *headMesh) opposites(g *geometry) [][3]uint16 {
	third := make(map[[2]uint16]uint16, 3*len(m.face))
	sides := func(t triangle) [3][3]uint16 {
		return [3][3]uint16{{t.a, t.b, t.c}, {t.b, t.c, t.a}, {t.c, t.a, t.b}}
	}
	for _, t := range m.face {
		for _, s := range sides(t) {
			third[[2]uint16{s[0], s[1]}] = s[2]
		}
	}
	for k := range g.outline {
		a, b, out := g.outline[k], g.outline[(k+1)%36], uint16(landmark.SkinCount+k)
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
func (r *Renderer) softFolds(f *frame.I420, bd planar.Band, i uint16, tex *texture, v []vertex, fade uint32) {
	t, opp := r.head.face[i], &r.opposite[i]
	corner := [...]uint16{t.a, t.b, t.c}
	for j, o := range opp {
		if o == noVertex {
			continue
		}
		a, b, c := &v[corner[j]], &v[corner[(j+1)%3]], &v[corner[(j+2)%3]]
		if area(a, b, c)*area(a, b, &r.headV[o]) <= 0 {
			continue
		}
		soft := softEdge{a: *a, b: *b, inner: num.Sign(area(a, b, c)), fade: float32(fade) * 255 / 256}
		soft.draw(f.Y, f.Width, bd, &tex.y, planar.Fineness)
		half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
		soft.halve()
		soft.draw(f.U, f.Width/2, half, &tex.u, 1)
		soft.draw(f.V, f.Width/2, half, &tex.v, 1)
	}
}

// softEdge is a side from a to b; inner is the sign of the area on its triangle's side.
type softEdge struct {
	a, b  vertex
	inner float32
	fade  float32 // opacity at the side, 0..255
}

func (s *softEdge) halve() {
	for _, v := range [...]*vertex{&s.a, &s.b} {
		v.x, v.y, v.s, v.t = v.x/2, v.y/2, v.s/2, v.t/2
	}
}

// sampler is a plane of a texture.
type sampler interface {
	look(s, t int32) (uint32, bool)
}

// draw blends the texture's colour along the side over pixels whose centre is less than one pixel outside of it; scale
// samples of tex lie along one of them.
func (s *softEdge) draw(dst []byte, stride int, rows planar.Band, tex sampler, scale float32) {
	dx, dy := s.b.x-s.a.x, s.b.y-s.a.y
	length := dx*dx + dy*dy
	if !(length > 1e-3) {
		return
	}
	norm := 1 / num.Sqrt(length)
	x0, x1 := max(rounded(min(s.a.x, s.b.x)-1.5), 0), min(rounded(max(s.a.x, s.b.x)+1.5), stride)
	y0, y1 := max(rounded(min(s.a.y, s.b.y)-1.5), rows.Y0), min(rounded(max(s.a.y, s.b.y)+1.5), rows.Y1)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			px, py := float32(x)+0.5-s.a.x, float32(y)+0.5-s.a.y
			// Outside is where the cross product has the other sign than within the triangle.
			out := -s.inner * (dx*py - dy*px) * norm
			k := (px*dx + py*dy) / length
			if out <= 0 || out >= 1 || k < 0 || k >= 1 {
				continue
			}
			u, v := (s.a.s+(s.b.s-s.a.s)*k)*scale-0.5, (s.a.t+(s.b.t-s.a.t)*k)*scale-0.5
			if val, ok := tex.look(fixed(u), fixed(v)); ok {
				d := &dst[y*stride+x]
				*d = mix(*d, val, uint32(s.fade*(1-out)))
			}
		}
	}
}
