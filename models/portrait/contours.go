package portrait

import (
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// contours are the closed lines of landmarks that maps are filled from.
type contours struct {
	lips   [2][]uint16 // inner, outer
	lids   [2][]uint16 // the gap between the lids of each eye
	folds  [2][]uint16 // the first ring of skin around it
	irises [2][]uint16 // centre, then the rim
	brows  [2][]uint16
	face   []uint16 // the face's outline
}

func newContours() contours {
	var c contours
	corners, columns := motion.MouthCorners(), motion.LipColumns()
	for n, k := range []int{3, 0} {
		ring := []uint16{corners[0][k]}
		for i := range columns {
			ring = append(ring, columns[i].Upper[k])
		}
		ring = append(ring, corners[1][k])
		for i := len(columns) - 1; i >= 0; i-- {
			ring = append(ring, columns[i].Lower[k])
		}
		c.lips[n] = ring
	}
	around := func(e *motion.EyeParts, top, bottom []uint16) []uint16 {
		ring := append([]uint16{e.Outer}, top...)
		ring = append(ring, e.Inner)
		for _, i := range slices.Backward(bottom) {
			ring = append(ring, i)
		}
		return ring
	}
	brows := motion.Brows()
	for n, e := range motion.Eyes() {
		c.lids[n] = around(&e, e.Upper[:], e.Lower[:])
		c.folds[n] = around(&e, e.UpperFold[:], e.LowerFold[:])
		c.irises[n] = e.Iris[:]
		b := &brows[n] // the lower edge from outside, then the upper
		c.brows[n] = []uint16{b[0], b[1], b[2], b[3], b[4], b[9], b[8], b[7], b[6], b[5]}
	}
	oval := motion.FaceOval()
	c.face = oval[:]
	return c
}

// eye draws the planes of one eye.
func (m *Mapper) eye(plane func(int) []byte, st *motion.State, side int, a *Alignment) {
	m.project(m.contour.lids[side], st, a)
	m.fill(plane(PlaneInner))
	m.project(m.contour.folds[side], st, a)
	m.fill(plane(PlaneOuter))
	m.mask(plane(PlaneMask), reach{0.03, 0.15})
	m.iris(st, side, a)
	m.fill(plane(PlaneIris))
	flat(plane(PlaneLid), 128*float64(st.Lid[side]))
}

// head draws the planes of a whole face: what several regions show apart, united.
func (m *Mapper) head(plane func(int) []byte, st *motion.State, a *Alignment) {
	c := &m.contour
	unite := func(k int, rings ...[]uint16) {
		clear(plane(k))
		for _, ring := range rings {
			m.project(ring, st, a)
			m.lay(plane(k))
		}
	}
	unite(PlaneInner, c.lips[0], c.lids[0], c.lids[1])
	unite(PlaneOuter, c.lips[1], c.folds[0], c.folds[1])
	unite(PlaneLid, c.brows[0], c.brows[1])
	clear(plane(PlaneIris))
	for side := range 2 {
		m.iris(st, side, a)
		m.lay(plane(PlaneIris))
	}
	m.project(c.face, st, a)
	unit := st.Head.Scale * m.region.Side // the crop is Side units of the mask wide
	m.mask(plane(PlaneMask), reach{0.05 * unit, 0.35 * unit})
}

// lay adds the ring's inside to dst.
func (m *Mapper) lay(dst []byte) {
	m.fill(m.part)
	for i, v := range m.part {
		dst[i] = max(dst[i], v)
	}
}

// iris makes the ring a circle around an iris as wide as its landmarks are apart.
func (m *Mapper) iris(st *motion.State, side int, a *Alignment) {
	m.project(m.contour.irises[side], st, a)
	x, y := float64(m.ring[0][0]), float64(m.ring[0][1])
	var radius float64
	for _, p := range m.ring[1:] {
		radius += math.Hypot(float64(p[0])-x, float64(p[1])-y) / 4
	}
	const sides = 20
	m.ring = m.ring[:sides]
	for k := range m.ring {
		s, c := math.Sincos(2 * math.Pi * float64(k) / sides)
		m.ring[k] = [2]float32{float32(x + radius*c), float32(y + radius*s)}
	}
}
