package mesh

import (
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// veil paints the few triangles that the picture does not show at all with smooth colour continued from what is seen, one value
// per vertex.
type veil struct {
	hidden []bool     // for each face triangle
	colour [][3]int32 // for each landmark, YUV in 16.16
}

// hiddenFacing is how flat a triangle is seen at most, to count as hidden: cosine of the angle to the viewer.
const hiddenFacing = 0.03

// newVeil finds the hidden triangles and continues colour over them.
func newVeil(g *geometry, m *headMesh, face picture) *veil {
	v := &veil{hidden: make([]bool, len(m.face)), colour: make([][3]int32, landmark.SkinCount)}
	next := make([][]uint16, landmark.SkinCount)
	seen := make([]bool, landmark.SkinCount)
	for i, t := range m.face {
		v.hidden[i] = m.facing(g, t) < hiddenFacing
		for _, e := range [...][2]uint16{{t.a, t.b}, {t.b, t.c}, {t.c, t.a}} {
			next[e[0]] = append(next[e[0]], e[1])
			next[e[1]] = append(next[e[1]], e[0])
		}
		if !v.hidden[i] {
			seen[t.a], seen[t.b], seen[t.c] = true, true, true
		}
	}
	colour := make([][3]float32, landmark.SkinCount)
	for i := range colour {
		for k := range 3 {
			x, y, p := m.vertices[i].s, m.vertices[i].t, face[k]
			colour[i][k] = (2*p.sample(x, y) + p.sample(x-2, y) + p.sample(x+2, y) + p.sample(x, y-2) + p.sample(x, y+2)) / 6
		}
	}
	for range 80 {
		for i := range colour {
			if seen[i] || len(next[i]) == 0 {
				continue
			}
			var sum [3]float32
			for _, j := range next[i] {
				for k := range 3 {
					sum[k] += colour[j][k]
				}
			}
			for k := range 3 {
				colour[i][k] = sum[k] / float32(len(next[i]))
			}
		}
	}
	for i := range colour {
		for k := range 3 {
			v.colour[i][k] = fixed(colour[i][k]) + 1<<15
		}
	}
	return v
}

// facing is the cosine between a face triangle's normal at rest and the viewer; negative from behind.
func (m *headMesh) facing(g *geometry, t triangle) float32 {
	a, b, c := g.rest[t.a], g.rest[t.b], g.rest[t.c]
	ux, uy, uz := b.X-a.X, b.Y-a.Y, b.Z-a.Z
	vx, vy, vz := c.X-a.X, c.Y-a.Y, c.Z-a.Z
	nx, ny, nz := uy*vz-uz*vy, uz*vx-ux*vz, ux*vy-uy*vx
	return nz * m.sign / max(sqrt32(nx*nx+ny*ny+nz*nz), 1e-6)
}

// draw paints one hidden triangle.
func (v *veil) draw(f *frame.I420, bd band, t triangle, head []vertex) {
	a, b, c := head[t.a], head[t.b], head[t.c]
	va, vb, vc := &v.colour[t.a], &v.colour[t.b], &v.colour[t.c]
	for k := range 3 {
		scale, stride, rows, dst := float32(1), f.Width, bd, f.Y
		if k > 0 {
			scale, stride, rows = 0.5, f.Width/2, band{bd.y0 / 2, bd.y1 / 2}
			dst = f.U
			if k == 2 {
				dst = f.V
			}
		}
		p := [3]vertex{a, b, c}
		for i := range p {
			p[i].x, p[i].y = p[i].x*scale, p[i].y*scale
		}
		ramp(dst, stride, rows, &p, [3]int32{va[k], vb[k], vc[k]})
	}
}

// ramp fills a triangle with linearly interpolated values, 16.16.
func ramp(dst []byte, stride int, rows band, p *[3]vertex, val [3]int32) {
	va, vb, vc := val[0], val[1], val[2]
	a, b, c := &p[0], &p[1], &p[2]
	x1, y1, x2, y2 := b.x-a.x, b.y-a.y, c.x-a.x, c.y-a.y
	det := x1*y2 - x2*y1
	if det > -1e-4 && det < 1e-4 {
		return
	}
	d1, d2 := float32(vb-va), float32(vc-va)
	dx, dy := (d1*y2-d2*y1)/det, (d2*x1-d1*x2)/det
	ax, ay := a.x, a.y
	low, high := min(va, vb, vc), max(va, vb, vc)
	if b.y < a.y {
		a, b = b, a
	}
	if c.y < a.y {
		a, c = c, a
	}
	if c.y < b.y {
		b, c = c, b
	}
	e := newEdges(a.x, a.y, b.x, b.y, c.x, c.y)
	from, to := e.rows(rows)
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, stride)
		for x := x0; x < x1; x++ {
			v := float32(va) + dx*(float32(x)+0.5-ax) + dy*(float32(y)+0.5-ay)
			dst[y*stride+x] = byte(min(max(int32(min(max(v, -1e9), 1e9)), low), high) >> 16)
		}
	}
}
