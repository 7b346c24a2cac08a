package mouth

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// jawReach is how far the lower teeth sink for each unit the chin does: the jaw hinges behind them.
const jawReach = 0.85

// clenched is how far the chin sinks, head units, before the teeth surely part: lips that draw back move it too.
const clenched = 0.16

// lowerShown is how much of the lower teeth shows above the lip at most, head units.
const lowerShown = 0.09

// Posed is the mouth in one pose; one goroutine owns it. Its local frame has t along the head's own downward axis in the picture and
// s across it, in output pixels, so that a row of teeth needs one look-up per column.
type Posed struct {
	*Mouth
	on     bool
	to     shade.Affine
	top    shade.Curve // upper lip's inner edge
	bottom shade.Curve
	upper  archColumns
	lower  archColumns
	from   float32 // s of the first column
	to1    float32 // s of the corners
	to0    float32
	tall   float32 // pixels per head unit along t
	wide   float32 // along s
	drop   float32 // of the lower teeth, head units
	gap    float32 // largest gap, pixels
	box    planar.Rect
}

// NewPosed returns the mouth without a pose: it draws nothing before Set.
func (m *Mouth) NewPosed() *Posed {
	n := m.g.Size
	col := func() archColumns { return archColumns{make([]float32, n), make([]float32, n), make([]float32, n)} }
	p := &Posed{Mouth: m, upper: col(), lower: col()}
	p.top, p.bottom = shade.NewCurve(0, n), shade.NewCurve(0, n)
	return p
}

// Set reads lips and jaw of p. It allocates nothing.
func (m *Posed) Set(p *pose.Pose) {
	h := &p.Head
	yx, yy := h.Scale*h.R[1], h.Scale*h.R[4]
	m.tall = float32(math.Hypot(float64(yx), float64(yy)))
	m.wide = h.Scale
	m.on = m.tall > 1
	if !m.on {
		return
	}
	yx, yy = yx/m.tall, yy/m.tall
	o := h.Apply(motion.Vec3{X: m.x, Y: m.y, Z: m.z})
	m.to, m.on = shade.NewAffine(o.X, o.Y, yy, -yx, yx, yy)
	if !m.on {
		return
	}
	m.contour(p)
	if !m.on {
		return
	}
	// However little the chin tells, a lower lip that sinks takes the teeth with it in the end: no face bares all
	// of them.
	lip := m.bottom.At((m.to0+m.to1)/2) / m.tall
	m.drop = max(p.Jaw*jawReach*num.Smoothstep(0, clenched, p.Jaw), lip-lowerShown*m.scale)
	m.arch(p, &m.upper, 0, 0)
	m.arch(p, &m.lower, m.drop, 0.03*m.scale)
}

// contour brings the inner lips into the local frame.
func (m *Posed) contour(p *pose.Pose) {
	var us, ut, ls, lt [11]float32
	for k := range 11 {
		u, l := p.Screen[m.lips.upper[k]], p.Screen[m.lips.lower[k]]
		us[k], ut[k] = m.to.Back(u.X, u.Y)
		ls[k], lt[k] = m.to.Back(l.X, l.Y)
	}
	m.to0, m.to1 = us[0], us[10]
	n := cap(m.top.Value)
	m.from = float32(math.Floor(float64(m.to0))) - 2
	if !(m.to1-m.to0 > 2) || m.to1-m.from > float32(n-4) {
		m.on = false
		return
	}
	count := int(m.to1-m.from) + 4
	m.top = shade.Curve{From: m.from, Value: m.top.Value[:count]}
	m.bottom = shade.Curve{From: m.from, Value: m.bottom.Value[:count]}
	m.top.Fit(us[:], ut[:])
	m.bottom.Fit(ls[:], lt[:])
	// Corners of a mouth that is wide open are round.
	open := 0.7 * num.Smoothstep(0.25, 0.6, (lt[5]-ut[5])/(m.to1-m.to0))
	m.top.Round(us[:], ut[:], open)
	m.bottom.Round(ls[:], lt[:], open)
	low, high := float32(-1e9), float32(1e9)
	m.gap = 0
	for i := range m.top.Value {
		m.gap = max(m.gap, m.bottom.Value[i]-m.top.Value[i])
		low, high = max(low, m.bottom.Value[i]), min(high, m.top.Value[i])
	}
	m.on = m.gap > 0.3
	m.box = m.to.Box(m.to0-1, high-1, m.to1+1, low+1)
}

// Draw paints the inside of the mouth into the band of f. Bands may be drawn at the same time, each with scratch of its own.
func (m *Posed) Draw(f *frame.I420, bd planar.Band, scratch *shade.Patch) {
	if m.on {
		scratch.Paint(f, bd, m.box, m)
	}
}

