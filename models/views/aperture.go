package views

import (
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// aperture is the gap between the lips in the pixels of the mouth's region.
type aperture struct {
	from, to  float32 // the corners
	top, low  edge
	high, sag float32 // of the middle
}

// edge is the height of a line through the region, for the middle of each column.
type edge struct {
	at    [128]float32
	level [128]float32 // cosine of its slope there: how far a pixel above it is from it
}

// read fits a to a state whose region lies at at.
func (a *aperture) read(lips *lipContour, st *motion.State, at *portrait.Alignment) bool {
	var u, l [11][2]float32
	for k := range u {
		p, q := st.Head.Apply(st.Points[lips.upper[k]]), st.Head.Apply(st.Points[lips.lower[k]])
		u[k][0], u[k][1] = at.Into(p.X, p.Y)
		l[k][0], l[k][1] = at.Into(q.X, q.Y)
		for _, v := range [...]float32{u[k][0], u[k][1], l[k][0], l[k][1]} {
			if !(v > -2000 && v < 2000) {
				return false
			}
		}
	}
	a.from, a.to = u[0][0], u[10][0]
	if !(a.to-a.from > 4) {
		return false
	}
	a.top.through(&u)
	a.low.through(&l)
	m := int(min(max((a.from+a.to)/2, 0), 127))
	a.high, a.sag = a.top.at[m], a.low.at[m]
	return true
}

// through lays e through points, from left to right.
func (e *edge) through(points *[11][2]float32) {
	k := 0
	for x := range e.at {
		at := float32(x) + 0.5
		for k < len(points)-2 && points[k+1][0] < at {
			k++
		}
		p, q := &points[k], &points[k+1]
		dx, dy := max(q[0]-p[0], 0.01), q[1]-p[1]
		e.at[x], e.level[x] = p[1]+num.Clamp01((at-p[0])/dx)*dy, dx/num.Sqrt(dx*dx+dy*dy)
	}
}

// under is how far j lies below e at i.
func (e *edge) under(i, j float32) float32 {
	i = min(max(i-0.5, 0), 126)
	x := int(i)
	t := i - float32(x)
	return (j - e.at[x] - t*(e.at[x+1]-e.at[x])) * e.level[x]
}

// cover is how much of the pixel at (i, j), its centre, lies between the lips.
func (a *aperture) cover(i, j float32) float32 {
	return num.Clamp01(min(a.top.under(i, j), -a.low.under(i, j), i-a.from, a.to-i) + 0.5)
}

// height is that of the middle, one pixel at least.
func (a *aperture) height() float32 { return max(a.sag-a.high, 1) }

// rows bounds the heights at which cover is more than nothing.
func (a *aperture) rows() (top, low float32) {
	top, low = float32(len(a.top.at)), 0
	for x := range len(a.top.at) - 1 {
		if i := float32(x) + 0.5; i < a.from-2 || i > a.to+2 {
			continue
		}
		top = min(top, min(a.top.at[x], a.top.at[x+1])-0.5/a.top.level[x])
		low = max(low, max(a.low.at[x], a.low.at[x+1])+0.5/a.low.level[x])
	}
	return top, low
}

// box bounds what lies between the lips in a picture of w x h pixels; its corners are even.
func (a *aperture) box(px *portrait.Alignment, w, h int) (x0, y0, x1, y1 int) {
	top, low := a.top.at[0], a.low.at[0]
	for x := range a.top.at {
		top, low = min(top, a.top.at[x]), max(low, a.low.at[x])
	}
	l, t, r, b := float32(w), float32(h), float32(0), float32(0)
	for k := range 4 {
		i, j := a.from-1, top-1
		if k&1 != 0 {
			i = a.to + 1
		}
		if k&2 != 0 {
			j = low + 1
		}
		x, y := px.At(i, j)
		l, t, r, b = min(l, x), min(t, y), max(r, x), max(b, y)
	}
	within := func(v float32, most int) int { return int(min(max(v, 0), float32(most))) &^ 1 }
	return within(l, w), within(t, h), within(r+2, w), within(b+2, h)
}
