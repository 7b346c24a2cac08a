package portrait

import (
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// The planes that Maps draws, one byte per pixel of the region. Two of them depend on the region's name.
const (
	PlaneInner = iota // what skin opens: inside of the inner lip contour, between the lids; 255 is inside
	PlaneOuter        // inside of the outer lip contour, of the ring of skin around the lids
	PlaneMask         // where the learned layer may paint, and how much of its difference counts
	PlaneUpper        // mouth: height over the upper teeth's edge: 0 is 0.25 head units above, 255 as far below
	PlaneLower        // mouth: the same for the lower teeth, which hang with the jaw
	PlaneYaw          // constant: 128 ahead, +-127 is +-1 radian
	PlanePitch        // the same
	MapPlanes
	PlaneIris = PlaneUpper // eyes, head: inside of the iris, whether lids cover it or not
	PlaneLid  = PlaneLower // eyes: constant, the opening: 0 shut, 128 as open as the neutral; head: inside of the brows
)

// reach is how far a mask reaches beyond its contour, in head units: full within near, none beyond far.
type reach struct{ near, far float32 }

const (
	maskGrid = 32 // the mask is worked out on a coarse grid and drawn in between
	border   = 8  // pixels over which the mask fades at the region's edge
)

// Mapper draws maps for one region. It is used by one goroutine; Maps does not allocate.
type Mapper struct {
	region  Region
	contour contours
	ring    [][2]float32
	cross   []float32
	cover   []float32
	coarse  [(maskGrid + 1) * (maskGrid + 1)]float32
	part    []byte // a plane of one contour, where planes unite several
}

// NewMapper prepares the contours.
func NewMapper(r Region) *Mapper {
	m := &Mapper{region: r, cover: make([]float32, r.Edge+2), cross: make([]float32, 0, 64), contour: newContours()}
	m.ring = make([][2]float32, 64)
	if r.Name == NameHead {
		m.part = make([]byte, r.Edge*r.Edge)
	}
	return m
}

// Maps draws the planes of a state whose region lies at a (crop units) into dst, MapPlanes planes of Edge x Edge.
func (m *Mapper) Maps(dst []byte, st *motion.State, rest *motion.Rest, anchor motion.Vec3, a *Alignment) {
	e := m.region.Edge
	n := e * e
	plane := func(k int) []byte { return dst[k*n : (k+1)*n] }
	switch m.region.Name {
	case NameEyeLeft:
		m.eye(plane, st, 0, a)
	case NameEyeRight:
		m.eye(plane, st, 1, a)
	case NameHead:
		m.head(plane, st, a)
	default:
		m.mouth(plane, st, rest, anchor, a)
	}
	yaw, pitch, _ := motion.Angles(st.Head.R)
	if m.region.Mirror {
		yaw = -yaw
	}
	flat(plane(PlaneYaw), 128+yaw*127)
	flat(plane(PlanePitch), 128+pitch*127)
}

func (m *Mapper) mouth(plane func(int) []byte, st *motion.State, rest *motion.Rest, anchor motion.Vec3, a *Alignment) {
	m.project(m.contour.lips[0], st, a)
	m.fill(plane(PlaneInner))
	m.project(m.contour.lips[1], st, a)
	m.fill(plane(PlaneOuter))
	m.mask(plane(PlaneMask), reach{0.07, 0.26})
	jaw := max(st.Points[chin].Y-rest.Neutral[chin].Y, 0)
	m.ramp(plane(PlaneUpper), st, anchor, 0, a)
	m.ramp(plane(PlaneLower), st, anchor, jaw, a)
}

// project brings a contour into region pixels.
func (m *Mapper) project(contour []uint16, st *motion.State, a *Alignment) {
	m.ring = m.ring[:len(contour)]
	for k, i := range contour {
		p := st.Head.Apply(st.Points[i])
		x, y := a.Into(p.X, p.Y)
		m.ring[k] = [2]float32{x, y}
	}
}

const subRows = 4

// fill draws the ring with soft edges: exact along rows, subRows samples across them.
func (m *Mapper) fill(dst []byte) {
	e := m.region.Edge
	for y := range e {
		clear(m.cover)
		for s := range subRows {
			m.crossings(float32(y) + (float32(s)+0.5)/subRows)
			for k := 0; k+1 < len(m.cross); k += 2 {
				span(m.cover[:e], m.cross[k], m.cross[k+1])
			}
		}
		row := dst[y*e : (y+1)*e]
		for x := range row {
			row[x] = byte(min(m.cover[x]*(255.0/subRows)+0.5, 255))
		}
	}
}

// crossings lists where the ring crosses the row, from left to right.
func (m *Mapper) crossings(y float32) {
	m.cross = m.cross[:0]
	p := m.ring[len(m.ring)-1]
	for _, q := range m.ring {
		if (p[1] <= y) != (q[1] <= y) {
			m.cross = append(m.cross, p[0]+(q[0]-p[0])*(y-p[1])/(q[1]-p[1]))
		}
		p = q
	}
	slices.Sort(m.cross)
}

// span adds the part of each pixel between x0 and x1.
func span(cover []float32, x0, x1 float32) {
	x0, x1 = max(x0, 0), min(x1, float32(len(cover)))
	if !(x1 > x0) {
		return
	}
	i, j := int(x0), int(x1)
	if i == j {
		cover[i] += x1 - x0
		return
	}
	cover[i] += float32(i+1) - x0
	for k := i + 1; k < j; k++ {
		cover[k]++
	}
	if j < len(cover) {
		cover[j] += x1 - float32(j)
	}
}

// mask draws a soft surround of the ring.
func (m *Mapper) mask(dst []byte, to reach) {
	e := m.region.Edge
	unit := float32(e) / m.region.Side // pixels per head unit
	cell := float32(e) / maskGrid
	for j := range maskGrid + 1 {
		for i := range maskGrid + 1 {
			d := m.distance(float32(i)*cell, float32(j)*cell) / unit
			m.coarse[j*(maskGrid+1)+i] = 1 - num.Smoothstep(to.near, to.far, d)
		}
	}
	for y := range e {
		fy := (float32(y) + 0.5) / cell
		j := int(fy)
		fy -= float32(j)
		top, low := m.coarse[j*(maskGrid+1):], m.coarse[(j+1)*(maskGrid+1):]
		edgeY := fade(y, e)
		for x := range e {
			fx := (float32(x) + 0.5) / cell
			i := int(fx)
			fx -= float32(i)
			a := top[i] + (top[i+1]-top[i])*fx
			b := low[i] + (low[i+1]-low[i])*fx
			dst[y*e+x] = byte((a+(b-a)*fy)*edgeY*fade(x, e)*255 + 0.5)
		}
	}
}

// fade is 0 at the region's edge and 1 from border pixels on.
func fade(x, e int) float32 {
	return min(float32(min(x, e-1-x))/border, 1)
}

// distance is how far (x, y) lies outside the ring, 0 inside.
func (m *Mapper) distance(x, y float32) float32 {
	best, inside := float32(1e12), false
	p := m.ring[len(m.ring)-1]
	for _, q := range m.ring {
		if (p[1] <= y) != (q[1] <= y) && x < p[0]+(q[0]-p[0])*(y-p[1])/(q[1]-p[1]) {
			inside = !inside
		}
		dx, dy := q[0]-p[0], q[1]-p[1]
		t := float32(0)
		if l := dx*dx + dy*dy; l > 0 {
			t = min(max(((x-p[0])*dx+(y-p[1])*dy)/l, 0), 1)
		}
		ex, ey := p[0]+t*dx-x, p[1]+t*dy-y
		best = min(best, ex*ex+ey*ey)
		p = q
	}
	if inside {
		return 0
	}
	return float32(math.Sqrt(float64(best)))
}

// ramp tells how far each pixel is below a row of teeth, whose edge hangs drop below the anchor.
func (m *Mapper) ramp(dst []byte, st *motion.State, anchor motion.Vec3, drop float32, a *Alignment) {
	e := m.region.Edge
	anchor.Y += drop
	p := st.Head.Apply(anchor)
	_, at := a.Into(p.X, p.Y)
	perPixel := m.region.Side / float32(e) / 0.5 * 255
	for y := range e {
		v := byte(min(max(127.5+(float32(y)+0.5-at)*perPixel, 0), 255) + 0.5)
		row := dst[y*e : (y+1)*e]
		for x := range row {
			row[x] = v
		}
	}
}

func flat(dst []byte, value float64) {
	v := byte(min(max(value, 0), 255))
	for i := range dst {
		dst[i] = v
	}
}
