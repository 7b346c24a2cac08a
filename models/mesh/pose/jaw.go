package pose

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// FindJaw measures, along every ray of the face outline, where the jaw ends in the picture (landmarks may run
// inside or outside it), and whether the body goes on behind it. pic and the person's opacity alpha (0..1) are in texture pixels.
func (g *Geometry) FindJaw(pic planar.Picture, alpha *planar.Plane) {
	const plain = 0.08 // where no edge is to be seen
	var margin, cut [36]float32
	for k := range g.Oval {
		dx, dy := float32(math.Cos(float64(g.Oval[k].angle))), float32(math.Sin(float64(g.Oval[k].angle)))
		at := func(d float32) (x, y float32) {
			r := g.Oval[k].Radius + d*g.Unit
			return g.Middle.X + dx*r, g.Middle.Y + dy*r
		}
		margin[k] = plain
		best := float32(10)
		for d := float32(0); d < 0.30; d += 0.01 {
			x0, y0 := at(d - 0.025)
			x1, y1 := at(d + 0.025)
			step := float32(0)
			for i := range 3 {
				step += num.Abs(pic[i].Sample(x1, y1) - pic[i].Sample(x0, y0))
			}
			if step *= 1 - d/0.6; step > best {
				best, margin[k] = step, d+0.05
			}
		}
		var seen float32
		for i := range 10 {
			seen += alpha.Sample(at(0.12 + 0.025*float32(i)))
		}
		cut[k] = num.Smoothstep(0.55, 0.85, seen/10)
	}
	for range 2 {
		margin, cut = SmoothLoop(margin), SmoothLoop(cut)
	}
	for k := range g.Oval {
		g.Oval[k].Margin, g.Oval[k].Cut = margin[k], cut[k]
	}
}
