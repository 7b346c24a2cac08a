package head

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// sheet is the far side of a head behind the outline of a turned face: ear, hair and silhouette of the near side, mirrored in space.
// In the rest pose it lies behind what the picture shows, and is drawn first of the head; it comes out from there by turning, and
// does not fade in.
type sheet struct {
	tex    *texmap.Texture
	at     []texmap.Vertex // the outline, then sheetRings rings around it, where tex shows them (s, t)
	places []motion.Vec3   // of at, head frame, mirrored as they are
	inset  []float32       // how far towards the middle they must lie to be hidden at rest, head units
	cover  []float32       // opacity, 0..1
	shown  []float32       // the same, less where the near side's picture has nothing to mirror
	tris   []texmap.Triangle
	soon   float32 // sine of the turn by which nothing is held back any more
}

// sheetRings is how many rings of the head are mirrored, sheetWhole and sheetEnd where they begin and end to run out, head units.
const (
	sheetRings = 9
	sheetWhole = 1.2
	sheetEnd   = 1.7
	headWide   = 1.45 // from the middle: what hangs farther out, as a ribbon, has no twin
	headEnd    = 1.75
	headHigh   = 1.5 // above the eyes: the silhouette of a crown hardly changes, and what stands up on it has no twin either
	headTop    = 1.9
)

// newSheet mirrors the near side. face is the head's picture, alpha its opacity, both in texture pixels; tints are those of the
// landmarks. nil where there is nothing to show.
func newSheet(m *Mesh, face planar.Picture, alpha *planar.Plane, tints []tint) *sheet {
	n := (sheetRings + 1) * 36
	s := &sheet{
		at: make([]texmap.Vertex, n), places: make([]motion.Vec3, n),
		inset: make([]float32, n), cover: make([]float32, n),
	}
	yaw, _, _ := motion.Angles(m.g.Head.R)
	s.soon = float32(max(math.Sin(1.5*math.Abs(yaw)), 0.25))
	s.mirror(m, num.Sign(float32(yaw)))
	s.hide(m.g, alpha)
	for ring := sheetRings; ring > 0; ring-- {
		for k := range 36 {
			a, b := uint16((ring-1)*36+k), uint16((ring-1)*36+(k+1)%36)
			for _, t := range [...]texmap.Triangle{{A: a, B: b, C: b + 36}, {A: a, B: b + 36, C: a + 36}} {
				if s.cover[t.A]+s.cover[t.B]+s.cover[t.C] > 0 {
					s.tris = append(s.tris, t)
				}
			}
		}
	}
	if len(s.tris) == 0 {
		return nil
	}
	s.shown = make([]float32, n)
	for i, v := range s.at {
		s.shown[i] = s.cover[i] * alpha.Sample(v.S, v.T)
	}
	p := newPatch(face, alpha, s.at, s.each)
	s.each(func(t texmap.Triangle) {
		tintOf := func(i uint16) tint { return tints[m.g.Outline[i%36]].beyond(int(i) / 36) }
		p.fill(t, [3]tint{tintOf(t.A), tintOf(t.B), tintOf(t.C)}, [3]float32{s.cover[t.A], s.cover[t.B], s.cover[t.C]})
	})
	s.tex = p.texture()
	s.tris = s.tex.Mark(s.tris, s.at, true)
	return s
}

// beyond is the tint of what lies so many rings outside the face: light goes on, the skin's colour does not.
func (t tint) beyond(rings int) tint {
	if rings == 0 {
		return t
	}
	k := num.Smoothstep(0.1, 0.5, ringDistances()[rings-1])
	return tint{gain: t.gain + 0.5*k*(1-t.gain), u: t.u * (1 - k), v: t.v * (1 - k)}
}

func (s *sheet) each(do func(t texmap.Triangle)) {
	for _, t := range s.tris {
		do(t)
	}
}

