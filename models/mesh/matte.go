package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// knownRect is the box of texture pixels that show the picture itself, a pixel short of its edge.
func knownRect(inside *planar.Plane) planar.Rect {
	r := planar.Rect{X0: inside.W, Y0: inside.H, X1: 0, Y1: 0}
	for y := range inside.H {
		for x := range inside.W {
			if inside.Pix[y*inside.W+x] > 0.5 {
				r = planar.Rect{X0: min(r.X0, x), Y0: min(r.Y0, y), X1: max(r.X1, x+1), Y1: max(r.Y1, y+1)}
			}
		}
	}
	return planar.Rect{X0: r.X0 + 1, Y0: r.Y0 + 1, X1: r.X1 - 1, Y1: r.Y1 - 1}
}

// refineMatte snaps a coarse matte to the edges of the picture: guided filter with a colour guide (He et al. 2010)
// at half resolution, its coefficients applied at full resolution (fast guided filter, He and Sun 2015), then a
// contrast curve that closes the person's inside and clears the far outside. radius is in pixels of pic.
func refineMatte(pic planar.Picture, matte *planar.Plane, radius int, eps float32) *planar.Plane {
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

// extendMatte continues the matte beyond the picture: sideways and down the person goes on, above it is closed
// by half an ellipse, as the rest of a head would.
func extendMatte(m *planar.Plane, known planar.Rect) {
	var mass, moment float32
	for x := known.X0; x < known.X1; x++ {
		mass += m.At(x, known.Y0)
		moment += m.At(x, known.Y0) * float32(x)
	}
	centre, cap := float32(0), mass*0.3
	if mass > 0 {
		centre = moment / mass
	}
	for y := range m.H {
		for x := range m.W {
			if known.Holds(x, y) {
				continue
			}
			sx, sy := min(max(x, known.X0), known.X1-1), min(max(y, known.Y0), known.Y1-1)
			if y >= known.Y0 {
				m.Pix[y*m.W+x] = m.At(sx, sy)
				continue
			}
			rise := float32(known.Y0-y) / max(cap, 1)
			if rise >= 1 {
				m.Pix[y*m.W+x] = 0
				continue
			}
			k := float32(math.Sqrt(float64(1 - rise*rise)))
			from := int(centre + (float32(x)-centre)/k)
			m.Pix[y*m.W+x] = m.At(min(max(from, known.X0), known.X1-1), known.Y0)
		}
	}
}

// separate splits pic into background (the person painted out) and foreground (background's share taken out of
// half-transparent pixels, colours continued outwards): pic = alpha*fore + (1-alpha)*back where it can be.
// grow is how far around the person background is distrusted, in pixels.
func separate(pic planar.Picture, alpha *planar.Plane, known planar.Rect, grow int) (back, fore planar.Picture) {
	back, fore = pic.Clone(), pic.Clone()
	wide := alpha.Dilate(grow)
	bw, fw := planar.New(alpha.W, alpha.H), planar.New(alpha.W, alpha.H)
	for y := range alpha.H {
		for x := range alpha.W {
			if !known.Holds(x, y) {
				continue
			}
			o := y*alpha.W + x
			if wide.Pix[o] < 0.02 {
				bw.Pix[o] = 1
			}
			if alpha.Pix[o] > 0.97 {
				fw.Pix[o] = 1
			}
		}
	}
	planar.PushPull(back[:], bw)
	grain(back, pic, bw)
	planar.PushPull(fore[:], fw)
	for o, al := range alpha.Pix {
		x, y := o%alpha.W, o/alpha.W
		if fw.Pix[o] == 1 || !known.Holds(x, y) {
			continue
		}
		trust, faint := num.Smoothstep(0.1, 0.6, al), 1-num.Smoothstep(0.05, 0.3, al)
		for k := range 3 {
			// Where the person is hardly there, its colour is guesswork: a trace of hair on a bright sky would be a ring.
			fore[k].Pix[o] += faint * (pic[k].Pix[o] - fore[k].Pix[o])
			if trust == 0 {
				continue
			}
			own := (pic[k].Pix[o] - (1-al)*back[k].Pix[o]) / al
			own = min(max(own, fore[k].Pix[o]-48), fore[k].Pix[o]+48)
			fore[k].Pix[o] += trust * (own - fore[k].Pix[o])
		}
	}
	return back, fore
}

// grain gives filled-in pixels the fine texture of the nearest known ones in their row, mirrored at the border:
// canvas, noise, leaves. Without it a painted-in background looks smeared.
func grain(back, pic planar.Picture, known *planar.Plane) {
	const radius, reach = 3, 48
	var soft planar.Picture
	for k := range 3 {
		soft[k] = pic[k].Blur(radius)
	}
	// Only pixels whose whole neighbourhood is known have clean grain.
	sure := known.Erode(2 * radius)
	for y := range known.H {
		row := sure.Pix[y*known.W : (y+1)*known.W]
		next := -1 // nearest sure pixel to the right
		last := -1
		for x := range row {
			if row[x] == 1 {
				last = x
				continue
			}
			if known.Pix[y*known.W+x] == 1 {
				continue
			}
			if next <= x {
				for next = x + 1; next < known.W && row[next] != 1; next++ {
				}
			}
			from := -1
			if last >= 0 {
				from = last - (x-last)%reach
			}
			if next < known.W && (last < 0 || next-x < x-last) {
				from = next + (next-x)%reach
			}
			if from < 0 || from >= known.W || row[from] != 1 {
				continue
			}
			for k := range 3 {
				o := y*known.W + from
				d := pic[k].Pix[o] - soft[k].Pix[o]
				back[k].Pix[y*known.W+x] += d * (1 - num.Smoothstep(8, 20, num.Abs(d))) // grain, not fragments of edges
			}
		}
	}
}
