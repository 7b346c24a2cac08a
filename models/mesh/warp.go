package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// pose is a state made ready for drawing: everything finite and within reach, in output pixels.
type pose struct {
	rest   *geometry
	head   motion.Rigid // head frame to output pixels, z too
	points [landmark.Count]motion.Vec3
	screen [landmark.Count]motion.Vec3 // points in output pixels
	depth  [landmark.Count]float32
	slide  [4]float32 // 2x2: rest picture plane to this pose's, roll and scale only
	tilt   [4]float32 // 2x2: the same with the turn's foreshortening
	centre motion.Vec3
	lean   [2]float32 // pixels
	breath float32    // -1..1
	lid    [2]float32
	jaw    float32
}

// reach bounds every coordinate of a state, head units: more is nonsense, and would overflow later sums.
const reach = 4

// newPose is the pose that set changes; it is not set yet.
func (g *geometry) newPose() *pose { return &pose{rest: g} }

// set reads a state. Values that are not finite fall back to rest, wild ones are clamped.
func (p *pose) set(st *motion.State) {
	g := p.rest
	p.head = outputHead(g, &st.Head)
	for i := range p.points {
		q, r := st.Points[i], g.points[i]
		p.points[i] = motion.Vec3{X: tame(q.X, r.X), Y: tame(q.Y, r.Y), Z: tame(q.Z, r.Z)}
		p.screen[i] = p.head.Apply(p.points[i])
		p.depth[i] = p.screen[i].Z
	}
	p.centre = p.head.Apply(g.centre)
	k := p.head.Scale / g.head.Scale
	a, b := &p.head.R, &g.head.R
	// M = R * Rrest^T, its upper left quarter.
	m00 := a[0]*b[0] + a[1]*b[1] + a[2]*b[2]
	m01 := a[0]*b[3] + a[1]*b[4] + a[2]*b[5]
	m10 := a[3]*b[0] + a[4]*b[1] + a[5]*b[2]
	m11 := a[3]*b[3] + a[4]*b[4] + a[5]*b[5]
	p.tilt = [4]float32{k * m00, k * m01, k * m10, k * m11}
	c, s := m00+m11, m10-m01
	n := float32(math.Hypot(float64(c), float64(s)))
	if n < 1e-3 {
		c, s, n = 1, 0, 1
	}
	p.slide = [4]float32{k * c / n, -k * s / n, k * s / n, k * c / n}
	size := float32(g.size)
	p.lean = [2]float32{size * num.Bound(st.Lean.X, 0.25), size * num.Bound(st.Lean.Y, 0.25)}
	p.breath = num.Bound(st.Breath, 1)
	p.lid = [2]float32{positive(st.Lid[0], 1), positive(st.Lid[1], 1)}
	p.jaw = positive(st.Jaw, 0)
}

// outputHead checks a pose and brings it to output pixels; a broken one becomes the rest pose.
func outputHead(g *geometry, h *motion.Rigid) motion.Rigid {
	out := toTexture(h, g.size, 0)
	ok := num.Finite(out.Scale) && out.Scale > g.unit/8 && out.Scale < g.unit*4
	for _, v := range [...]float32{out.T.X, out.T.Y, out.T.Z} {
		ok = ok && num.Abs(v) < 4*float32(g.size)
	}
	for _, v := range out.R {
		ok = ok && num.Abs(v) <= 1.001
	}
	if !ok {
		out = g.head
		out.T.X -= float32(g.pad)
		out.T.Y -= float32(g.pad)
	}
	return out
}

// tame bounds v, or returns fallback if it is not a number.
func tame(v, fallback float32) float32 {
	if v != v {
		return fallback
	}
	return min(max(v, -reach), reach)
}

// positive limits v to [0, 4]; not a number becomes fallback.
func positive(v, fallback float32) float32 {
	if v != v {
		return fallback
	}
	return min(max(v, 0), 4)
}

// place is where a follower is drawn that lies at (s, t) at rest: the head's motion with expression e (head frame), towards the
// torso's by weight.
func (p *pose) place(f *follow, s, t float32, e motion.Vec3, lean, breath float32) (x, y float32) {
	g := p.rest
	q := p.head.Apply(motion.Vec3{X: f.at.X + e.X, Y: f.at.Y + e.Y, Z: f.at.Z + e.Z})
	dx, dy := s-g.centrePix.X, t-g.centrePix.Y
	bx := p.centre.X + p.slide[0]*dx + p.slide[1]*dy
	by := p.centre.Y + p.slide[2]*dx + p.slide[3]*dy
	x, y = q.X+(bx-q.X)*f.flat, q.Y+(by-q.Y)*f.flat
	pad := float32(g.pad)
	tx := s - pad + p.lean[0]*lean
	ty := t - pad + p.lean[1]*lean + p.breath*breath
	return tx + (x-tx)*f.weight, ty + (y-ty)*f.weight
}
