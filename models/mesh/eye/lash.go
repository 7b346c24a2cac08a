package eye

import (
	"sort"

	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// lashLine is what the upper lashes look like once they lie on a shut eye, learned from the open one.
type lashLine struct {
	colour shade.Texel
	width  float32 // from the line's middle to half its opacity where it is thickest, pixels
	soft   float32 // over which its edge runs out, pixels
	amount float32 // greatest opacity: low where the lid's edge hardly differs from skin, as a statue's
}

// Openings, as shares of the portrait's own, between which the lash line comes in.
const lashBegin, lashFull = 0.62, 0.08

// learnLash measures the line along the upper lid, corners left out: its darkest pixels, and how steeply they rise to the
// skin above.
func (e *Eye) learnLash() lashLine {
	reach := 0.07 * e.length
	type column struct {
		dark  shade.Texel
		steep float32 // luma per pixel
	}
	var list []column
	for i := range 25 {
		s := -0.8*e.left + 0.8*(e.left+e.right)*float32(i)/24
		c := column{dark: shade.Texel{Y: 255}}
		last := float32(-1)
		for t := e.upper.At(s) - reach - 2; t < e.upper.At(s)+1.5; t++ {
			v := e.skin.Sample(e.frame.To(s, t))
			if last >= 0 {
				c.steep = max(c.steep, last-v.Y)
			}
			if last = v.Y; v.Y < c.dark.Y {
				c.dark = v
			}
		}
		list = append(list, c)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].dark.Y < list[j].dark.Y })
	list = list[2 : 2+len(list)/2]
	var l lashLine
	n := float32(len(list))
	steep := float32(0)
	for _, c := range list {
		l.colour.Y, l.colour.U, l.colour.V = l.colour.Y+c.dark.Y/n, l.colour.U+c.dark.U/n, l.colour.V+c.dark.V/n
		steep += c.steep / n
	}
	// Half of its hue is skin's in shade: the iris, a pixel below, tints lashes blue.
	skin := e.model.upper.Dim(max(l.colour.Y-16, 1) / max(e.model.upper.Y-16, 1))
	l.colour = shade.Texel{Y: l.colour.Y, U: (l.colour.U + skin.U) / 2, V: (l.colour.V + skin.V) / 2, A: 1}
	contrast := max(e.model.upper.Y-l.colour.Y, 0)
	l.soft = min(max(0.6*contrast/max(steep, 1), 0.9), 0.035*e.length+0.5)
	l.width = 0.026*e.length + 0.3
	l.amount = 0.35 + 0.55*num.Smoothstep(0.15, 0.5, contrast/max(e.model.upper.Y-16, 1))
	return l
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
func (e *Posed) lash(s, t float32) float32 {
	l := &e.line
	if num.Abs(t) >= l.width+l.soft {
		return 0
	}
	x := e.across(s) * e.outer // 1 at the outer corner
	if x <= -1.05 || x >= 1.16 {
		return 0
	}
	// Thickest from x = 0.1 to 0.5, running out at both corners.
	body := num.Smoothstep(-1.05, 0.1, x) * (1 - num.Smoothstep(0.55, 1.16, x))
	width := l.width * (0.35 + 0.65*body)
	return min(1.7*e.shut, 1) * l.amount * min(2.5*body, 1) * (1 - num.Smoothstep(width-l.soft, width+l.soft, num.Abs(t)))
}

// underLash is how much shade the lashes throw on what is t pixels below them.
func (e *Posed) underLash(s, t float32) float32 {
	reach := 1 - t/(0.2*e.length)
	if t < 0 || reach <= 0 {
		return 0
	}
	x := e.across(s)
	return e.shut * 0.12 * max(1-x*x, 0) * reach * reach
}
