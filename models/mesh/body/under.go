package body

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// underHead makes the body's picture: the person's below the head, and behind the head a throat grown upwards from what is
// seen of it. alpha receives the layer's opacity.
func underHead(g *pose.Geometry, fore planar.Picture, whole, split, alpha *planar.Plane) planar.Picture {
	out := fore.Clone()
	edge := whole.W
	colour, cover := planar.New(edge, edge), planar.New(edge, edge)
	grown := whole.Erode(max(int(0.05*g.Unit), 1)) // slivers along an edge do not grow
	for o := range colour.Pix {
		if split.Pix[o] < 0.5 && whole.Pix[o] > 0.9 {
			colour.Pix[o] = 1
		}
		if split.Pix[o] < 1 || whole.Pix[o] < 0.02 {
			cover.Pix[o] = 1
		}
	}
	if colour.Max() == 0 { // no body to be seen: the person's colours, as a blur
		for o, a := range whole.Pix {
			colour.Pix[o] = 1e-4 * a
		}
	}
	planar.PushPull(out[:], colour)
	planar.PushPull([]*planar.Plane{grown}, cover)
	left, right := throat(g, whole, split, -1), throat(g, whole, split, 1)
	neck := neckColours(g, fore, whole, split, left.narrow, right.narrow)
	seam := colour.Blur(int(throatSeam * g.Unit))
	for y := range edge {
		for x := range edge {
			o := y*edge + x
			if split.Pix[o] < 0.5 {
				for k := range 3 {
					out[k].Pix[o] = fore[k].Pix[o]
				}
			}
			if split.Pix[o] < 1 {
				alpha.Pix[o] = whole.Pix[o]
				continue
			}
			px, py := float32(x)+0.5, float32(y)+0.5
			lv, side := g.Level(px, py), g.Aside(px, py)-g.Neck
			l, r := left.at(lv), right.at(lv)
			column := num.Smoothstep(-l-throatEdge, -l+throatEdge, side) * (1 - num.Smoothstep(r-throatEdge, r+throatEdge, side)) *
				num.Smoothstep(0.2*g.Chin, 0.3*g.Chin, lv)
			if own := column * (1 - num.Smoothstep(0, 0.45, seam.Pix[o])); own > 0 {
				dim := 1 - throatShade*(1-num.Smoothstep(0.45*g.Chin, 1.0*g.Chin, lv))
				out[0].Pix[o] += own * (16 + (neck[0].Pix[o]-16)*dim - out[0].Pix[o])
				for k := 1; k < 3; k++ {
					out[k].Pix[o] += own * (neck[k].Pix[o] - out[k].Pix[o])
				}
			}
			rise := num.Smoothstep(0.25*g.Chin, 0.55*g.Chin, lv)
			alpha.Pix[o] = min(whole.Pix[o], max(column, num.Smoothstep(0.35, 0.65, grown.Pix[o])*rise))
		}
	}
	return out
}

// A throat's soft edge, to either side, head units; how much darker it is behind the jaw than where it is seen; and over what length it
// takes on the colours of a neck that goes on below, head units. And how much of the jaw's light falls on a neck of which nothing is seen.
const (
	throatEdge  = 0.04
	throatShade = 0.22
	throatSeam  = 0.2
	jawShade    = 0.65
)

// neckColours continues what is seen of the neck close below the jaw, no collar, no shoulder and no hair, over the whole picture, and
// where nothing is seen of it the skin of the jaw. left and right are its reach, as throat has it.
func neckColours(g *pose.Geometry, fore planar.Picture, whole, split *planar.Plane, left, right float32) (neck planar.Picture) {
	neck, jaw := fore.Clone(), jawSkin(g, whole.W)
	skin := meanOf(fore, jaw)
	known := planar.New(whole.W, whole.H)
	var n float32
	for y := range whole.H {
		for x := range whole.W {
			o := y*whole.W + x
			if split.Pix[o] > 0.2 || whole.Pix[o] < 0.95 {
				continue
			}
			px, py := float32(x)+0.5, float32(y)+0.5
			if side := g.Aside(px, py) - g.Neck; side < -left+0.06 || side > right-0.06 {
				continue
			}
			d, at := g.Beyond(px, py)
			known.Pix[o] = (1 - num.Smoothstep(0.12, 0.3, d-at.Margin)) * alike([3]float32{fore[0].Pix[o], fore[1].Pix[o], fore[2].Pix[o]}, skin)
			n += known.Pix[o]
		}
	}
	if n >= 0.02*g.Unit*g.Unit {
		planar.PushPull(neck[:], known)
		return neck
	}
	planar.PushPull(neck[:], jaw)
	for o, y := range neck[0].Pix {
		neck[0].Pix[o] = 16 + jawShade*(y-16)
		for k := 1; k < 3; k++ {
			neck[k].Pix[o] = 128 + jawShade*(neck[k].Pix[o]-128)
		}
	}
	return neck
}

