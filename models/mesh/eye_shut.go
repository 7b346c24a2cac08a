package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
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
// smoothly from the skin above to the skin below, with a lid's roundness and the grain of the cheek.
func (e *eye) makeShut(face planar.Picture) {
	d := e.skin
	e.over = d.blank()
	n := len(e.upper.value)
	above, below := make([]texel, n), make([]texel, n)
	for i := range n {
		s := e.upper.from + float32(i)
		above[i] = e.skinAlong(&e.upper, s, -0.32, -0.17, e.model.upper)
		below[i] = e.skinAlong(&e.lower, s, 0.12, 0.28, e.model.lower)
	}
	rounds := int(e.length * e.length / 60)
	softenTexels(above, rounds)
	softenTexels(below, rounds)
	e.eachPixel(func(o int, x, y, s, t float32) {
		i := min(max(int(s-e.upper.from+0.5), 0), n-1)
		up, low := e.upper.at(s), e.lower.at(s)
		mask := e.shutMask(s, up-t, t-low)
		if mask == 0 {
			return
		}
		top, bottom := up-0.2*e.length, low+0.16*e.length
		v := num.Clamp01((t - top) / max(bottom-top, 1))
		c := lerp(above[i], below[i], num.Smoothstep(0, 1, v))
		k := num.Clamp01(1 - num.Abs(e.across(s)))
		c.y = 16 + (c.y-16)*(1+0.05*min(3*k, 1)*float32(math.Sin(math.Pi*float64(v))))
		gx, gy := e.frame.to(s, t+0.7*e.length)
		c.y += 0.6 * num.Bound(grainAt(face[0], gx, gy), 12)
		c.a = mask
		e.over.pix[o] = c
	})
}

// shutMask is the opacity of a shut eye's skin at s; above and below are distances outwards from the opening's edges.
func (e *eye) shutMask(s, above, below float32) float32 {
	l := e.length
	wing := max(-e.left-s, s-e.right)
	return (1 - num.Smoothstep(shutUpper*l, shutUpperEnd*l, above)) * (1 - num.Smoothstep(shutLower*l, shutLowerEnd*l, below)) *
		(1 - num.Smoothstep(shutWing*l, shutWingEnd*l, wing)) * (1 - num.Smoothstep(shutEdge*l, shutEdgeEnd*l, num.Abs(s)))
}

// skinAlong is the mean colour of what looks like skin in the band from..to (units of the eye's length) beside a
// lid's edge at s; where nothing does, it is usual.
func (e *eye) skinAlong(c *curve, s, from, to float32, usual texel) texel {
	const rows = 7
	sum := texel{0.3 * usual.y, 0.3 * usual.u, 0.3 * usual.v, 0.3}
	for j := range rows {
		t := c.at(s) + (from+(to-from)*float32(j)/(rows-1))*e.length
		q := e.skin.sample(e.frame.to(s, t))
		w := e.model.likeness(q)
		sum = texel{sum.y + w*q.y, sum.u + w*q.u, sum.v + w*q.v, sum.a + w}
	}
	return texel{sum.y / sum.a, sum.u / sum.a, sum.v / sum.a, 1}
}

// softenTexels smooths a row of colours, rounds times over three neighbours.
func softenTexels(row []texel, rounds int) {
	for range rounds {
		prev := row[0]
		for i := 1; i+1 < len(row); i++ {
			v := row[i]
			row[i] = lerp(v, lerp(prev, row[i+1], 0.5), 0.5)
			prev = v
		}
	}
}
