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
	left, right := throat(g, whole)
	neck := neckColours(g, fore, whole, split, left, right)
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
			column := num.Smoothstep(-left-throatEdge, -left+throatEdge, side) * (1 - num.Smoothstep(right-throatEdge, right+throatEdge, side)) *
				num.Smoothstep(0.2*g.Chin, 0.3*g.Chin, lv)
			if neck[0] != nil && column > 0 {
				dim := 1 - throatShade*(1-num.Smoothstep(0.45*g.Chin, 1.0*g.Chin, lv))
				out[0].Pix[o] += column * (16 + (neck[0].Pix[o]-16)*dim - out[0].Pix[o])
				for k := 1; k < 3; k++ {
					out[k].Pix[o] += column * (neck[k].Pix[o] - out[k].Pix[o])
				}
			}
			rise := num.Smoothstep(0.25*g.Chin, 0.55*g.Chin, lv)
			alpha.Pix[o] = min(whole.Pix[o], max(column, num.Smoothstep(0.35, 0.65, grown.Pix[o])*rise))
		}
	}
	return out
}

// A throat's soft edge, to either side, head units; and how much darker it is behind the jaw than where it is seen.
const (
	throatEdge  = 0.04
	throatShade = 0.22
)

// neckColours continues what is seen of the neck close below the jaw, no collar and no shoulder, over the whole picture; nil where
// nothing is seen of it. left and right are its reach, as throat has it.
func neckColours(g *pose.Geometry, fore planar.Picture, whole, split *planar.Plane, left, right float32) (neck planar.Picture) {
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
			known.Pix[o] = 1 - num.Smoothstep(0.12, 0.3, d-at.Margin)
			n += known.Pix[o]
		}
	}
	if n < 0.02*g.Unit*g.Unit {
		return neck
	}
	neck = fore.Clone()
	planar.PushPull(neck[:], known)
	return neck
}

// throat measures the neck just below the jaw: how far it reaches to either side of its axis, head units.
func throat(g *pose.Geometry, whole *planar.Plane) (left, right float32) {
	yaw, _, _ := motion.Angles(g.Head.R)
	reach := func(dir float32) float32 {
		best := float32(pose.NeckHalf)
		if turned := dir * float32(yaw); turned > 0 {
			best *= 1 - 0.6*min(turned/0.6, 1) // behind a face turned this way
		}
		for _, lv := range [...]float32{1.05, 1.12, 1.2} {
			far := float32(0.3)
			for far < pose.NeckHalf {
				x, y := g.Spot(g.Neck+dir*far, lv*g.Chin)
				if whole.Sample(x, y) < 0.5 {
					break
				}
				far += 0.02
			}
			best = min(best, far)
		}
		return best
	}
	return reach(-1), reach(1)
}
