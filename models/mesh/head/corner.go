package head

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// corners are the skin beside the corners of the mouth without the shade of lips that meet there: a mouth that is agape would draw that
// out to a dark smear. It comes in as far as the mouth is higher than lips that only part.
type corners struct {
	tex  *texmap.Texture
	at   []texmap.Vertex // for each landmark, where tex shows it (s, t)
	tris []bool          // those of the face that have a share
}

// Height over width of the inner lips, less that at rest, between which the corners' shade goes; and how dark what belongs to it is,
// as a share of the skin around.
const (
	cornerFrom, cornerFull = 0.25, 0.55
	cornerDark, cornerSkin = 0.82, 0.94
)

// newCorners takes the shade out of face, the head's picture, whose opacity is alpha. nil where nothing is to be taken.
func newCorners(m *Mesh, face planar.Picture, alpha *planar.Plane) *corners {
	c := &corners{at: append([]texmap.Vertex(nil), m.vertices[:landmark.SkinCount]...), tris: make([]bool, len(m.face))}
	cover, edge := m.cornerCover()
	some := false
	for i, t := range m.face {
		c.tris[i] = cover[t.A]+cover[t.B]+cover[t.C] > 0
		some = some || c.tris[i]
	}
	if !some {
		return nil
	}
	each := func(do func(t texmap.Triangle)) {
		for i, t := range m.face {
			if c.tris[i] {
				do(t)
			}
		}
	}
	usual := m.usualLuma(face[0], edge)
	p := newPatch(face, alpha, c.at, each)
	least := planar.New(p.alpha.W, p.alpha.H)
	for o := range least.Pix {
		least.Pix[o] = unset
	}
	none := tint{gain: 1}
	each(func(t texmap.Triangle) {
		p.fill(t, [3]tint{none, none, none}, [3]float32{cover[t.A], cover[t.B], cover[t.C]})
		gouraud(least, &c.at[t.A], &c.at[t.B], &c.at[t.C], usual[t.A], usual[t.B], usual[t.C])
	})
	known := planar.New(p.alpha.W, p.alpha.H)
	for o, v := range least.Pix {
		if v != unset {
			known.Pix[o] = 0.01 + num.Smoothstep(cornerDark, cornerSkin, (p.pic[0].Pix[o]-16)/max(v-16, 8))
		}
	}
	planar.PushPull(p.pic[:], known)
	c.tex = p.texture()
	return c
}

// usualLuma is how bright each landmark is without the corners' shade: skin as where edge says, or the red of the lips.
func (m *Mesh) usualLuma(luma *planar.Plane, edge []bool) []float32 {
	lips := redLips()
	list := make([]float32, landmark.SkinCount)
	var skin, red, n, k float32
	for i, is := range edge {
		if v := &m.vertices[i]; is {
			skin, n = skin+luma.Sample(v.S, v.T), n+1
		}
	}
	columns := motion.LipColumns()
	for _, c := range columns[2:7] {
		for _, i := range [...]uint16{c.Upper[1], c.Upper[2], c.Lower[1], c.Lower[2]} {
			red, k = red+luma.Sample(m.vertices[i].S, m.vertices[i].T), k+1
		}
	}
	for i := range list {
		if list[i] = skin / max(n, 1); lips[i] {
			list[i] = min(list[i], red/k)
		}
	}
	return list
}

// redLips marks the landmarks of the lips, their outer contour too but for its corners.
func redLips() []bool {
	lips := make([]bool, landmark.SkinCount)
	for _, c := range motion.LipColumns() {
		for k := range 4 {
			lips[c.Upper[k]], lips[c.Lower[k]] = true, true
		}
	}
	for _, c := range motion.MouthCorners() {
		for _, i := range c[1:] {
			lips[i] = true
		}
	}
	return lips
}

// cornerCover is the share of each landmark in what is beside the corners, 0..1: whole at a corner, less at its neighbours. edge is the
// skin around.
func (m *Mesh) cornerCover() (cover []float32, edge []bool) {
	const beside = 0.8
	cover, edge = make([]float32, landmark.SkinCount), make([]bool, landmark.SkinCount)
	for _, c := range motion.MouthCorners() {
		cover[c[0]] = 1
	}
	each := func(from float32, do func(i uint16)) {
		old := append([]float32(nil), cover...)
		for _, t := range m.face {
			for _, i := range [...]uint16{t.A, t.B, t.C} {
				if max(old[t.A], old[t.B], old[t.C]) >= from && old[i] == 0 {
					do(i)
				}
			}
		}
	}
	each(1, func(i uint16) { cover[i] = beside })
	lips := redLips()
	each(beside, func(i uint16) { edge[i] = !lips[i] })
	return cover, edge
}

// fade is how much of the corners' shade goes in p, 0..256.
func (c *corners) fade(p *pose.Pose) uint32 {
	if c == nil {
		return 0
	}
	tall := func(pts *[landmark.Count]motion.Vec3) float32 {
		l, r := pts[78], pts[308]
		return (pts[motion.LowerLipInner].Y - pts[motion.UpperLipInner].Y) / max(float32(motion.Distance(l, r)), 0.1)
	}
	return uint32(256 * num.Smoothstep(cornerFrom, cornerFull, tall(&p.Points)-max(tall(&p.Rest.Points), 0)))
}

// place moves the vertices v after the head's.
func (c *corners) place(head, v []texmap.Vertex) {
	for i := range v {
		v[i].X, v[i].Y = head[i].X, head[i].Y
	}
}
