package body

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// SplitHead is 1 where the head layer shows the person, 0 where the body layer does, and in between where they meet. alpha is the
// person's opacity; covered is 0 in the visible part of the face, which is the head's also where its own outline lies behind it. All
// are in texture pixels; the result is new.
func SplitHead(g *pose.Geometry, alpha, covered *planar.Plane) *planar.Plane {
	split := headMask(g, alpha.W)
	for o, v := range covered.Pix {
		if v == 0 {
			split.Pix[o] = 1
		}
	}
	joinSlivers(g, alpha, split)
	return split
}

// headMask is the head's share by shape alone: below the ear lobes the head ends shortly outside the face outline. Both layers move
// alike along the soft border beside the face.
func headMask(g *pose.Geometry, edge int) *planar.Plane {
	m := planar.New(edge, edge)
	for y := range edge {
		for x := range edge {
			px, py := float32(x)+0.5, float32(y)+0.5
			low := num.Smoothstep(0.40*g.Chin, 0.60*g.Chin, g.Level(px, py))
			if low == 0 {
				m.Pix[y*edge+x] = 1
				continue
			}
			d, at := g.Beyond(px, py)
			// Whole or not at all: what is shared by both layers is seen twice once the head turns.
			cut := max(num.Smoothstep(0.25, 0.55, at.Cut), num.Smoothstep(0.3, 0.55, d))
			m.Pix[y*edge+x] = 1 - low*cut*num.Smoothstep(at.Margin, at.Margin+0.08, d)
		}
	}
	return m
}

// joinSlivers gives the head what is left of the person beside the cheek and too narrow to be neck or shoulder: as a part of
// the body it would stay behind, detached, when the head turns.
func joinSlivers(g *pose.Geometry, alpha, split *planar.Plane) {
	r := max(int(0.07*g.Unit), 2)
	body := planar.New(alpha.W, alpha.H)
	for o, a := range alpha.Pix {
		if a > 0.5 && split.Pix[o] < 1 {
			body.Pix[o] = 1
		}
	}
	wide := body.Erode(r).Dilate(2*r + 2)
	for o := range split.Pix {
		if wide.Pix[o] == 0 && split.Pix[o] < 1 {
			if d, _ := g.Beyond(float32(o%alpha.W)+0.5, float32(o/alpha.W)+0.5); d < 0.35 {
				split.Pix[o] = 1
			}
		}
	}
}
