package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Mesh is the shape of the head at rest: vertices 0..467 are the face, then rings of 36 around its outline.
type Mesh struct {
	g        *pose.Geometry
	vertices []texmap.Vertex // at rest
	follow   []pose.Follower // of the ring vertices
	parent   []uint16        // landmark whose expression a ring vertex shares
	share    []float32
	far      [36]farRay
	outer    []texmap.Triangle // rings, farthest out first
	face     []texmap.Triangle
	sign     float32 // orientation of face triangles that look at the camera, +1 or -1; 0 if they disagree
}

// ringDistances are the rings' distances from the face outline, head units.
func ringDistances() []float32 {
	return []float32{0.07, 0.15, 0.25, 0.38, 0.55, 0.75, 1.0, 1.3, 1.7, 2.2, 2.9}
}

// NewMesh lays the rings around the face. faces lists the face's triangles, landmarks below 468; it is copied.
func NewMesh(g *pose.Geometry, faces [][3]uint16) *Mesh {
	m := &Mesh{g: g}
	for i := range landmark.SkinCount {
		m.add(g.At[i].X, g.At[i].Y)
	}
	limit := float32(g.Size + 2*g.Pad - 2)
	for _, d := range ringDistances() {
		for k := range g.Oval {
			base := g.At[g.Outline[k]]
			dx, dy := (base.X-g.Middle.X)/g.Oval[k].Radius, (base.Y-g.Middle.Y)/g.Oval[k].Radius
			reach := d * g.Unit
			// Rays stop at the texture's border.
			reach = min(reach, stop(base.X, dx, limit), stop(base.Y, dy, limit))
			x, y := base.X+dx*reach, base.Y+dy*reach
			m.add(x, y)
			m.follow = append(m.follow, g.Follow(x, y, false))
			m.parent = append(m.parent, g.Outline[k])
			m.share = append(m.share, 1-num.Smoothstep(0.10, 0.8, d))
		}
	}
	m.outer = m.ringTriangles(len(ringDistances()))
	for _, f := range faces {
		m.face = append(m.face, texmap.Triangle{A: f[0], B: f[1], C: f[2]})
	}
	m.sign = m.winding()
	return m
}

// ringVertex is the vertex of a ring, from 0, on the ray from point k of the outline.
func ringVertex(ring, k int) int { return landmark.SkinCount + ring*36 + k }

// winding finds the sign of a front triangle's area. Triangles seen from behind are not drawn: where the surface
// folds they are covered by others. A mesh whose triangles are not consistently oriented gives 0: draw all.
func (m *Mesh) winding() float32 {
	seen := make(map[[2]uint16]bool, 3*len(m.face))
	var sum float32
	for _, t := range m.face {
		for _, e := range [...][2]uint16{{t.A, t.B}, {t.B, t.C}, {t.C, t.A}} {
			if seen[e] {
				return 0
			}
			seen[e] = true
		}
		sum += texmap.Area(&m.vertices[t.A], &m.vertices[t.B], &m.vertices[t.C])
	}
	return num.Sign(sum)
}

// stop is how far a ray from v may go along d until it leaves [2, limit].
func stop(v, d, limit float32) float32 {
	switch {
	case d > 1e-6:
		return max(0, (limit-v)/d)
	case d < -1e-6:
		return max(0, (2-v)/d)
	}
	return 1e9
}

func (m *Mesh) add(x, y float32) {
	g := m.g
	limit := float32(g.Size + 2*g.Pad - 2)
	s, t := min(max(x, 2), limit), min(max(y, 2), limit)
	p := float32(g.Pad)
	m.vertices = append(m.vertices, texmap.Vertex{X: x - p, Y: y - p, S: s, T: t})
}

// ringTriangles makes two triangles for each cell between neighbouring rings, the outermost first, of the innermost so many.
func (m *Mesh) ringTriangles(rings int) []texmap.Triangle {
	var list []texmap.Triangle
	index := func(ring, k int) uint16 {
		if ring == 0 {
			return m.g.Outline[k%36]
		}
		return uint16(landmark.SkinCount + (ring-1)*36 + k%36)
	}
	for ring := rings; ring > 0; ring-- {
		for k := range 36 {
			a, b, c, d := index(ring-1, k), index(ring-1, k+1), index(ring, k+1), index(ring, k)
			list = append(list, texmap.Triangle{A: a, B: b, C: c}, texmap.Triangle{A: a, B: c, C: d})
		}
	}
	return list
}

// turn is how far a turned face has turned towards the viewer, as a difference of sines; negative further away.
func (m *Mesh) turn(p *pose.Pose) float32 {
	side := m.g.Head.R[2]
	return (side - p.Head.R[2]) * num.Sign(side)
}

// place moves the head layer's vertices v and returns how much of a far side is in view, 0..1 (see reveal): at most turned.
func (m *Mesh) place(p *pose.Pose, v []texmap.Vertex, turned float32) float32 {
	g := m.g
	for i := range landmark.SkinCount {
		v[i].X, v[i].Y = p.Screen[i].X, p.Screen[i].Y
	}
	// A cheek that fills as the mouth opens reveals nothing: only a turn does.
	reveal := m.reveal(v) * turned
	for i := range m.follow {
		k := m.parent[i]
		s := m.share[i]
		e := motion.Vec3{
			X: s * (p.Points[k].X - g.Points[k].X),
			Y: s * (p.Points[k].Y - g.Points[k].Y),
			Z: s * (p.Points[k].Z - g.Points[k].Z),
		}
		w := &v[landmark.SkinCount+i]
		l, b := g.Torso(w.S, w.T)
		w.X, w.Y = p.Place(&m.follow[i], w.S, w.T, e, l, b)
		if in := m.far[i%36].inset * reveal; in > 0 {
			start, from := &v[k], &m.vertices[k]
			far := max(num.Sqrt((w.S-from.S)*(w.S-from.S)+(w.T-from.T)*(w.T-from.T)), 1)
			share := min(in/far, 1)
			w.X, w.Y = w.X+(start.X-w.X)*share, w.Y+(start.Y-w.Y)*share
		}
	}
	return reveal
}
