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

// farSide draws the side of a turned face that the picture shows edge-on or not at all: the mirror image of the near side,
// brought to the colours that the picture has where both meet, with the beginning of the hair behind it. It comes in as far as
// the head turns that side into view, so that nothing of it is in the rest pose.
type farSide struct {
	tex    *texmap.Texture
	cover  []float32       // opacity 0..1 of each landmark, 0 for those that the picture shows well
	at     []texmap.Vertex // for each landmark and ring vertex, where tex shows it (s, t)
	face   []texmap.Triangle
	tris   []bool // those of the face that have a share
	rings  []texmap.Triangle
	places []motion.Vec3 // of the ring vertices, head frame
}

// farRings is how many rings of the head are mirrored: as far as an ear reaches.
const farRings = 5

// A face turned by more than turnedAway radians has a far side, whose vertices count as unseen where they are seen flatter than
// farUnseen (cosine of the angle to the viewer) and as seen where steeper than farSeen.
const (
	turnedAway = 0.1
	farUnseen  = 0.25
	farSeen    = 0.50
)

// newFarSide finds the far side and mirrors the near one; nil for a face seen from the front, where none is hidden. face is the
// head's picture, alpha its opacity.
func newFarSide(m *Mesh, face planar.Picture, alpha *planar.Plane) *farSide {
	g := m.g
	yaw, _, _ := motion.Angles(g.Head.R)
	if math.Abs(yaw) <= turnedAway || m.sign == 0 {
		return nil
	}
	f := &farSide{
		cover: make([]float32, landmark.SkinCount+farRings*36), at: make([]texmap.Vertex, landmark.SkinCount+farRings*36),
		face: m.face, tris: make([]bool, len(m.face)), places: make([]motion.Vec3, farRings*36),
	}
	rim, facing := m.rim(3), m.vertexFacing()
	for i := range landmark.SkinCount {
		if rim[i] {
			f.cover[i] = num.Smoothstep(0.15, 0.35, g.Points[i].X*num.Sign(float32(yaw))) * (1 - num.Smoothstep(farUnseen, farSeen, facing[i]))
		}
	}
	some := false
	for i, t := range m.face {
		f.tris[i] = f.cover[t.A]+f.cover[t.B]+f.cover[t.C] > 0
		some = some || f.tris[i]
	}
	if !some {
		return nil
	}
	f.mirror(m)
	f.hide(g, alpha)
	f.paint(m, face, alpha)
	return f
}

// mirror finds the place of every vertex in the near side's texture, and that of the ring vertices behind the far outline.
func (f *farSide) mirror(m *Mesh) {
	g := m.g
	other := motion.MirrorTable()
	var ray [landmark.SkinCount]int
	var share [36]float32
	for k, i := range g.Outline {
		ray[i] = k
		share[k] = f.cover[i]
	}
	share = pose.SmoothLoop(share)
	for i := range landmark.SkinCount {
		v := &m.vertices[other[i]]
		f.at[i] = texmap.Vertex{S: v.S, T: v.T}
	}
	for r, d := range ringDistances()[:farRings] {
		for k, i := range g.Outline {
			from, to := r*36+ray[other[i]], r*36+k
			near, v := &m.follow[from], &m.vertices[landmark.SkinCount+from]
			f.at[landmark.SkinCount+to] = texmap.Vertex{S: v.S, T: v.T}
			f.places[to] = motion.Vec3{X: -near.At.X, Y: near.At.Y, Z: near.At.Z}
			f.cover[landmark.SkinCount+to] = share[k] * (1 - num.Smoothstep(0.4, 0.65, near.At.Y/g.Chin)) * (1 - num.Smoothstep(0.3, 0.5, d))
		}
	}
	for _, t := range m.ringTriangles(farRings) {
		if f.cover[t.A]+f.cover[t.B]+f.cover[t.C] > 0 {
			f.rings = append(f.rings, t)
		}
	}
}