// jawSkin is 1 in a strip of the face along its lower outline, 0 elsewhere, in texture pixels, edge x edge.
func jawSkin(g *pose.Geometry, edge int) *planar.Plane {
	strip := planar.New(edge, edge)
	for y := range edge {
		for x := range edge {
			px, py := float32(x)+0.5, float32(y)+0.5
			if low := num.Smoothstep(0.4, 0.55, g.Level(px, py)/g.Chin); low > 0 {
				d, _ := g.Beyond(px, py)
				strip.Pix[y*edge+x] = low * num.Smoothstep(0.12, 0.18, -d) * (1 - num.Smoothstep(0.25, 0.35, -d))
			}
		}
	}
	return strip
}

// meanOf is the mean colour (YUV) of a picture by weight.
func meanOf(pic planar.Picture, weight *planar.Plane) (c [3]float32) {
	var n float32
	for o, w := range weight.Pix {
		if w == 0 {
			continue
		}
		n += w
		for k := range c {
			c[k] += w * pic[k].Pix[o]
		}
	}
	for k := range c {
		c[k] /= max(n, 1e-6)
	}
	return c
}

// alike is how surely the colour c is that of skin in some light, 0..1 (both YUV): much the same chroma for its luma, and neither
// black nor much brighter.
func alike(c, skin [3]float32) float32 {
	const black, grey = 16, 128
	light, full := max(c[0]-black, 1), max(skin[0]-black, 1)
	off := float32(0)
	for k := 1; k < 3; k++ {
		off = max(off, num.Abs((c[k]-grey)/light-(skin[k]-grey)/full))
	}
	return (1 - num.Smoothstep(0.07, 0.12, off)) * num.Smoothstep(0.12, 0.25, light/full) * (1 - num.Smoothstep(1.4, 1.7, light/full))
}

// reach is how far a throat goes to one side of its axis, head units.
type reach struct {
	narrow float32 // behind the jaw
	wide   float32 // where the neck comes out behind it, and below
	top    float32 // the level of that
}

// at is the reach at a level.
func (r *reach) at(level float32) float32 {
	const flare = 0.4 // head units over which a neck widens
	return r.narrow + (r.wide-r.narrow)*num.Smoothstep(r.top-flare, r.top, level)
}

// throat measures the neck to the side dir of its axis: just below the jaw, and where it comes out behind that.
func throat(g *pose.Geometry, whole, split *planar.Plane, dir float32) reach {
	const (
		inside = 0.05 // of its outline, head units: where the body has to show for a neck to have come out
		widens = 0.15 // by how much at most, head units: more is a shoulder's
	)
	yaw, _, _ := motion.Angles(g.Head.R)
	most := float32(pose.NeckHalf)
	if turned := dir * float32(yaw); turned > 0 {
		most *= 1 - 0.6*min(turned/0.6, 1) // behind a face turned this way
	}
	outline := func(level, most float32) float32 {
		far := float32(0.3)
		for far < most {
			x, y := g.Spot(g.Neck+dir*far, level)
			if whole.Sample(x, y) < 0.5 {
				break
			}
			far += 0.02
		}
		return min(far, most)
	}
	r := reach{narrow: most}
	for _, lv := range [...]float32{1.05, 1.12, 1.2} {
		r.narrow = min(r.narrow, outline(lv*g.Chin, most))
	}
	r.wide = r.narrow
	for lv := 0.5 * g.Chin; lv < 1.2*g.Chin; lv += 0.02 {
		far := outline(lv, r.narrow+3*widens)
		x, y := g.Spot(g.Neck+dir*(far-inside), lv)
		if split.Sample(x, y) < 0.5 {
			r.narrow, r.wide, r.top = min(r.narrow, far), min(far, r.narrow+widens), lv
			break
		}
	}
	return r
}
