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
			column := num.Smoothstep(-left, -left+0.1, side) * (1 - num.Smoothstep(right-0.1, right, side)) *
				num.Smoothstep(0.2*g.Chin, 0.3*g.Chin, lv)
			rise := num.Smoothstep(0.25*g.Chin, 0.55*g.Chin, lv)
			alpha.Pix[o] = min(whole.Pix[o], max(column, num.Smoothstep(0.35, 0.65, grown.Pix[o])*rise))
		}
	}
	return out
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