// mirror finds the place of every vertex in the near side's texture and in space. side is the sign of x on the far side.
func (s *sheet) mirror(m *Mesh, side float32) {
	g := m.g
	other := motion.MirrorTable()
	var ray [landmark.SkinCount]int
	var share [36]float32
	for k, i := range g.Outline {
		ray[i] = k
		share[k] = num.Smoothstep(0.1, 0.4, g.Points[i].X*side)
	}
	for k, i := range g.Outline {
		from := &m.vertices[other[i]]
		s.at[k] = texmap.Vertex{S: from.S, T: from.T}
		s.places[k] = g.Points[i]
		s.cover[k] = share[k]
	}
	for r, d := range ringDistances()[:sheetRings] {
		for k, i := range g.Outline {
			from, to := r*36+ray[other[i]], (r+1)*36+k
			near, v := &m.follow[from], &m.vertices[landmark.SkinCount+from]
			s.at[to] = texmap.Vertex{S: v.S, T: v.T}
			at := motion.Vec3{X: -near.At.X, Y: near.At.Y, Z: near.At.Z}
			s.places[to] = at
			beyond := max(num.Smoothstep(sheetWhole, sheetEnd, d), num.Smoothstep(headWide, headEnd, num.Abs(at.X)),
				num.Smoothstep(headHigh, headTop, -at.Y), num.Smoothstep(0.45, 0.7, at.Y/g.Chin))
			s.cover[to] = share[k] * (1 - beyond) * m.pictured(v)
		}
	}
}

// pictured is 1 where the crop has a vertex' place, and 0 well outside, where there are repeated pixels only: those of the near side's
// cut would be a slab beside the face.
func (m *Mesh) pictured(v *texmap.Vertex) float32 {
	from, to := float32(m.g.Pad), float32(m.g.Pad+m.g.Size)
	out := max(from-v.S, v.S-to, from-v.T, v.T-to)
	return 1 - num.Smoothstep(-0.04*m.g.Unit, 0.04*m.g.Unit, out)
}

// hide measures how far towards the middle each vertex has to go until, in the rest pose, it lies behind the head that the picture
// shows: the picture knows better than symmetry where the silhouette is.
func (s *sheet) hide(g *pose.Geometry, alpha *planar.Plane) {
	const step, room = 0.02, 0.04 // head units
	hidden := func(at motion.Vec3, in float32) bool {
		q := g.Head.Apply(motion.Vec3{X: at.X - in*num.Sign(at.X), Y: at.Y, Z: at.Z})
		if d, _ := g.Beyond(q.X, q.Y); d < -0.02 {
			return true
		}
		r := room * g.Unit
		return min(alpha.Sample(q.X-r, q.Y), alpha.Sample(q.X+r, q.Y), alpha.Sample(q.X, q.Y-r), alpha.Sample(q.X, q.Y)) > 0.95
	}
	for ring := 1; ring <= sheetRings; ring++ {
		var in [36]float32
		for k := range in {
			at := s.places[ring*36+k]
			for in[k] < num.Abs(at.X) && !hidden(at, in[k]) {
				in[k] += step
			}
		}
		soft := pose.SmoothLoop(in)
		for k := range in {
			s.inset[ring*36+k] = max(in[k], soft[k])
		}
	}
}

// place moves the vertices v to p. outline are those of the face.
func (s *sheet) place(p *pose.Pose, turn float32, head, v []texmap.Vertex) {
	held := 1 - num.Smoothstep(0, s.soon, turn)
	for k, i := range p.Rest.Outline {
		v[k].X, v[k].Y = head[i].X, head[i].Y
	}
	for i := 36; i < len(v); i++ {
		k := p.Rest.Outline[i%36]
		at, q, r := &s.places[i], &p.Points[k], &p.Rest.Points[k]
		e := p.Head.Apply(motion.Vec3{X: at.X + q.X - r.X - held*s.inset[i]*num.Sign(at.X), Y: at.Y + q.Y - r.Y, Z: at.Z + q.Z - r.Z})
		v[i].X, v[i].Y = e.X, e.Y
	}
}

// draw paints the sheet into the band of f, with opacity fade, 0..256.
func (s *sheet) draw(f *frame.I420, bd planar.Band, v []texmap.Vertex, fade uint32) {
	for _, t := range s.tris {
		s.tex.DrawFaded(f, bd, &v[t.A], &v[t.B], &v[t.C], t.Opaque && fade == 256, fade)
	}
}
