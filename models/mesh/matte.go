package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/num"
)

// knownRect is the box of texture pixels that show the picture itself, a pixel short of its edge.
func knownRect(inside *plane) rect {
	r := rect{inside.w, inside.h, 0, 0}
	for y := range inside.h {
		for x := range inside.w {
			if inside.pix[y*inside.w+x] > 0.5 {
				r = rect{min(r.x0, x), min(r.y0, y), max(r.x1, x+1), max(r.y1, y+1)}
			}
		}
	}
	return rect{r.x0 + 1, r.y0 + 1, r.x1 - 1, r.y1 - 1}
}

// refineMatte snaps a coarse matte to the edges of the picture: guided filter with a colour guide (He et al. 2010)
// at half resolution, its coefficients applied at full resolution (fast guided filter, He and Sun 2015), then a
// contrast curve that closes the person's inside and clears the far outside. radius is in pixels of pic.
func refineMatte(pic picture, matte *plane, radius int, eps float32) *plane {
	g := picture{pic[0].half(), pic[1].half(), pic[2].half()}
	p := matte.half()
	a, b := guide(g, p, max(radius/2, 1), eps)
	out := newPlane(matte.w, matte.h)
	for y := range out.h {
		for x := range out.w {
			o := y*out.w + x
			sx, sy := (float32(x)+0.5)/2, (float32(y)+0.5)/2
			v := b.sample(sx, sy)
			for k := range 3 {
				v += a[k].sample(sx, sy) * pic[k].pix[o]
			}
			m := matte.pix[o]
			v = num.Clamp01((v - 0.06) / 0.86)
			// The network is trusted where it is sure.
			v = max(v, num.Smoothstep(0.93, 0.99, m))
			out.pix[o] = min(v, num.Smoothstep(0.02, 0.45, m)) // softly: a steep limit is a ring around the hair
		}
	}
	return out
}