// hide moves ring vertices towards the face until, in the rest pose, they lie behind the head that the picture shows: the
// picture knows better than symmetry where the silhouette is. Those that cannot hide are not drawn.
func (f *farSide) hide(g *pose.Geometry, alpha *planar.Plane) {
	const step = 0.02 // head units
	hidden := func(at motion.Vec3, in float32) bool {
		q := g.Head.Apply(motion.Vec3{X: at.X - in*num.Sign(at.X), Y: at.Y, Z: at.Z})
		d, _ := g.Beyond(q.X, q.Y)
		return d < -0.02 || alpha.Sample(q.X, q.Y) > 0.9
	}
	for r := range farRings {
		var in [36]float32
		for k, i := range g.Outline {
			at, most := f.places[r*36+k], num.Abs(f.places[r*36+k].X-0.5*g.Points[i].X)
			for in[k] < most && !hidden(at, in[k]) {
				in[k] += step
			}
		}
		for k, soft := range pose.SmoothLoop(in) {
			at := &f.places[r*36+k]
			d := max(soft, in[k])
			if !hidden(*at, d) {
				f.cover[landmark.SkinCount+r*36+k] = 0
			}
			at.X -= d * num.Sign(at.X)
		}
	}
}

// tint brings one colour to another: luma above black and chroma times gain, then chroma shifted in proportion to luma, so that
// shadows and dark hair take little of it.
type tint struct{ gain, u, v float32 }

// tints compares picture and mirror image where the picture is seen, and continues the difference over what is not.
func (f *farSide) tints(m *Mesh, face planar.Picture) []tint {
	var soft planar.Picture
	for k := range 3 {
		soft[k] = face[k].Blur(max(int(0.04*m.g.Unit), 1))
	}
	list := make([]tint, landmark.SkinCount)
	for i := range list {
		ay, au, av := soft.Sample(m.vertices[i].S, m.vertices[i].T)
		by, bu, bv := soft.Sample(f.at[i].S, f.at[i].T)
		gain, luma := min(max((ay-16)/max(by-16, 8), 0.6), 1.6), max(ay-16, 20)
		list[i] = tint{
			gain,
			num.Bound((au-128-(bu-128)*gain)/luma, 0.2),
			num.Bound((av-128-(bv-128)*gain)/luma, 0.2),
		}
	}
	for range 60 {
		old := append([]tint(nil), list...)
		sum, n := make([]tint, len(list)), make([]float32, len(list))
		for _, t := range m.face {
			for _, e := range [...][2]uint16{{t.A, t.B}, {t.B, t.C}, {t.C, t.A}} {
				p, q := &sum[e[0]], &old[e[1]]
				*p = tint{p.gain + q.gain, p.u + q.u, p.v + q.v}
				n[e[0]]++
			}
		}
		for i := range list {
			if f.cover[i] > 0.1 && n[i] > 0 {
				list[i] = tint{sum[i].gain / n[i], sum[i].u / n[i], sum[i].v / n[i]}
			}
		}
	}
	return list
}

