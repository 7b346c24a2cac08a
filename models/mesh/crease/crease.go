package crease

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Shape and strength of shade and light.
const (
	steepWidth = 0.045 // width of the fold's shade towards the cheek, head units
	softWidth  = 0.14  // the same towards the mouth
	shadeMost  = 0.24  // most opacity of the shade
	glowMost   = 0.16  // most opacity of the light beside it
	glowAway   = 0.13  // how far from the fold the cheek is brightest, head units
)

// line is the fold on one side, from the nose down, and the corner of the mouth there.
type line struct {
	points [5]uint16
	corner uint16
	side   float32 // -1 on the picture's left
}

func lines() [2]line {
	return [2]line{
		{[5]uint16{129, 203, 206, 216, 212}, motion.MouthLeft, -1},
		{[5]uint16{358, 423, 426, 436, 432}, motion.MouthRight, 1},
	}
}

// Crease is one fold of a portrait, immutable and shared.
type Crease struct {
	line       line
	dark, glow shade.Texel
}

// New takes the colours of the folds on the picture's left and right from the cheeks. face is in texture pixels and stays untouched.
func New(g *pose.Geometry, face planar.Picture) (list [2]*Crease) {
	for i, l := range lines() {
		skin := shade.Opaque(g.Mean(face, l.points[1], l.points[2], l.points[3]))
		list[i] = &Crease{line: l, dark: shade.Texel{Y: 16 + (skin.Y-16)*0.55, U: 128 + (skin.U-128)*1.4, V: 128 + (skin.V-128)*1.6, A: 1}}
		list[i].glow = shade.Texel{Y: 16 + (skin.Y-16)*1.25, U: skin.U, V: skin.V, A: 1}
	}
	return list
}

// NewPosed returns the fold without a pose: it draws nothing before Set.
func (c *Crease) NewPosed() *Posed { return &Posed{Crease: c} }

// Posed is a fold in one pose; one goroutine owns it.
type Posed struct {
	*Crease
	x, y     [5]float32 // output pixels
	strength float32    // 0..1
	unit     float32    // pixels per head unit
	out      float32    // sign of the cross product on the cheek's side
	box      planar.Rect
}

// Set reads from p how much further than in the picture the corner of the mouth is drawn out and up. It allocates nothing.
func (c *Posed) Set(p *pose.Pose) {
	q, r := p.Points[c.line.corner], p.Rest.Points[c.line.corner]
	smile := (q.X-r.X)*c.line.side + 0.8*(r.Y-q.Y)
	// The skin there faces forwards and outwards: on the far side of a turned face the fold is not to be seen.
	facing := 0.8*p.Head.R[8] - 0.6*c.line.side*p.Head.R[6]
	c.strength = num.Smoothstep(0.04, 0.24, smile) * num.Smoothstep(0.35, 0.65, facing)
	if c.strength == 0 {
		return
	}
	c.unit, c.out = p.Head.Scale, -c.line.side
	x0, y0, x1, y1 := float32(1e6), float32(1e6), float32(-1e6), float32(-1e6)
	for i, k := range c.line.points {
		c.x[i], c.y[i] = p.Screen[k].X, p.Screen[k].Y
		x0, y0, x1, y1 = min(x0, c.x[i]), min(y0, c.y[i]), max(x1, c.x[i]), max(y1, c.y[i])
	}
	m := (glowAway + 0.12) * c.unit
	lim := func(v float32) int { return int(min(max(v, -4096), 4096)) }
	c.box = planar.Rect{X0: lim(x0 - m), Y0: lim(y0 - m), X1: lim(x1 + m), Y1: lim(y1 + m)}
}

// Draw shades the band of f. Bands may be drawn at the same time, each with scratch of its own.
func (c *Posed) Draw(f *frame.I420, bd planar.Band, scratch *shade.Patch) {
	if c.strength > 0 {
		scratch.Paint(f, bd, c.box, c)
	}
}

// Shade implements shade.Shader: it finds the nearest point of the fold, along from 0 to 1, and the distance to it, positive
// towards the cheek.
func (c *Posed) Shade(x, y float32) shade.Texel {
	best, along, side := float32(1e9), float32(0), float32(1)
	for i := range len(c.x) - 1 {
		dx, dy := c.x[i+1]-c.x[i], c.y[i+1]-c.y[i]
		px, py := x-c.x[i], y-c.y[i]
		k := num.Clamp01((px*dx + py*dy) / max(dx*dx+dy*dy, 1e-3))
		ex, ey := px-k*dx, py-k*dy
		if d := ex*ex + ey*ey; d < best {
			best, along, side = d, (float32(i)+k)/float32(len(c.x)-1), dx*py-dy*px
		}
	}
	v := num.Sqrt(best) / c.unit * num.Sign(side) * c.out
	ends := num.Smoothstep(0, 0.25, along) * (1 - num.Smoothstep(0.6, 1, along)) * c.strength
	width := float32(steepWidth)
	if v < 0 {
		width = softWidth
	}
	fold := shadeMost * bell(v/width)
	glow := glowMost * bell((v-glowAway)/glowAway)
	if net := (fold - glow) * ends; net >= 0 {
		t := c.dark
		t.A = net
		return t
	}
	t := c.glow
	t.A = (glow - fold) * ends
	return t
}

// bell falls smoothly from 1 at 0 to 0 at 1 and -1.
func bell(v float32) float32 {
	v = 1 - v*v
	if v <= 0 {
		return 0
	}
	return v * v
}