// guide fits p = a.I + b in every window and returns the coefficients averaged over windows.
func guide(g picture, p *plane, r int, eps float32) (a [3]*plane, b *plane) {
	box := func(f func(o int) float32) *plane {
		q := newPlane(p.w, p.h)
		for o := range q.pix {
			q.pix[o] = f(o)
		}
		q.box(r)
		return q
	}
	var mean, cross [3]*plane
	var cov [3][3]*plane
	mp := box(func(o int) float32 { return p.pix[o] })
	for i := range 3 {
		mean[i] = box(func(o int) float32 { return g[i].pix[o] })
		cross[i] = box(func(o int) float32 { return g[i].pix[o] * p.pix[o] })
		for j := i; j < 3; j++ {
			cov[i][j] = box(func(o int) float32 { return g[i].pix[o] * g[j].pix[o] })
		}
		a[i] = newPlane(p.w, p.h)
	}
	b = newPlane(p.w, p.h)
	for o := range p.pix {
		var m [3][3]float64
		var c [3]float64
		for i := range 3 {
			c[i] = float64(cross[i].pix[o] - mean[i].pix[o]*mp.pix[o])
			for j := i; j < 3; j++ {
				m[i][j] = float64(cov[i][j].pix[o]) - float64(mean[i].pix[o])*float64(mean[j].pix[o])
				m[j][i] = m[i][j]
			}
			m[i][i] += float64(eps)
		}
		s := solve3(&m, c)
		b.pix[o] = mp.pix[o]
		for i := range 3 {
			a[i].pix[o] = float32(s[i])
			b.pix[o] -= float32(s[i]) * mean[i].pix[o]
		}
	}
	for i := range 3 {
		ai := a[i]
		a[i] = box(func(o int) float32 { return ai.pix[o] })
	}
	bb := b
	return a, box(func(o int) float32 { return bb.pix[o] })
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
func extendMatte(m *plane, known rect) {
	var mass, moment float32
	for x := known.x0; x < known.x1; x++ {
		mass += m.at(x, known.y0)
		moment += m.at(x, known.y0) * float32(x)
	}
	centre, cap := float32(0), mass*0.3
	if mass > 0 {
		centre = moment / mass
	}
	for y := range m.h {
		for x := range m.w {
			if known.holds(x, y) {
				continue
			}
			sx, sy := min(max(x, known.x0), known.x1-1), min(max(y, known.y0), known.y1-1)
			if y >= known.y0 {
				m.pix[y*m.w+x] = m.at(sx, sy)
				continue
			}
			rise := float32(known.y0-y) / max(cap, 1)
			if rise >= 1 {
				m.pix[y*m.w+x] = 0
				continue
			}
			k := float32(math.Sqrt(float64(1 - rise*rise)))
			from := int(centre + (float32(x)-centre)/k)
			m.pix[y*m.w+x] = m.at(min(max(from, known.x0), known.x1-1), known.y0)
		}
	}
}

// separate splits pic into background (the person painted out) and foreground (background's share taken out of
// half-transparent pixels, colours continued outwards): pic = alpha*fore + (1-alpha)*back where it can be.
// grow is how far around the person background is distrusted, in pixels.
func separate(pic picture, alpha *plane, known rect, grow int) (back, fore picture) {
	back, fore = pic.clone(), pic.clone()
	wide := alpha.dilate(grow)
	bw, fw := newPlane(alpha.w, alpha.h), newPlane(alpha.w, alpha.h)
	for y := range alpha.h {
		for x := range alpha.w {
			if !known.holds(x, y) {
				continue
			}
			o := y*alpha.w + x
			if wide.pix[o] < 0.02 {
				bw.pix[o] = 1
			}
			if alpha.pix[o] > 0.97 {
				fw.pix[o] = 1
			}
		}
	}
	pushPull(back[:], bw)
	grain(back, pic, bw)
	pushPull(fore[:], fw)
	for o, al := range alpha.pix {
		x, y := o%alpha.w, o/alpha.w
		if fw.pix[o] == 1 || !known.holds(x, y) {
			continue
		}
		trust, faint := num.Smoothstep(0.1, 0.6, al), 1-num.Smoothstep(0.05, 0.3, al)
		for k := range 3 {
			// Where the person is hardly there, its colour is guesswork: a trace of hair on a bright sky would be a ring.
			fore[k].pix[o] += faint * (pic[k].pix[o] - fore[k].pix[o])
			if trust == 0 {
				continue
			}
			own := (pic[k].pix[o] - (1-al)*back[k].pix[o]) / al
			own = min(max(own, fore[k].pix[o]-48), fore[k].pix[o]+48)
			fore[k].pix[o] += trust * (own - fore[k].pix[o])
		}
	}
	return back, fore
}

// grain gives filled-in pixels the fine texture of the nearest known ones in their row, mirrored at the border:
// canvas, noise, leaves. Without it a painted-in background looks smeared.
func grain(back, pic picture, known *plane) {
	const radius, reach = 3, 48
	var soft picture
	for k := range 3 {
		soft[k] = pic[k].blur(radius)
	}
	// Only pixels whose whole neighbourhood is known have clean grain.
	sure := known.erode(2 * radius)
	for y := range known.h {
		row := sure.pix[y*known.w : (y+1)*known.w]
		next := -1 // nearest sure pixel to the right
		last := -1
		for x := range row {
			if row[x] == 1 {
				last = x
				continue
			}
			if known.pix[y*known.w+x] == 1 {
				continue
			}
			if next <= x {
				for next = x + 1; next < known.w && row[next] != 1; next++ {
				}
			}
			from := -1
			if last >= 0 {
				from = last - (x-last)%reach
			}
			if next < known.w && (last < 0 || next-x < x-last) {
				from = next + (next-x)%reach
			}
			if from < 0 || from >= known.w || row[from] != 1 {
				continue
			}
			for k := range 3 {
				o := y*known.w + from
				d := pic[k].pix[o] - soft[k].pix[o]
				back[k].pix[y*known.w+x] += d * (1 - num.Smoothstep(8, 20, num.Abs(d))) // grain, not fragments of edges
			}
		}
	}
}
