package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// SmoothGrazing evens out face, a picture in texture pixels, where the head at rest is seen nearly edge-on: turned towards the
// viewer, those few pixels would be stretched to streaks. face is changed.
func (m *Mesh) SmoothGrazing(face planar.Picture) {
	facing := m.vertexFacing()
	keep := planar.New(face[0].W, face[0].H)
	for o := range keep.Pix {
		keep.Pix[o] = 1
	}
	// Only the sides: nostrils and lips have steep triangles that must stay sharp.
	rim := m.rim(2)
	weight := func(i uint16) float32 {
		if !rim[i] {
			return 1
		}
		return num.Smoothstep(0.12, 0.5, facing[i])
	}
	for _, t := range m.face {
		a, b, c := &m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C]
		gouraud(keep, a, b, c, weight(t.A), weight(t.B), weight(t.C))
	}
	soft := keep.Blur(2)
	for o := range soft.Pix {
		soft.Pix[o] = min(1, soft.Pix[o]*1.01)
	}
	planar.PushPull(face[:], soft)
}

// facing is the cosine between a face triangle's normal at rest and the viewer; negative from behind.
func (m *Mesh) facing(t texmap.Triangle) float32 {
	a, b, c := m.g.At[t.A], m.g.At[t.B], m.g.At[t.C]
	ux, uy, uz := b.X-a.X, b.Y-a.Y, b.Z-a.Z
	vx, vy, vz := c.X-a.X, c.Y-a.Y, c.Z-a.Z
	nx, ny, nz := uy*vz-uz*vy, uz*vx-ux*vz, ux*vy-uy*vx
	return nz * m.sign / max(num.Sqrt(nx*nx+ny*ny+nz*nz), 1e-6)
}

// vertexFacing is the mean of facing over the triangles around each face vertex, by their size; 1 where there is none.
func (m *Mesh) vertexFacing() []float32 {
	facing := make([]float32, landmark.SkinCount)
	share := make([]float32, landmark.SkinCount)
	for _, t := range m.face {
		flat := texmap.Area(&m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C]) * m.sign
		whole := flat / m.facing(t)
		if !(whole > 0) {
			continue
		}
		for _, i := range [...]uint16{t.A, t.B, t.C} {
			facing[i] += flat
			share[i] += whole
		}
	}
	for i := range facing {
		if share[i] <= 0 {
			facing[i] = 1
			continue
		}
		facing[i] /= share[i]
	}
	return facing
}

// rim marks the vertices of the face outline and those within so many edges of it.
func (m *Mesh) rim(edges int) []bool {
	rim := make([]bool, len(m.vertices))
	for _, i := range m.g.Outline {
		rim[i] = true
	}
	for range edges {
		wider := append([]bool(nil), rim...)
		for _, t := range m.face {
			if rim[t.A] || rim[t.B] || rim[t.C] {
				wider[t.A], wider[t.B], wider[t.C] = true, true, true
			}
		}
		rim = wider
	}
	return rim
}

// gouraud fills a triangle (in texture pixels) with linearly interpolated values where they are lower than what is
// there.
func gouraud(p *planar.Plane, a, b, c *texmap.Vertex, va, vb, vc float32) {
	det := (b.S-a.S)*(c.T-a.T) - (c.S-a.S)*(b.T-a.T)
	if num.Abs(det) < 1e-3 {
		return
	}
	x0, x1 := int(min(a.S, b.S, c.S)), int(max(a.S, b.S, c.S))+1
	y0, y1 := int(min(a.T, b.T, c.T)), int(max(a.T, b.T, c.T))+1
	for y := max(y0, 0); y <= min(y1, p.H-1); y++ {
		for x := max(x0, 0); x <= min(x1, p.W-1); x++ {
			px, py := float32(x)+0.5, float32(y)+0.5
			wb := ((px-a.S)*(c.T-a.T) - (c.S-a.S)*(py-a.T)) / det
			wc := ((b.S-a.S)*(py-a.T) - (px-a.S)*(b.T-a.T)) / det
			wa := 1 - wb - wc
			if wa < -0.01 || wb < -0.01 || wc < -0.01 {
				continue
			}
			p.Pix[y*p.W+x] = min(p.Pix[y*p.W+x], wa*va+wb*vb+wc*vc)
		}
	}
}
