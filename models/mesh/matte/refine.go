package matte

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// refine snaps a coarse matte to the edges of the picture: guided filter with a colour guide (He et al. 2010)
// at half resolution, its coefficients applied at full resolution (fast guided filter, He and Sun 2015), then a
// contrast curve that closes the person's inside and clears the far outside. radius is in pixels of pic, eps a
// squared difference of its values.
func refine(pic planar.Picture, matte *planar.Plane, radius int, eps float32) *planar.Plane {
	g := planar.Picture{pic[0].Half(), pic[1].Half(), pic[2].Half()}
	p := matte.Half()
	a, b := guide(g, p, max(radius/2, 1), eps)
	out := planar.New(matte.W, matte.H)
	for y := range out.H {
		for x := range out.W {
			o := y*out.W + x
			sx, sy := (float32(x)+0.5)/2, (float32(y)+0.5)/2
			v := b.Sample(sx, sy)
			for k := range 3 {
				v += a[k].Sample(sx, sy) * pic[k].Pix[o]
			}
			m := matte.Pix[o]
			v = num.Clamp01((v - 0.06) / 0.86)
			// The network is trusted where it is sure.
			v = max(v, num.Smoothstep(0.93, 0.99, m))
			out.Pix[o] = min(v, num.Smoothstep(0.02, 0.45, m)) // softly: a steep limit is a ring around the hair
		}
	}
	return out
}

// guide fits p = a.I + b in every window and returns the coefficients averaged over windows.
func guide(g planar.Picture, p *planar.Plane, r int, eps float32) (a [3]*planar.Plane, b *planar.Plane) {
	box := func(f func(o int) float32) *planar.Plane {
		q := planar.New(p.W, p.H)
		for o := range q.Pix {
			q.Pix[o] = f(o)
		}
		q.Box(r)
		return q
	}
	var mean, cross [3]*planar.Plane
	var cov [3][3]*planar.Plane
	mp := box(func(o int) float32 { return p.Pix[o] })
	for i := range 3 {
		mean[i] = box(func(o int) float32 { return g[i].Pix[o] })
		cross[i] = box(func(o int) float32 { return g[i].Pix[o] * p.Pix[o] })
		for j := i; j < 3; j++ {
			cov[i][j] = box(func(o int) float32 { return g[i].Pix[o] * g[j].Pix[o] })
		}
		a[i] = planar.New(p.W, p.H)
	}
	b = planar.New(p.W, p.H)
	for o := range p.Pix {
		var m [3][3]float64
		var c [3]float64
		for i := range 3 {
			c[i] = float64(cross[i].Pix[o] - mean[i].Pix[o]*mp.Pix[o])
			for j := i; j < 3; j++ {
				m[i][j] = float64(cov[i][j].Pix[o]) - float64(mean[i].Pix[o])*float64(mean[j].Pix[o])
				m[j][i] = m[i][j]
			}
			m[i][i] += float64(eps)
		}
		s := solve3(&m, c)
		b.Pix[o] = mp.Pix[o]
		for i := range 3 {
			a[i].Pix[o] = float32(s[i])
			b.Pix[o] -= float32(s[i]) * mean[i].Pix[o]
		}
	}
	for i := range 3 {
		ai := a[i]
		a[i] = box(func(o int) float32 { return ai.Pix[o] })
	}
	bb := b
	return a, box(func(o int) float32 { return bb.Pix[o] })
}

// solve3 solves a symmetric positive system by Cramer's rule.
func solve3(m *[3][3]float64, c [3]float64) (x [3]float64) {
	c00 := m[1][1]*m[2][2] - m[1][2]*m[2][1]
	c01 := m[1][2]*m[2][0] - m[1][0]*m[2][2]
	c02 := m[1][0]*m[2][1] - m[1][1]*m[2][0]
	det := m[0][0]*c00 + m[0][1]*c01 + m[0][2]*c02
	if math.Abs(det) < 1e-12 {
		return x
	}
	c11 := m[0][0]*m[2][2] - m[0][2]*m[2][0]
	c12 := m[0][1]*m[2][0] - m[0][0]*m[2][1]
	c22 := m[0][0]*m[1][1] - m[0][1]*m[1][0]
	x[0] = (c00*c[0] + c01*c[1] + c02*c[2]) / det
	x[1] = (c01*c[0] + c11*c[1] + c12*c[2]) / det
	x[2] = (c02*c[0] + c12*c[1] + c22*c[2]) / det
	return x
}