// paint makes the texture: the near side, tinted.
func (f *farSide) paint(m *Mesh, face planar.Picture, alpha *planar.Plane) {
	tints := f.tints(m, face)
	tintOf := func(i uint16) tint {
		if i >= landmark.SkinCount {
			return tints[m.g.Outline[(i-landmark.SkinCount)%36]]
		}
		return tints[i]
	}
	face, alpha = f.crop(face, alpha)
	const unset = 1e9
	gain, cover := planar.New(alpha.W, alpha.H), planar.New(alpha.W, alpha.H)
	shift := [2]*planar.Plane{planar.New(alpha.W, alpha.H), planar.New(alpha.W, alpha.H)}
	for _, p := range [...]*planar.Plane{gain, shift[0], shift[1], cover} {
		for o := range p.Pix {
			p.Pix[o] = unset
		}
	}
	fill := func(t texmap.Triangle) {
		a, b, c := &f.at[t.A], &f.at[t.B], &f.at[t.C]
		ta, tb, tc := tintOf(t.A), tintOf(t.B), tintOf(t.C)
		gouraud(gain, a, b, c, ta.gain, tb.gain, tc.gain)
		gouraud(shift[0], a, b, c, ta.u, tb.u, tc.u)
		gouraud(shift[1], a, b, c, ta.v, tb.v, tc.v)
		gouraud(cover, a, b, c, f.cover[t.A], f.cover[t.B], f.cover[t.C])
	}
	f.each(fill)
	known := planar.New(alpha.W, alpha.H)
	for o, v := range gain.Pix {
		if v != unset {
			known.Pix[o] = 1
		}
	}
	planar.PushPull([]*planar.Plane{gain, shift[0], shift[1], cover}, known)
	out := face.Clone()
	for o, k := range gain.Pix {
		y := (face[0].Pix[o] - 16) * k
		out[0].Pix[o] = 16 + y
		for c := range 2 {
			out[c+1].Pix[o] = 128 + (face[c+1].Pix[o]-128)*k + shift[c].Pix[o]*y
		}
		cover.Pix[o] *= alpha.Pix[o]
	}
	f.tex = texmap.New(out, cover)
}

// crop cuts out what the far side shows, and makes at relative to that.
func (f *farSide) crop(face planar.Picture, alpha *planar.Plane) (planar.Picture, *planar.Plane) {
	r := planar.Rect{X0: alpha.W, Y0: alpha.H, X1: 0, Y1: 0}
	grow := func(t texmap.Triangle) {
		for _, i := range [...]uint16{t.A, t.B, t.C} {
			x, y := int(f.at[i].S), int(f.at[i].T)
			r = planar.Rect{X0: min(r.X0, x-2), Y0: min(r.Y0, y-2), X1: max(r.X1, x+3), Y1: max(r.Y1, y+3)}
		}
	}
	f.each(grow)
	r = planar.Rect{X0: max(r.X0, 0) &^ 1, Y0: max(r.Y0, 0) &^ 1, X1: min(r.X1+1, alpha.W) &^ 1, Y1: min(r.Y1+1, alpha.H) &^ 1}
	for i := range f.at {
		f.at[i].S -= float32(r.X0)
		f.at[i].T -= float32(r.Y0)
	}
	return planar.Picture{face[0].Cut(r), face[1].Cut(r), face[2].Cut(r)}, alpha.Cut(r)
}

// each visits all triangles.
func (f *farSide) each(do func(t texmap.Triangle)) {
	for i, t := range f.face {
		if f.tris[i] {
			do(t)
		}
	}
	for _, t := range f.rings {
		do(t)
	}
}

// opacity is how much of the far side is drawn, 0..256.
func (f *farSide) opacity(reveal float32) uint32 {
	if f == nil {
		return 0
	}
	return uint32(256 * reveal)
}

// drawRings paints what lies behind the far outline.
func (f *farSide) drawRings(dst *frame.I420, bd planar.Band, v []texmap.Vertex, fade uint32) {
	for _, t := range f.rings {
		f.tex.DrawFaded(dst, bd, &v[t.A], &v[t.B], &v[t.C], false, fade)
	}
}

// place moves the far side's vertices v after the head's, where any of it is in view.
func (f *farSide) place(p *pose.Pose, reveal float32, head, v []texmap.Vertex) {
	if f.opacity(reveal) == 0 {
		return
	}
	for i := range landmark.SkinCount {
		v[i].X, v[i].Y = head[i].X, head[i].Y
	}
	for i, at := range f.places {
		k, w := p.Rest.Outline[i%36], &v[landmark.SkinCount+i]
		q, r := &p.Points[k], &p.Rest.Points[k]
		e := motion.Vec3{X: at.X + q.X - r.X, Y: at.Y + q.Y - r.Y, Z: at.Z + q.Z - r.Z}
		e = p.Head.Apply(e)
		w.X, w.Y = e.X, e.Y
	}
}
