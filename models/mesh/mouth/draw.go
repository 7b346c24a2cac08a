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

// overbite is how far the upper teeth cover the lower ones where they meet, head units.
const overbite = 0.035

// clenched is how far the chin sinks, head units, before the teeth surely part: lips that draw back move it too.
const clenched = 0.16

// The lower teeth are bared by lips that are drawn wide, and by a lower lip that is drawn down while the chin stays, head units. Lips
// that only part keep them covered. Numbers are those of strangers' films.
const (
	lowerWide = 0.12 // bared by a wide mouth
	wideFrom  = 0.97 // width of the mouth over that at rest
	wideFull  = 1.26
	lowerMost = 0.09 // by a lip drawn down; in a wide mouth more by lowerGrin
	lowerGrin = 0.04
	chinSays  = 2.1  // a lip that falls so many times as far as the chin is not drawn down
	chinFrom  = 0.19 // from so far a fall on the chin tells less, and in the end nothing
	chinNever = 0.32
)

// Light on the lower teeth: a sliver is in the lip's shade, a row that is bared is not.
const (
	lowerDim = 0.30
	lowerLit = 0.90
)

// Light that reaches the upper teeth: a lip that bares them lets some in, a smile that turns the lips out the rest.
const (
	dimmest  = 0.42 // of a sliver, all light being 1
	barely   = 0.02 // head units bared, from which on more reaches them
	bared    = 0.13 // and to which
	byLip    = 0.72 // share of the rest that a raised lip lets in
	bySmile  = 0.85 // and that a smile does
	smileLit = 1.26 // width of the mouth over that at rest from which it does in full
)

// A tooth shows its own colour as far as light reaches it: none in less than ownFrom, all from 1/ownSlope more on.
const (
	ownFrom  = 0.30
	ownSlope = 1.6
)

// redShade is the share of its colour that a part of the mouth keeps where no light falls on it: what light there is comes from lips and tongue.
// Over six strangers red less green is 0.6 to 1.0 of the skin's from the lip's edge to the lower lip, however dark it is there.
const redShade = 0.45

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
	skull  float32 // see skullOff
	drop   float32 // of the lower teeth, head units
	lit    float32 // how far the upper teeth are out of the lips' shade, 0..1
	lowLit float32 // on the lower ones
	deep   float32 // 0 for lips that hardly part .. 1 for a mouth that lets light in
	agape  float32 // 0 .. 1 for a mouth so wide that tongue and throat are told apart
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
	m.skull = skullOff(p)
	o := h.Apply(motion.Vec3{X: m.x, Y: m.y + m.skull, Z: m.z})
	m.to, m.on = shade.NewAffine(o.X, o.Y, yy, -yx, yx, yy)
	if !m.on {
		return
	}
	m.contour(p)
	if !m.on {
		return
	}
	// However little the chin tells, a lower lip that sinks takes the teeth with it, but for what it bares where it is drawn wide.
	mid := (m.to0 + m.to1) / 2
	lip, up := m.bottom.At(mid)/m.tall, -m.top.At(mid)/m.tall
	wide := m.wideness(p)
	bare := m.bare(p, wide)
	m.drop = max(p.Jaw*jawReach*num.Smoothstep(0, clenched, p.Jaw)-overbite*m.scale, lip-bare*m.scale)
	m.lowLit = lowerDim + (lowerLit-lowerDim)*num.Smoothstep(0.02, 0.08, bare)
	gap := m.gap / m.tall
	m.lit = num.Clamp01(byLip*num.Smoothstep(barely*m.scale, bared*m.scale, up)+bySmile*num.Smoothstep(1.04, smileLit, wide)) * (0.7 + 0.3*num.Smoothstep(0.02, 0.16, gap))
	m.deep = num.Smoothstep(0.04, 0.35, gap)
	m.agape = num.Smoothstep(agapeFrom, agapeFull, gap)
	m.lit += (1 - m.lit) * byYell * m.agape
	m.arch(p, &m.upper, 0, 0)
	m.arch(p, &m.lower, m.drop, 0.03*m.scale)
}

// skullOff is how far below its place in the state's head frame the skull is, head units: where much of a face moves, the frame is fitted
// to what does not quite stay. The nose sits on the skull as the upper teeth do.
func skullOff(p *pose.Pose) (off float32) {
	nose := [...]int{1, 2, 4}
	for _, i := range nose {
		off += p.Points[i].Y - p.Rest.Points[i].Y
	}
	return num.Bound(off/float32(len(nose)), 0.2)
}

// wideness is the mouth's width over that at rest.
func (m *Posed) wideness(p *pose.Pose) float32 {
	l, r := m.lips.upper[0], m.lips.upper[10]
	return (p.Points[r].X - p.Points[l].X) / max(m.g.Points[r].X-m.g.Points[l].X, 0.1)
}

// bare is how much of the lower teeth the lips bare, head units of an average mouth.
func (m *Posed) bare(p *pose.Pose, wide float32) float32 {
	fall := func(i int) float32 { return p.Points[i].Y - m.g.Points[i].Y - m.skull }
	lip := fall(motion.LowerLipInner)
	grin := num.Smoothstep(wideFrom, wideFull, wide)
	drawn := min(lip-chinSays*max(fall(motion.ChinTip), 0), lowerMost+lowerGrin*grin) * (1 - num.Smoothstep(chinFrom, chinNever, lip))
	return max(drawn, lowerWide*grin*(1-0.4*num.Smoothstep(chinFrom, 2*chinNever, lip)))
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
	c := m.cavity(s, t, top, low)
	i := int(s - m.from + 0.5)
	if i >= 0 && i < len(m.top.Value) {
		c = m.row(c, &m.lower, m.Mouth.lower, i, t, -1)
		c = m.row(c, &m.upper, m.Mouth.upper, i, t, 1)
	}
	// Lips shade what lies behind them, most where they are far apart: an open mouth is told from a shut one by that rim.
	u := m.wide
	deep := min(0.08*u, 0.4*m.gap) // a narrow gap is not all shade
	top0, low0, side0 := 0.62-0.16*m.deep, 0.75-0.15*m.deep+0.3*m.agape, 0.55-0.15*m.deep
	bright := top0 + (1-top0)*num.Smoothstep(0, deep, t-top)
	bright *= low0 + (1-low0)*num.Smoothstep(0, 0.6*deep, low-t)
	bright *= side0 + (1-side0)*num.Smoothstep(0, 0.13*m.scale*u, min(s-m.to0, m.to1-s))
	c = dim(c, bright*(1+m.light*s/u))
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
	lit := m.lit
	if side < 0 {
		lit = m.lowLit
	}
	light := (dimmest + (1-dimmest)*lit) * depth
	own := num.Clamp01(ownSlope * (k.light*light - ownFrom)) // the rest of its light comes from lips and tongue
	tone := dim(shade.Lerp(m.flesh, m.tooth, own*(1-m.bleed)), k.light*light)
	tone = shade.Lerp(tone, dim(m.gum, 0.8*light), k.gum)
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
