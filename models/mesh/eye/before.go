package eye

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/shade"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Where hair before an eye is looked for and drawn, in units of the eye's length above its upper edge or middle.
const (
	hairFrom  = 1.35 // it hangs down from here, above the brow: what begins lower is brow, shadow or paint
	hairGap   = 0.14 // of skin at most that a strand crosses on its way
	hairWhole = 0.36 // above the upper edge hair is drawn whole to here,
	hairEnd   = 0.62 // and to here in part: there the face's own mesh shows it
	hairAside = 0.3  // of a pixel of skin is what a step aside counts: strands hang
	hairShare = 0.15 // of what lies right above the eye is behind hair, or it is none
	hairLeast = 40   // colour distance of hair and skin: less cannot be told apart
)

// findHair looks for hair that hangs before the eye: what has the colour of the hair above the face and not that of the skin below
// the eye, all the way down from the forehead. pic is the portrait in texture pixels. The opacity of e.hair says where; it is nil
// where there is none.
func (e *Eye) findHair(g *pose.Geometry, pic planar.Picture) {
	skin, all := samples(g, pic)
	var hair []shade.Texel
	for _, h := range all {
		if nearest(h, skin) >= hairLeast {
			hair = append(hair, h)
		}
	}
	if 2*len(hair) < len(all) {
		return
	}
	unlike := func(x, y float32) float32 {
		c := colourAt(pic, x, y)
		s, h := nearest(c, skin), nearest(c, hair)
		return 1 - num.Smoothstep(0.45, 0.62, s/max(s+h, 1))*num.Smoothstep(0.4*hairLeast, 0.8*hairLeast, s)
	}
	n, top := len(e.upper.Value), int(hairFrom*e.length)
	rows := top + int(0.75*e.length)
	way := make([]float32, n*rows) // of skin crossed from above, pixels
	var in, below, over, above float32
	at := func(i, j int) float32 { // how far hair is before column i of row j
		return 1 - num.Smoothstep(0.5*hairGap*e.length, hairGap*e.length, way[j*n+i])
	}
	for j := range rows {
		t := float32(j - top)
		for i := range n {
			s := e.upper.From + float32(i)
			x, y := e.frame.To(s, t)
			gap := unlike(x, y)
			if j == 0 {
				way[i] = 2 * hairGap * e.length * gap
				continue
			}
			before := way[(j-1)*n : j*n]
			way[j*n+i] = min(before[i], min(before[max(i-1, 0)], before[min(i+1, n-1)])+hairAside) + max(gap, e.dark(g, s, t))
			if d := t - e.lower.At(s); d > 0.05*e.length && d < 0.3*e.length {
				in, below = in+at(i, j), below+1
			}
			if d := e.upper.At(s) - t; d > 0.05*e.length && d < hairWhole*e.length && s > -e.length/2 && s < e.length/2 {
				over, above = over+at(i, j), above+1
			}
		}
	}
	if in > 0.5*below || over < hairShare*above { // nothing is left of the eye, or it is free
		return
	}
	e.hair = e.skin.Copy()
	e.eachPixel(func(o int, x, y, s, t float32) {
		i, j := int(s-e.upper.From+0.5), int(t+0.5)+top
		a := &e.hair.Pix[o].A
		if *a = 0; i >= 0 && i < n && j >= 0 && j < rows {
			*a = at(i, j) * (1 - unlike(x, y))
		}
	})
}

// dark is how far what is dark may be of the eye itself, iris or lashes, and no hair.
func (e *Eye) dark(g *pose.Geometry, s, t float32) float32 {
	c := g.At[e.lids.iris]
	x, y := e.frame.Back(c.X, c.Y)
	iris := 1 - num.Smoothstep(0.20*e.length, 0.26*e.length, num.Sqrt((s-x)*(s-x)+(t-y)*(t-y)))
	depth := e.inside(s, t) / e.length
	return max(0.8*iris*num.Smoothstep(-0.05, 0, depth), 0.4*num.Smoothstep(-0.06, -0.03, depth))
}

// samples are colours of skin, from cheeks, nose and chin, and of hair, from above the face.
func samples(g *pose.Geometry, pic planar.Picture) (skin, hair []shade.Texel) {
	for _, i := range [...]uint16{50, 280, 205, 425, 101, 330, 4, 195, 152} {
		y, u, v := g.Mean(pic, i)
		skin = append(skin, shade.Opaque(y, u, v))
	}
	for _, i := range [...]uint16{10, 109, 338, 67, 297} {
		for _, up := range [...]float32{0.2, 0.35, 0.5} {
			q := g.At[i]
			hair = append(hair, colourAt(pic, q.X-up*g.Unit*g.Down[0], q.Y-up*g.Unit*g.Down[1]))
		}
	}
	return skin, hair
}

func colourAt(pic planar.Picture, x, y float32) shade.Texel {
	a, b, c := pic.Sample(x, y)
	return shade.Opaque(a, b, c)
}

// nearest is the distance of c from the nearest colour of a list.
func nearest(c shade.Texel, list []shade.Texel) float32 {
	best := float32(1e9)
	for _, v := range list {
		best = min(best, colourDistance(c, v))
	}
	return best
}

// free is 1 where nothing is before the eye at sample o of its box, 0 where hair is.
func (e *Eye) free(o int) float32 {
	if e.hair == nil {
		return 1
	}
	return 1 - e.hair.Pix[o].A
}

// freeAt is free at a local place.
func (e *Eye) freeAt(s, t float32) float32 {
	if e.hair == nil {
		return 1
	}
	return 1 - e.hair.Sample(e.frame.To(s, t)).A
}

// fadeHair lets the hair's opacity run out above the eye and at the box's sides, and prepares it for drawing.
func (e *Eye) fadeHair() {
	if e.hair == nil {
		return
	}
	var some float32
	e.eachPixel(func(o int, _, _, s, t float32) {
		a := &e.hair.Pix[o].A
		*a *= 1 - num.Smoothstep(hairWhole*e.length, hairEnd*e.length, e.upper.At(s)-t)
		*a *= 1 - num.Smoothstep(shutEdge*e.length, shutEdgeEnd*e.length, num.Abs(s))
		some = max(some, *a)
	})
	if some < 0.5 {
		e.hair = nil
		return
	}
	e.hair = e.hair.Refined()
}
