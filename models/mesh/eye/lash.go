package eye

import (
	"sort"

	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// lashLine is what the upper lashes look like once they lie on a shut eye, learned from the open one: what stands up from the lid's
// edge there hangs down from it here.
type lashLine struct {
	colour shade.Texel
	from   float32   // local s of the first column
	rows   int       // of a column, one a pixel, from the line down
	amount []float32 // opacity, column by column
}

// Openings, as shares of the portrait's own, between which the lash line comes in.
const lashBegin, lashFull = 0.62, 0.08

// Reach of lashes on a shut eye, in units of the eye's length, and how dark they are there.
const (
	lashReach  = 0.17 // where they have run out
	lashUp     = 1.25 // it runs out so many times faster upwards, where the lid hides the roots
	lashMost   = 0.85 // opacity: without the shade of an open lid on the eyeball
	lashDrawn  = 1.25 // how much more steeply it may rise than the picture: drawing softens it
	lashFaint  = 0.6  // share of that which is left at least where the picture is blurred: a shut eye needs its line
	lashSmooth = 300  // square of the eye's length over rounds of smoothing along the line: single hairs would look like dents
	lashGrey   = 14   // luma by which lashes must differ from skin, to be whole
)

// learnLash takes the line along the upper lid from the picture: how dark it is in each column, how far up that reaches, and what
// colour its darkest parts have.
func (e *Eye) learnLash() lashLine {
	n := len(e.upper.Value)
	l := lashLine{colour: e.lashColour(), from: e.upper.From, rows: int(lashReach*e.length) + 3}
	dark, edge := make([]shade.Texel, n), shade.NewCurve(l.from, n) // where each column is darkest
	for i := range n {
		dark[i], edge.Value[i] = e.darkest(l.from + float32(i))
		edge.Value[i] -= e.upper.Value[i]
	}
	soften(&edge, e.length)
	skin := e.lidLuma()
	l.amount = make([]float32, n*l.rows)
	for i := range n {
		s := l.from + float32(i)
		at := e.upper.Value[i] + edge.Value[i]
		contrast := max(skin.Value[i]-l.colour.Y, lashGrey)
		share := lashMost * e.lashAlong(s) * e.freeAt(s, at)
		least := num.Clamp01((skin.Value[i] - dark[i].Y) / contrast)
		for j := range l.rows {
			if j > 0 { // what is darker further up is the lid's crease, a brow or a rim
				v := e.skin.Sample(e.frame.To(s, at-float32(j)))
				least = min(least, num.Clamp01((skin.Value[i]-v.Y)/contrast))
			}
			l.amount[i*l.rows+j] = share * least * (1 - num.Smoothstep(0, lashReach*e.length, float32(j)))
		}
	}
	l.soften(max(int(e.length*e.length/lashSmooth), 1))
	e.matchEdge(&l)
	return l
}

// matchEdge makes the line fainter where it would rise more steeply to shut skin than the picture's own does to the open lid: a
// blurred picture has no hard lines.
func (e *Eye) matchEdge(l *lashLine) {
	var own, line float32
	contrast := max(e.model.upper.Y, e.model.lower.Y) - l.colour.Y
	for i := range e.upper.Value {
		s := l.from + float32(i)
		if num.Abs(e.across(s)) > 0.6 {
			continue
		}
		var most, rise float32
		_, at := e.darkest(s)
		for j := range l.rows - 1 {
			a, b := e.skin.Sample(e.frame.To(s, at-float32(j))), e.skin.Sample(e.frame.To(s, at-float32(j+1)))
			most = max(most, b.Y-a.Y)
			rise = max(rise, (l.amount[i*l.rows+j]-l.amount[i*l.rows+j+1])*lashUp*contrast)
		}
		own, line = own+most*lashDrawn, line+rise
	}
	if line <= own {
		return
	}
	for o := range l.amount {
		l.amount[o] *= max(own/line, lashFaint)
	}
}

// lidLuma is how bright the lid is between lashes and crease.
func (e *Eye) lidLuma() shade.Curve {
	c := shade.NewCurve(e.upper.From, len(e.upper.Value))
	for i := range c.Value {
		for j := range int(lashReach*e.length) + 1 {
			c.Value[i] = max(c.Value[i], e.skin.Sample(e.frame.To(c.From+float32(i), e.upper.Value[i]-float32(j))).Y)
		}
	}
	soften(&c, e.length)
	return c
}

// darkest is the darkest colour at the upper lid's edge in column s, and where it is.
func (e *Eye) darkest(s float32) (dark shade.Texel, at float32) {
	dark.Y = 255
	for t := e.upper.At(s) - 0.03*e.length - 1; t < e.upper.At(s)+1.5; t++ {
		if v := e.skin.Sample(e.frame.To(s, t)); v.Y < dark.Y {
			dark, at = v, t
		}
	}
	return dark, at
}

// lashColour is the mean of the darkest columns between the corners.
func (e *Eye) lashColour() (mean shade.Texel) {
	var list []shade.Texel
	for i := range 25 {
		c, _ := e.darkest(-0.8*e.left + 0.8*(e.left+e.right)*float32(i)/24)
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Y < list[j].Y })
	list = list[2 : 2+len(list)/2]
	n := float32(len(list))
	for _, c := range list {
		mean.Y, mean.U, mean.V = mean.Y+c.Y/n, mean.U+c.U/n, mean.V+c.V/n
	}
	// Half of its hue is skin's in shade: the iris, a pixel below, tints lashes blue.
	skin := e.model.upper.Dim(max(mean.Y-16, 1) / max(e.model.upper.Y-16, 1))
	return shade.Texel{Y: mean.Y, U: (mean.U + skin.U) / 2, V: (mean.V + skin.V) / 2, A: 1}
}

