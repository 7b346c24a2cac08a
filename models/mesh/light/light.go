package light

import (
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// How far the shade follows, chosen on films of people who drive themselves (MEASURED.md).
const (
	share      = 0.65 // of what the light says: landmarks know a face's normals roughly
	expression = 0.3  // share of what the face's own motion turns a normal by: a driver's depths are rougher still
	exposure   = 0.3  // share of the face's mean change that is left out: cameras hold a face's brightness
	most       = 0.22 // that luma changes by, a fraction: approached, not reached
	leastShade = 0.25 // of the median: below, ratios run wild
	outline    = 0.01 // how far inside the face's outline skin begins to be shaded, head units
	wholeFrom  = 0.30 // and from where on it is shaded as far as any
)

// skin is a vector for each landmark of the skin.
type skin = [landmark.SkinCount]motion.Vec3

// Light is a portrait's light and what it falls on, immutable and shared.
type Light struct {
	faces  [][3]uint16
	edges  []edge
	sign   float32     // of the area of a face triangle in view, +1 or -1
	linear motion.Vec3 // shade is even + linear.n + n.square.n, n in the portrait's own pose
	square [9]float32
	even   float32
	normal skin                        // at rest, head frame
	keep   [landmark.SkinCount]float32 // how much of a ratio each landmark takes, 0..1
	rest   [landmark.SkinCount]float32 // shade at rest

	inverse [landmark.SkinCount]float32 // 1/rest
	shift   uint                        // of the grid: its nodes lie 1<<shift output pixels apart
	nodes   int                         // along one edge of the picture
	size    int
}

// edge is a side between two faces, of which the second is -1 on the outline.
type edge struct {
	a, b        uint16
	left, right int32
}

// New estimates the light of a portrait. picture and alpha, the person's opacity (0..1), are in texture pixels and stay untouched;
// faces lists the face's triangles, landmarks below 468. It is nil where there is no shade to follow.
func New(g *pose.Geometry, faces [][3]uint16, picture planar.Picture, alpha *planar.Plane) *Light {
	l := &Light{faces: slices.Clone(faces), size: g.Size}
	if !l.connect(g) {
		return nil
	}
	var world skin
	l.normals(&g.Points, &l.normal)
	for i := range l.normal {
		l.normal[i] = unit(l.normal[i])
		world[i] = turned(&g.Head.R, l.normal[i])
	}
	h, trust := fit(g, picture[0], alpha, &world)
	if !(trust > 0) { // which is no number where the skin is none
		return nil
	}
	l.even = float32(h[0] - h[7])
	l.linear = motion.Vec3{X: float32(h[1]), Y: float32(h[2]), Z: float32(h[3])}
	xy, yz, xz := float32(h[4]/2), float32(h[5]/2), float32(h[6]/2)
	l.square = [9]float32{float32(h[8]), xy, xz, xy, float32(-h[8]), yz, xz, yz, float32(3 * h[7])}
	l.outwards(g, &world, alpha, trust)
	at := l.under(&g.Head.R)
	for i := range l.rest {
		l.rest[i] = at.shade(between(l.normal[i], l.normal[i]))
		l.inverse[i] = 1 / l.rest[i]
	}
	for l.shift = 1; l.shift < mostShift && (float32(int(2)<<l.shift) <= nodeWidth*g.Unit || g.Size>>l.shift > mostNodes-3); {
		l.shift++
	}
	l.nodes = g.Size>>l.shift + 3
	return l
}

// connect finds the sides of the faces; false where these do not all wind the same way.
func (l *Light) connect(g *pose.Geometry) bool {
	of := make(map[[2]uint16]int32, 3*len(l.faces))
	var sum float32
	for i, t := range l.faces {
		for k := range t {
			side := [2]uint16{t[k], t[(k+1)%3]}
			if _, twice := of[side]; twice {
				return false
			}
			of[side] = int32(i)
		}
		a, b, c := g.At[t[0]], g.At[t[1]], g.At[t[2]]
		sum += (b.X-a.X)*(c.Y-a.Y) - (c.X-a.X)*(b.Y-a.Y)
	}
	for i, t := range l.faces {
		for k := range t {
			a, b := t[k], t[(k+1)%3]
			other, ok := of[[2]uint16{b, a}]
			switch {
			case !ok:
				l.edges = append(l.edges, edge{a, b, int32(i), -1})
			case int32(i) < other:
				l.edges = append(l.edges, edge{a, b, int32(i), other})
			}
		}
	}
	l.sign = num.Sign(sum)
	return l.sign != 0
}

// outwards lets the shade run out towards the face's outline, where hair and ears begin, and where the portrait shows the face
// edge-on or not at all.
func (l *Light) outwards(g *pose.Geometry, world *skin, alpha *planar.Plane, trust float32) {
	for i := range l.keep {
		beyond, _ := g.Beyond(g.At[i].X, g.At[i].Y)
		inner := num.Smoothstep(outline, wholeFrom, -beyond)
		l.keep[i] = share * trust * inner * facing(world[i].Z) * num.Smoothstep(0.5, 1, alpha.Sample(g.At[i].X, g.At[i].Y))
	}
}

// normals are the sums of the normals of the faces around each landmark, each as long as its face is large, towards the viewer.
func (l *Light) normals(p *[landmark.Count]motion.Vec3, n *skin) {
	*n = skin{}
	for _, t := range l.faces {
		a, b, c := &p[t[0]], &p[t[1]], &p[t[2]]
		ux, uy, uz := b.X-a.X, b.Y-a.Y, b.Z-a.Z
		vx, vy, vz := c.X-a.X, c.Y-a.Y, c.Z-a.Z
		x, y, z := uy*vz-uz*vy, uz*vx-ux*vz, ux*vy-uy*vx
		for _, i := range t {
			n[i].X += x
			n[i].Y += y
			n[i].Z += z
		}
	}
	for i := range n {
		n[i] = motion.Vec3{X: -l.sign * n[i].X, Y: -l.sign * n[i].Y, Z: -l.sign * n[i].Z}
	}
}

// facing is how well skin is seen, 0..1, whose normal has the depth z.
func facing(z float32) float32 { return num.Clamp01((-z - 0.15) / 0.4) }

// unit is v at length 1, or zero.
func unit(v motion.Vec3) motion.Vec3 {
	n := num.Sqrt(v.X*v.X + v.Y*v.Y + v.Z*v.Z)
	if !(n > 1e-9) {
		return motion.Vec3{}
	}
	n = 1 / n
	return motion.Vec3{X: v.X * n, Y: v.Y * n, Z: v.Z * n}
}

// between is the normal that skin is shaded with whose own is was at rest and is now.
func between(was, now motion.Vec3) motion.Vec3 { return unit(motion.Mix(was, now, expression)) }

func turned(r *[9]float32, v motion.Vec3) motion.Vec3 {
	return motion.Vec3{
		X: r[0]*v.X + r[1]*v.Y + r[2]*v.Z,
		Y: r[3]*v.X + r[4]*v.Y + r[5]*v.Z,
		Z: r[6]*v.X + r[7]*v.Y + r[8]*v.Z,
	}
}

// falling is the light as a head with some turn sees it: in the head frame.
type falling struct {
	even, x, y, z          float32
	xx, yy, zz, xy, yz, xz float32
}

// under is the light in the frame of a head with the turn r.
func (l *Light) under(r *[9]float32) falling {
	inverse := motion.Transpose(r)
	v := turned(&inverse, l.linear)
	half := motion.Multiply(&l.square, r)
	q := motion.Multiply(&inverse, &half)
	return falling{l.even, v.X, v.Y, v.Z, q[0], q[4], q[8], q[1] + q[3], q[5] + q[7], q[2] + q[6]}
}

// shade is how bright skin is whose normal is n, head frame.
func (f *falling) shade(n motion.Vec3) float32 {
	v := f.even + f.x*n.X + f.y*n.Y + f.z*n.Z
	v += n.X*(f.xx*n.X+f.xy*n.Y+f.xz*n.Z) + n.Y*(f.yy*n.Y+f.yz*n.Z) + f.zz*n.Z*n.Z
	return max(v, leastShade)
}
