package head

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// farSide draws the side of a turned face that the picture shows edge-on or not at all: the mirror image of the near side,
// brought to the colours that the picture has where both meet, and the ear and hair behind it (sheet). It comes in as far as
// the head turns that side into view, so that nothing of it is in the rest pose.
type farSide struct {
	tex   *texmap.Texture
	cover []float32       // opacity 0..1 of each landmark, 0 for those that the picture shows well
	at    []texmap.Vertex // for each landmark, where tex shows it (s, t)
	face  []texmap.Triangle
	tris  []bool // those of the face that have a share
	sheet *sheet
}

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
		cover: make([]float32, landmark.SkinCount), at: make([]texmap.Vertex, landmark.SkinCount),
		face: m.face, tris: make([]bool, len(m.face)),
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
	other := motion.MirrorTable()
	for i := range f.at {
		v := &m.vertices[other[i]]
		f.at[i] = texmap.Vertex{S: v.S, T: v.T}
	}
	tints := f.tints(m, face, alpha)
	f.sheet = newSheet(m, face, alpha, tints)
	p := newPatch(face, alpha, f.at, f.each)
	f.each(func(t texmap.Triangle) {
		p.fill(t, [3]tint{tints[t.A], tints[t.B], tints[t.C]}, [3]float32{f.cover[t.A], f.cover[t.B], f.cover[t.C]})
	})
	f.tex = p.texture()
	return f
}

// tint brings one colour to another: luma above black and chroma times gain, then chroma shifted in proportion to luma, so that
// shadows and dark hair take little of it.
type tint struct{ gain, u, v float32 }

// tints compares picture and mirror image where the picture shows both, and continues the difference over what it does not: what is not
// seen, where alpha, the head's opacity, says that there is background, and where one side has hair and the other skin.
func (f *farSide) tints(m *Mesh, face planar.Picture, alpha *planar.Plane) []tint {
	const (
		within  = 0.7 // opacity around a landmark from which its colour is the head's
		strange = 0.1 // chroma for luma by which no light makes two sides of a skin differ
	)
	reach := max(int(0.04*m.g.Unit), 1)
	soft, opaque := face.Clone(), alpha.Blur(reach)
	for k, p := range soft {
		for o, a := range alpha.Pix {
			p.Pix[o] *= a
		}
		soft[k] = p.Blur(reach)
	}
	list, unknown := make([]tint, landmark.SkinCount), make([]bool, landmark.SkinCount)
	for i := range list {
		a, b := opaque.Sample(m.vertices[i].S, m.vertices[i].T), opaque.Sample(f.at[i].S, f.at[i].T)
		if unknown[i] = f.cover[i] > 0.1 || min(a, b) < within; min(a, b) <= 0.01 {
			list[i] = tint{gain: 1}
			continue
		}
		ay, au, av := soft.Sample(m.vertices[i].S, m.vertices[i].T)
		by, bu, bv := soft.Sample(f.at[i].S, f.at[i].T)
		ay, au, av, by, bu, bv = ay/a, au/a, av/a, by/b, bu/b, bv/b
		gain, luma := min(max((ay-16)/max(by-16, 8), 0.6), 1.6), max(ay-16, 20)
		list[i] = tint{gain, (au - 128 - (bu-128)*gain) / luma, (av - 128 - (bv-128)*gain) / luma}
		if max(num.Abs(list[i].u), num.Abs(list[i].v)) > strange {
			list[i], unknown[i] = tint{gain: 1}, true
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
			if unknown[i] && n[i] > 0 {
				list[i] = tint{sum[i].gain / n[i], sum[i].u / n[i], sum[i].v / n[i]}
			}
		}
	}
	return list
}

// each visits all triangles.
func (f *farSide) each(do func(t texmap.Triangle)) {
	for i, t := range f.face {
		if f.tris[i] {
			do(t)
		}
	}
}

// opacity is how much of the far side is drawn, 0..256.
func (f *farSide) opacity(reveal float32) uint32 {
	if f == nil {
		return 0
	}
	return uint32(256 * reveal)
}

// place moves the far side's vertices v after the head's, where any of it is in view.
func (f *farSide) place(reveal float32, head, v []texmap.Vertex) {
	if f.opacity(reveal) == 0 {
		return
	}
	for i := range v {
		v[i].X, v[i].Y = head[i].X, head[i].Y
	}
}
