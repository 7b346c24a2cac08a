package views

import (
	"errors"
	"math"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Posed adds to the pictures of one session. One goroutine owns it.
type Posed struct {
	*Views
	weight, kernel, feature []float32
	near                    []float32
	mixer                   mixer
	mixed                   [3][]float32                // of the chart, chroma at half its scale
	upper, lower            [insidePlanes][]float32     // of the inside of the mouth
	places                  [landmark.Count]motion.Vec3 // pixels
	aperture                aperture
	region                  portrait.Region
	anchor                  motion.Vec3
}

// NewPosed makes one for a session.
func (v *Views) NewPosed() *Posed {
	n := 0
	for _, g := range v.groups {
		n = max(n, len(g.takes))
	}
	p := &Posed{Views: v, weight: make([]float32, n), kernel: make([]float32, n), near: make([]float32, n), feature: make([]float32, 0, 1024), region: portrait.Mouth()}
	p.mixer = mixer{sum: make([]uint64, max(v.chart.w*v.chart.h, p.region.Edge*p.region.Edge)/lanes), shares: make([]int, n)}
	p.anchor = p.region.Anchor(v.rest)
	for k := range p.mixed {
		size := v.chart.w * v.chart.h
		if k > 0 {
			size /= 4
		}
		p.mixed[k] = make([]float32, size)
	}
	for k := range p.upper {
		p.upper[k], p.lower[k] = make([]float32, p.region.Edge*p.region.Edge), make([]float32, p.region.Edge*p.region.Edge)
	}
	return p
}

var errSize = errors.New("views: the picture has another size than the views were made for")

// Paint adds to dst, in which the portrait is drawn for st, what its further views know, from the column left on. It does
// not allocate.
func (p *Posed) Paint(dst *frame.I420, st *motion.State, left int) error {
	if dst.Width != p.size || dst.Height != p.size {
		return errSize
	}
	for i, q := range st.Points {
		q = st.Head.Apply(q)
		p.places[i] = motion.Vec3{X: q.X * float32(p.size), Y: q.Y * float32(p.size)}
	}
	if p.mixSkin(st) {
		p.paintSkin(dst, left)
	}
	p.paintInside(dst, st, left)
	return nil
}

// mixSkin mixes the residues of the skin; false if nothing counts.
func (p *Posed) mixSkin(st *motion.State) (some bool) {
	for k := range p.mixed {
		clear(p.mixed[k])
	}
	w := p.chart.w
	for k, s := range p.skin {
		g := p.groups[k]
		g.weights(p.weight, p.feature, p.kernel, st)
		if s.X1 == 0 || !p.mixer.weigh(p.weight[:len(g.takes)]) {
			continue
		}
		some = true
		half := s.half()
		p.mixer.mix(p.mixed[0], w, &s.box, s.luma)
		p.mixer.mix(p.mixed[1], w/2, &half, s.u)
		p.mixer.mix(p.mixed[2], w/2, &half, s.v)
	}
	return some
}

func (p *Posed) paintSkin(f *frame.I420, left int) {
	c := p.chart
	for k := range c.triangles {
		t := &c.triangles[k]
		a, b, d := p.places[t[0]], p.places[t[1]], p.places[t[2]]
		if !usable(&a) || !usable(&b) || !usable(&d) || !(c.sign*area(&a, &b, &d) > 0.05) {
			continue
		}
		u := [3]motion.Vec3{c.uv[t[0]], c.uv[t[1]], c.uv[t[2]]}
		g := newGradient(&a, &b, &d, &u)
		g.addLuma(f, left, p.mixed[0], c.w, c.h)
		for _, q := range [...]*motion.Vec3{&a, &b, &d, &u[0], &u[1], &u[2]} {
			q.X, q.Y = q.X/2, q.Y/2
		}
		g = newGradient(&a, &b, &d, &u)
		g.addChroma(f, left/2, p.mixed[1], p.mixed[2], c.w/2, c.h/2)
	}
}

// usable refuses places that no picture has, numbers that are none included.
func usable(p *motion.Vec3) bool { return p.X > -16000 && p.X < 16000 && p.Y > -16000 && p.Y < 16000 }

// gradient is a triangle of a picture and how the chart runs over it.
type gradient struct {
	v          [3]motion.Vec3 // sorted by height
	u0, ux, uy float32
	w0, wx, wy float32
}

func newGradient(a, b, c *motion.Vec3, uv *[3]motion.Vec3) gradient {
	g := gradient{v: [3]motion.Vec3{*a, *b, *c}}
	all := area(a, b, c)
	e1x, e1y, e2x, e2y := b.X-a.X, b.Y-a.Y, c.X-a.X, c.Y-a.Y
	along := func(p, q, r float32) (at, dx, dy float32) {
		dx = ((q-p)*e2y - (r-p)*e1y) / all
		dy = ((r-p)*e1x - (q-p)*e2x) / all
		return p - dx*a.X - dy*a.Y, dx, dy
	}
	g.u0, g.ux, g.uy = along(uv[0].X, uv[1].X, uv[2].X)
	g.w0, g.wx, g.wy = along(uv[0].Y, uv[1].Y, uv[2].Y)
	s := &g.v
	for _, k := range [...][2]int{{0, 1}, {1, 2}, {0, 1}} {
		if p, q := &s[k[0]], &s[k[1]]; q.Y < p.Y || q.Y == p.Y && q.X < p.X {
			*p, *q = *q, *p
		}
	}
	return g
}

// span is the run of pixels of row y whose centres lie in the triangle, between left and w, and where it begins on the chart.
// Triangles with a common edge share no pixel.
func (g *gradient) span(y, left, w int) (x0, x1 int, u, v float32) {
	at := float32(y) + 0.5
	xa := cross(&g.v[0], &g.v[2], at)
	xb := cross(&g.v[1], &g.v[2], at)
	if at < g.v[1].Y {
		xb = cross(&g.v[0], &g.v[1], at)
	}
	if xb < xa {
		xa, xb = xb, xa
	}
	x0, x1 = first(xa, left, w), first(xb, left, w)
	x := float32(x0) + 0.5
	return x0, x1, g.u0 + g.ux*x + g.uy*at - 0.5, g.w0 + g.wx*x + g.wy*at - 0.5
}

// addLuma lays the chart over the triangle's pixels.
func (g *gradient) addLuma(f *frame.I420, left int, src []float32, sw, sh int) {
	y1 := first(g.v[2].Y, 0, f.Height)
	for y := first(g.v[0].Y, 0, f.Height); y < y1; y++ {
		x0, x1, u, v := g.span(y, left, f.Width)
		for x := x0; x < x1; x++ {
			if i, j := int(u), int(v); u >= 0 && v >= 0 && i < sw-1 && j < sh-1 {
				fu, fv := u-float32(i), v-float32(j)
				o := j*sw + i
				p, q := src[o:o+2:o+2], src[o+sw:o+sw+2:o+sw+2]
				a := p[0] + (p[1]-p[0])*fu
				d := a + (q[0]+(q[1]-q[0])*fu-a)*fv
				row := &f.Y[y*f.Width+x]
				*row = added(*row, d, 235)
			}
			u += g.ux
			v += g.wx
		}
	}
}

// addChroma is addLuma for both planes of chroma, at half the scale.
func (g *gradient) addChroma(f *frame.I420, left int, su, sv []float32, sw, sh int) {
	w, h := f.Width/2, f.Height/2
	y1 := first(g.v[2].Y, 0, h)
	for y := first(g.v[0].Y, 0, h); y < y1; y++ {
		x0, x1, u, v := g.span(y, left, w)
		for x := x0; x < x1; x++ {
			if i, j := int(u+0.5), int(v+0.5); u >= -0.5 && v >= -0.5 && i < sw && j < sh { // chroma is soft enough without a mean
				o := j*sw + i
				f.U[y*w+x] = added(f.U[y*w+x], su[o], 240)
				f.V[y*w+x] = added(f.V[y*w+x], sv[o], 240)
			}
			u += g.ux
			v += g.wx
		}
	}
}

// first is the number of the first pixel whose centre is not before v, from least to most.
func first(v float32, least, most int) int {
	return int(min(max(math.Ceil(float64(v)-0.5), float64(least)), float64(most)))
}

// cross is where the line from p to q, p above q, passes a height.
func cross(p, q *motion.Vec3, y float32) float32 {
	d := q.Y - p.Y
	if d <= 0 {
		return p.X
	}
	return p.X + (q.X-p.X)*((y-p.Y)/d)
}

func (p *Posed) paintInside(f *frame.I420, st *motion.State, left int) {
	in := p.inside
	if in == nil || !(st.Points[motion.LowerLipInner].Y-st.Points[motion.UpperLipInner].Y > 0) {
		return
	}
	at := p.region.Align(&st.Head, p.anchor)
	if !p.aperture.read(&in.lips, st, &at) {
		return
	}
	g := p.groups[groupInside]
	if !g.mouth(p.weight, p.near, p.feature, p.kernel, st) || !p.mixer.weigh(p.weight[:len(g.takes)]) {
		return
	}
	for k := range p.upper {
		clear(p.upper[k])
		clear(p.lower[k])
		p.mixer.mix(p.upper[k], in.edge, &in.above, in.upper[k])
		p.mixer.mix(p.lower[k], in.edge, &in.below, in.lower[k])
	}
	px := at.Scaled(float32(p.size))
	in.paint(f, &p.aperture, &px, &p.upper, &p.lower, left)
}