// Shade implements shade.Shader.
func (m *Posed) Shade(x, y float32) shade.Texel {
	s, t := m.to.Back(x, y)
	if s < m.to0-1 || s > m.to1+1 {
		return shade.Texel{}
	}
	top, low := m.top.At(s), m.bottom.At(s)
	in := min((t-top)*flatness(&m.top, s), (low-t)*flatness(&m.bottom, s), s-m.to0, m.to1-s)
	a := min(num.Clamp01(in+0.5), num.Clamp01((low-top)*0.8))
	if a == 0 {
		return shade.Texel{}
	}
	c := m.cavity(s, t)
	i := int(s - m.from + 0.5)
	if i >= 0 && i < len(m.top.Value) {
		c = m.row(c, &m.lower, m.Mouth.lower, i, t, -1)
		c = m.row(c, &m.upper, m.Mouth.upper, i, t, 1)
	}
	// Lips shade what lies behind them.
	u := m.wide
	deep := min(0.08*u, 0.4*m.gap) // a narrow gap is not all shade
	bright := 0.70 + 0.30*num.Smoothstep(0, deep, t-top)
	bright *= 0.88 + 0.12*num.Smoothstep(0, 0.6*deep, low-t)
	bright *= 0.40 + 0.60*num.Smoothstep(0, 0.13*m.scale*u, min(s-m.to0, m.to1-s))
	c = c.Dim(bright * (1 + m.light*s/u))
	if m.own != nil && i >= 0 && i < len(m.top.Value) {
		c = m.ownMouth(c, i, t, top, low)
	}
	c.A = a
	return c
}

// flatness turns a vertical distance to a curve into one across it.
func flatness(c *shade.Curve, s float32) float32 {
	d := (c.At(s+1) - c.At(s-1)) / 2
	return 1 / num.Sqrt(1+d*d)
}

// cavity is throat and tongue.
func (m *Posed) cavity(s, t float32) shade.Texel {
	u := m.wide
	c := m.dark
	// The tongue lies between the lower teeth: a dome that sinks with the jaw.
	edge := m.drop*m.tall + 0.01*u
	x := s / (0.30 * m.scale * u)
	crest := edge - (0.05+0.35*m.drop)*u + 0.12*u*x*x
	if d := t - crest; d > 0 && m.drop > 0.05 {
		k := num.Smoothstep(0, 0.10*u, d) * num.Smoothstep(0.05, 0.2, m.drop) * (1 - num.Smoothstep(0.7, 1.1, num.Abs(x)))
		tongue := m.tongue.Dim(0.45 + 0.40*num.Smoothstep(0, 0.25*u, d) - 0.12*num.Exp(-x*x*60))
		c = c.Blend(tongue, k)
	}
	return c
}

// row draws a row of teeth over c. side is 1 for the upper, -1 for the lower row.
func (m *Posed) row(c shade.Texel, cols *archColumns, row *toothRow, i int, t, side float32) shade.Texel {
	arc := cols.arc[i]
	if arc > 1e5 {
		return c
	}
	height := (cols.t[i] - t) * side / m.tall
	k := row.sample(arc, height)
	if k.a == 0 {
		return c
	}
	x := cols.x[i] / m.half
	depth := 1 - 0.50*num.Smoothstep(0.25, 1, num.Abs(x))
	tone := shade.Lerp(m.tooth.Dim(k.light), m.gum.Dim(0.8), k.gum).Dim(depth)
	if side < 0 {
		tone = tone.Dim(0.88)
	}
	tone.A = k.a
	return c.Blend(tone, 1)
}

// ownMouth lays the picture's own teeth over c, where they were, fixed to the skull. As the mouth opens further their
// lower border dissolves.
func (m *Posed) ownMouth(c shade.Texel, i int, t, top, low float32) shade.Texel {
	x := m.upper.x[i]
	y := m.y + (t-m.upper.t[i])/m.tall
	q := m.g.Head.Apply(motion.Vec3{X: m.x + x, Y: y, Z: m.z + m.bend*x*x})
	if !m.own.Has(q.X, q.Y) {
		return c
	}
	e := m.ownEdge.Sample(q.X, q.Y)
	// What lips hid in the picture they may show now: the borders dissolve as far as the lips have moved away.
	k := num.Clamp01(e.Y*m.wide+0.7) * num.Clamp01(e.U*m.wide+0.7)
	if up := min((t-top)/m.tall-e.Y, 0.05); up > 0.002 {
		k *= num.Smoothstep(0, up, e.Y)
	}
	if down := min((low-t)/m.tall-e.U, 0.06); down > 0.002 {
		k *= num.Smoothstep(0, down, e.U)
	}
	return c.Blend(m.own.Sample(q.X, q.Y), k)
}