// lashAlong lets the line run out towards the corners, 0..1: sooner at the inner one.
func (e *Eye) lashAlong(s float32) float32 {
	x := e.across(s) * (2*float32(e.index) - 1) // 1 at the outer corner
	return num.Smoothstep(-1, -0.5, x) * (1 - num.Smoothstep(0.7, 1.12, x))
}

// soften smooths along the line, rounds times over three columns.
func (l *lashLine) soften(rounds int) {
	for range rounds {
		for j := range l.rows {
			prev := l.amount[j]
			for o := j + l.rows; o+l.rows < len(l.amount); o += l.rows {
				v := l.amount[o]
				l.amount[o] = (prev + 2*v + l.amount[o+l.rows]) / 4
				prev = v
			}
		}
	}
}

// at is the opacity at local s, t pixels below the line.
func (l *lashLine) at(s, t float32) float32 {
	if t < 0 {
		t *= -lashUp
	}
	s -= l.from
	i, j := int(s), int(t)
	if s < 0 || j+1 >= l.rows || (i+2)*l.rows > len(l.amount) {
		return 0
	}
	fs, ft := s-float32(i), t-float32(j)
	o := i*l.rows + j
	a, b := l.amount[o]+(l.amount[o+1]-l.amount[o])*ft, l.amount[o+l.rows]+(l.amount[o+l.rows+1]-l.amount[o+l.rows])*ft
	return a + (b-a)*fs
}

// across brings s to -1 at the left corner and 1 at the right one.
func (e *Eye) across(s float32) float32 { return (2*s - e.right + e.left) / (e.right + e.left) }

// arc lays a shallow smooth bow between the corners under c's ends: chord plus sag*w*(0.65+0.35w), w = 1-x^2, x from -1 to 1,
// with the sag that fits c best (least squares). c moves there by share, 0..1; the wings beyond the corners stay.
func (e *Eye) arc(c *shade.Curve, share float32) {
	a, b := c.At(-e.left), c.At(e.right)
	at := func(i int) (x, chord, bow float32) {
		x = e.across(c.From + float32(i))
		w := 1 - x*x
		return x, (a + b + (b-a)*x) / 2, w * (0.65 + 0.35*w)
	}
	var dot, square float32
	for i, v := range c.Value {
		if x, chord, w := at(i); num.Abs(x) < 1 {
			dot += (v - chord) * w
			square += w * w
		}
	}
	sag := min(max(dot/max(square, 1), 0.03*e.length), 0.30*e.length)
	for i := range c.Value {
		if x, chord, w := at(i); num.Abs(x) < 1 {
			c.Value[i] += share * (chord + sag*w - c.Value[i])
		}
	}
}

// lash is the opacity of the line at local s, t pixels below the edge of a closing lid.
func (e *Posed) lash(s, t float32) float32 { return min(1.7*e.shut, 1) * e.line.at(s, t) }

// underLash is how much shade the lashes throw on what is t pixels below them.
func (e *Posed) underLash(s, t float32) float32 {
	reach := 1 - t/(0.2*e.length)
	if t < 0 || reach <= 0 {
		return 0
	}
	x := e.across(s)
	return e.shut * 0.12 * max(1-x*x, 0) * reach * reach
}
