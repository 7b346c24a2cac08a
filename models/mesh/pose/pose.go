package pose

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Pose is a state made ready for drawing: everything finite and within reach, in output pixels. One goroutine owns it.
type Pose struct {
	Rest   *Geometry
	Head   motion.Rigid                // head frame to output pixels, z too
	Points [landmark.Count]motion.Vec3 // head frame
	Screen [landmark.Count]motion.Vec3 // the same in output pixels
	Tilt   [4]float32                  // 2x2: from the rest picture's plane to this pose's, with the turn's foreshortening
	Lid    [2]float32                  // openings of the eyes, 0..4; 1 is the picture's
	Jaw    float32                     // how far the jaw hangs, head units, 0..4

	slide  [4]float32  // as Tilt without foreshortening: roll and scale
	centre motion.Vec3 // of the skull's silhouette, output pixels
	lean   [2]float32  // pixels
	breath float32     // -1..1
}

// reach bounds every coordinate of a state, head units: more is nonsense, and would overflow later sums.
const reach = 4

// NewPose returns a pose of g; call Set before it is used.
func (g *Geometry) NewPose() *Pose { return &Pose{Rest: g} }

// Set reads st, which stays untouched. It allocates nothing. Values that are not finite fall back to rest, wild ones are clamped.
func (p *Pose) Set(st *motion.State) {
	g := p.Rest
	p.Head = outputHead(g, &st.Head)
	for i := range p.Points {
		q, r := st.Points[i], g.Points[i]
		p.Points[i] = motion.Vec3{X: tame(q.X, r.X), Y: tame(q.Y, r.Y), Z: tame(q.Z, r.Z)}
		p.Screen[i] = p.Head.Apply(p.Points[i])
	}
	p.centre = p.Head.Apply(g.centre)
	k := p.Head.Scale / g.Head.Scale
	a, b := &p.Head.R, &g.Head.R
	// M = R * Rrest^T, its upper left quarter.
	m00 := a[0]*b[0] + a[1]*b[1] + a[2]*b[2]
	m01 := a[0]*b[3] + a[1]*b[4] + a[2]*b[5]
	m10 := a[3]*b[0] + a[4]*b[1] + a[5]*b[2]
	m11 := a[3]*b[3] + a[4]*b[4] + a[5]*b[5]
	p.Tilt = [4]float32{k * m00, k * m01, k * m10, k * m11}
	c, s := m00+m11, m10-m01
	n := float32(math.Hypot(float64(c), float64(s)))
	if n < 1e-3 {
		c, s, n = 1, 0, 1
	}
	p.slide = [4]float32{k * c / n, -k * s / n, k * s / n, k * c / n}
	size := float32(g.Size)
	p.lean = [2]float32{size * num.Bound(st.Lean.X, 0.25), size * num.Bound(st.Lean.Y, 0.25)}
	p.breath = num.Bound(st.Breath, 1)
	p.Lid = [2]float32{positive(st.Lid[0], 1), positive(st.Lid[1], 1)}
	p.Jaw = positive(st.Jaw, 0)
}

// outputHead checks a pose and brings it to output pixels; a broken one becomes the rest pose.
func outputHead(g *Geometry, h *motion.Rigid) motion.Rigid {
	out := toTexture(h, g.Size, 0)
	ok := num.Finite(out.Scale) && out.Scale > g.Unit/8 && out.Scale < g.Unit*4
	for _, v := range [...]float32{out.T.X, out.T.Y, out.T.Z} {
		ok = ok && num.Abs(v) < 4*float32(g.Size)
	}
	for _, v := range out.R {
		ok = ok && num.Abs(v) <= 1.001
	}
	if !ok {
		out = g.Head
		out.T.X -= float32(g.Pad)
		out.T.Y -= float32(g.Pad)
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

// Place is where a follower is drawn, output pixels, that lies at (s, t) of the texture: the head's motion with expression e (head
// frame), towards the torso's by the follower's weight. lean and breath are what Torso says of (s, t).
func (p *Pose) Place(f *Follower, s, t float32, e motion.Vec3, lean, breath float32) (x, y float32) {
	g := p.Rest
	q := p.Head.Apply(motion.Vec3{X: f.At.X + e.X, Y: f.At.Y + e.Y, Z: f.At.Z + e.Z})
	dx, dy := s-g.centrePix.X, t-g.centrePix.Y
	bx := p.centre.X + p.slide[0]*dx + p.slide[1]*dy
	by := p.centre.Y + p.slide[2]*dx + p.slide[3]*dy
	x, y = q.X+(bx-q.X)*f.flat, q.Y+(by-q.Y)*f.flat
	pad := float32(g.Pad)
	tx := s - pad + p.lean[0]*lean
	ty := t - pad + p.lean[1]*lean + p.breath*breath
	return tx + (x-tx)*f.weight, ty + (y-ty)*f.weight
}
