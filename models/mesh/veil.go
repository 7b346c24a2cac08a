package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// veil paints the part of a face that the picture hides (the far side of a head turned away): smooth colour continued
// from what is seen, one value per vertex.
type veil struct {
	hidden []bool // for each face triangle
	// far is the most opacity, 0..1, of those of a face turned away, which are veiled only as far as they come into
	// view; 0 for all others.
	far    []float32
	colour [][3]int32 // for each landmark, YUV in 16.16
}

// Triangles are hidden where they are seen flatter than this at rest (cosine of the angle to the viewer); on the
// far side of a face that is turned by more than turnedAway radians, where the outline is least certain, sooner.
const (
	hiddenFacing    = 0.03
	hiddenFarFacing = 0.32
	turnedAway      = 0.1
)

// newVeil finds the hidden triangles and continues colour over them.
func newVeil(g *geometry, m *headMesh, face picture, alpha *plane) *veil {
	v := &veil{
		hidden: make([]bool, len(m.face)), far: make([]float32, len(m.face)),
		colour: make([][3]int32, landmark.SkinCount),
	}
	next := make([][]uint16, landmark.SkinCount)
	seen := make([]bool, landmark.SkinCount)
	yaw, _, _ := motion.Angles(g.head.R)
	rim := m.rim(g, 3)
	for i, t := range m.face {
		f := m.facing(g, t)
		side := g.points[t.a].X*sign(float32(yaw)) > 0.2 && math.Abs(yaw) > turnedAway
		if side && f < hiddenFarFacing && rim[t.a] && rim[t.b] && rim[t.c] {
			v.far[i] = max(1-smooth(0.5*hiddenFarFacing, hiddenFarFacing, f), 0.004)
		}
		v.hidden[i] = v.far[i] > 0 || f < hiddenFacing
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
	v.shadeRim(g, face, alpha, colour, seen)
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

// shadeRim gives hidden outline points the colour of hair beside them, where there is some: the cheek then darkens towards it
// as a round one would.
func (v *veil) shadeRim(g *geometry, face picture, alpha *plane, colour [][3]float32, seen []bool) {
	for k, i := range g.outline {
		if seen[i] {
			continue
		}
		p, out := g.rest[i], 0.12*g.unit/g.oval[k].radius
		x, y := p.X+(p.X-g.middle.X)*out, p.Y+(p.Y-g.middle.Y)*out
		if alpha.sample(x, y) < 0.8 {
			continue
		}
		seen[i] = true
		for c := range 3 {
			colour[i][c] = face[c].sample(x, y)
		}
	}
}

// facing is the cosine between a face triangle's normal at rest and the viewer; negative from behind.
func (m *headMesh) facing(g *geometry, t triangle) float32 {
	a, b, c := g.rest[t.a], g.rest[t.b], g.rest[t.c]
	ux, uy, uz := b.X-a.X, b.Y-a.Y, b.Z-a.Z
	vx, vy, vz := c.X-a.X, c.Y-a.Y, c.Z-a.Z
	nx, ny, nz := uy*vz-uz*vy, uz*vx-ux*vz, ux*vy-uy*vx
	return nz * m.sign / max(sqrt32(nx*nx+ny*ny+nz*nz), 1e-6)
}

// draw paints one hidden triangle; opacity is 0..255.
func (v *veil) draw(f *frame.I420, bd band, t triangle, head []vertex, opacity uint32) {
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
		ramp(dst, stride, rows, &p, [3]int32{va[k], vb[k], vc[k]}, opacity)
	}
}

// ramp fills a triangle with linearly interpolated values, 16.16.
func ramp(dst []byte, stride int, rows band, p *[3]vertex, val [3]int32, opacity uint32) {
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
			d := &dst[y*stride+x]
			*d = mix(*d, uint32(min(max(int32(min(max(v, -1e9), 1e9)), low), high)>>16), opacity)
		}
	}
}
