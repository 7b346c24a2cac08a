package views

import (
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// aperture is the gap between the lips in the pixels of the mouth's region.
type aperture struct {
	from, to  float32 // the corners
	top, low  [128]float32
	high, sag float32 // of the middle
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
	line(&a.top, &u)
	line(&a.low, &l)
	m := int(min(max((a.from+a.to)/2, 0), 127))
	a.high, a.sag = a.top[m], a.low[m]
	return true
}

// line writes the height of the line through points, from left to right, for each column.
func line(dst *[128]float32, points *[11][2]float32) {
	k := 0
	for x := range dst {
		at := float32(x) + 0.5
		for k < len(points)-2 && points[k+1][0] < at {
			k++
		}
		p, q := &points[k], &points[k+1]
		t := num.Clamp01((at - p[0]) / max(q[0]-p[0], 0.01))
		dst[x] = p[1] + t*(q[1]-p[1])
	}
}

// cover is how much of the pixel at (i, j), its centre, lies between the lips.
func (a *aperture) cover(i, j float32) float32 {
	x := int(min(max(i, 0), 127))
	return num.Clamp01(min(j-a.top[x], a.low[x]-j, i-a.from, a.to-i) + 0.5)
}

// box bounds what lies between the lips in a picture of w x h pixels; its corners are even.
func (a *aperture) box(px *portrait.Alignment, w, h int) (x0, y0, x1, y1 int) {
	top, low := a.top[0], a.low[0]
	for x := range a.top {
		top, low = min(top, a.top[x]), max(low, a.low[x])
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
