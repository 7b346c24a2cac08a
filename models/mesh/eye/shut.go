package eye

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Reach of a shut eye's skin beyond the edges of the opening, in units of the eye's length: whole up to the first, gone at
// the second.
const (
	shutUpper, shutUpperEnd = 0.12, 0.26
	shutLower, shutLowerEnd = 0.05, 0.14
	shutWing, shutWingEnd   = 0.13, 0.27
	shutEdge, shutEdgeEnd   = 0.76, 0.84 // from the middle: the eye's box ends there
)

// makeShut paints the skin that lies over a shut eye. The face's own mesh folds there: its triangles between the lids
// have no area left, and those above stretch the crease and what is left of lashes over the lid. Every column runs
// runs smoothly from the skin above to the skin below, with a lid's roundness and the grain of the cheek.
func (e *Eye) makeShut(face planar.Picture) {
	d := e.skin
	e.over = d.Blank()
	n := len(e.upper.Value)
	above, below := make([]shade.Texel, n), make([]shade.Texel, n)
	for i := range n {
		s := e.upper.From + float32(i)
		above[i] = e.skinAlong(&e.upper, s, -0.32, -0.17, e.model.upper)
		below[i] = e.skinAlong(&e.lower, s, 0.12, 0.28, e.model.lower)
	}
	painted := e.model.painted()
	rounds := int(e.length * e.length / 60)
	softenTexels(above, rounds)
	softenTexels(below, rounds)
	e.eachPixel(func(o int, _, _, s, t float32) {
		i := min(max(int(s-e.upper.From+0.5), 0), n-1)
		up, low := e.upper.At(s), e.lower.At(s)
		mask := e.shutMask(s, up-t, t-low)
		if mask == 0 {
			return
		}
		top, bottom := up-0.2*e.length, low+0.16*e.length
		v := num.Clamp01((t - top) / max(bottom-top, 1))
		turn := num.Smoothstep(0, 1, v)
		if painted { // make-up ends at the lid's edge
			turn = num.Smoothstep(-0.16*e.length, 0.10*e.length, t-low)
		}
		c := shade.Lerp(above[i], below[i], turn)
		k := num.Clamp01(1 - num.Abs(e.across(s)))
		c.Y = 16 + (c.Y-16)*(1+0.05*min(3*k, 1)*float32(math.Sin(math.Pi*float64(v))))
		gx, gy := e.frame.To(s, t+0.7*e.length)
		c.Y += 0.6 * num.Bound(grainAt(face[0], gx, gy), 12)
		c.A = mask
		e.over.Pix[o] = c
	})
}

// shutMask is the opacity of a shut eye's skin at s; above and below are distances outwards from the opening's edges.
func (e *Eye) shutMask(s, above, below float32) float32 {
	l := e.length
	wing := max(-e.left-s, s-e.right)
	return (1 - num.Smoothstep(shutUpper*l, shutUpperEnd*l, above)) * (1 - num.Smoothstep(shutLower*l, shutLowerEnd*l, below)) *
		(1 - num.Smoothstep(shutWing*l, shutWingEnd*l, wing)) * (1 - num.Smoothstep(shutEdge*l, shutEdgeEnd*l, num.Abs(s)))
}

// skinAlong is the mean colour of what looks like skin in the band from..to (units of the eye's length) beside a
// lid's edge at s; where nothing does, it is usual, beside make-up what is there.
func (e *Eye) skinAlong(c *shade.Curve, s, from, to float32, usual shade.Texel) shade.Texel {
	const rows = 7
	prior, least := float32(0.3), float32(0)
	if e.model.painted() { // what is painted ends somewhere: there the picture knows better
		prior, least = 0.02, 0.05
	}
	sum := shade.Texel{Y: prior * usual.Y, U: prior * usual.U, V: prior * usual.V, A: prior}
	for j := range rows {
		t := c.At(s) + (from+(to-from)*float32(j)/(rows-1))*e.length
		q := e.skin.Sample(e.frame.To(s, t))
		w := (least + (1-least)*e.model.likeness(q)) * e.freeAt(s, t)
		sum = shade.Texel{Y: sum.Y + w*q.Y, U: sum.U + w*q.U, V: sum.V + w*q.V, A: sum.A + w}
	}
	return shade.Texel{Y: sum.Y / sum.A, U: sum.U / sum.A, V: sum.V / sum.A, A: 1}
}

// softenTexels smooths a row of colours, rounds times over three neighbours.
func softenTexels(row []shade.Texel, rounds int) {
	for range rounds {
		prev := row[0]
		for i := 1; i+1 < len(row); i++ {
			v := row[i]
			row[i] = shade.Lerp(v, shade.Lerp(prev, row[i+1], 0.5), 0.5)
			prev = v
		}
	}
}
