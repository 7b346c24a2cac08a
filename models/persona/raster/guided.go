package raster

import "image"

// Guide snaps a soft matte to the edges of the picture it belongs to: the guided filter of He, Sun and Tang (2010)
// with colour as its guide, worked out at half resolution (He and Sun 2015) and applied at full. matte holds w*h
// values 0..1 of guide's size, row-major; radius is in pixels of guide; eps is the squared colour difference (of
// 0..1) below which the matte is smoothed rather than cut. The result is new, 0..1.
func Guide(guide *image.RGBA, matte []float32, radius int, eps float32) []float32 {
	w, h := guide.Rect.Dx(), guide.Rect.Dy()
	sw, sh := (w+1)/2, (h+1)/2
	s := newStats(guide, matte, sw, sh)
	a := s.solve(max(1, radius/2), eps)
	for k := range a {
		a[k] = box(a[k], sw, sh, max(1, radius/2))
	}
	out := make([]float32, w*h)
	for y := range h {
		row := bilinearAxis(y, sh)
		for x := range w {
			col := bilinearAxis(x, sw)
			i := guide.PixOffset(x, y)
			v := lookup(a[3], sw, row, col)
			for k := range 3 {
				v += lookup(a[k], sw, row, col) * float32(guide.Pix[i+k]) / 255
			}
			out[y*w+x] = max(0, min(1, v))
		}
	}
	return out
}

// between is a place between two samples of half resolution.
type between struct {
	lo, hi int
	part   float32
}

func bilinearAxis(i, n int) between {
	f := max(0, min(float32(n-1), (float32(i)+0.5)/2-0.5))
	lo := int(f)
	return between{lo, min(lo+1, n-1), f - float32(lo)}
}

func lookup(p []float32, w int, row, col between) float32 {
	top, low := p[row.lo*w:], p[row.hi*w:]
	a := top[col.lo] + col.part*(top[col.hi]-top[col.lo])
	b := low[col.lo] + col.part*(low[col.hi]-low[col.lo])
	return a + row.part*(b-a)
}

// stats holds guide and matte at half resolution, planar.
type stats struct {
	w, h  int
	guide [3][]float32
	matte []float32
}

func newStats(guide *image.RGBA, matte []float32, sw, sh int) *stats {
	w, h := guide.Rect.Dx(), guide.Rect.Dy()
	s := &stats{w: sw, h: sh, matte: make([]float32, sw*sh)}
	for k := range s.guide {
		s.guide[k] = make([]float32, sw*sh)
	}
	for y := range sh {
		for x := range sw {
			i := y*sw + x
			for _, dy := range [2]int{0, 1} {
				for _, dx := range [2]int{0, 1} {
					px, py := min(2*x+dx, w-1), min(2*y+dy, h-1)
					o := guide.PixOffset(px, py)
					for k := range 3 {
						s.guide[k][i] += float32(guide.Pix[o+k]) / (4 * 255)
					}
					s.matte[i] += matte[py*w+px] / 4
				}
			}
		}
	}
	return s
}

// solve finds, in a window about every pixel, the linear function of colour that fits the matte best: three
// factors and an offset.
func (s *stats) solve(r int, eps float32) [4][]float32 {
	n := s.w * s.h
	times := func(a, b []float32) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = a[i] * b[i]
		}
		return box(out, s.w, s.h, r)
	}
	g := &s.guide
	mean := [3][]float32{box(g[0], s.w, s.h, r), box(g[1], s.w, s.h, r), box(g[2], s.w, s.h, r)}
	meanP := box(s.matte, s.w, s.h, r)
	pairs := [6][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}}
	var second [6][]float32
	for k, p := range pairs {
		second[k] = times(g[p[0]], g[p[1]])
	}
	cross := [3][]float32{times(g[0], s.matte), times(g[1], s.matte), times(g[2], s.matte)}
	var out [4][]float32
	for k := range out {
		out[k] = make([]float32, n)
	}
	for i := range n {
		var c [6]float32
		for k, p := range pairs {
			c[k] = second[k][i] - mean[p[0]][i]*mean[p[1]][i]
		}
		c[0], c[3], c[5] = c[0]+eps, c[3]+eps, c[5]+eps
		var v [3]float32
		for k := range 3 {
			v[k] = cross[k][i] - mean[k][i]*meanP[i]
		}
		a := solve3(c, v)
		offset := meanP[i]
		for k := range 3 {
			out[k][i] = a[k]
			offset -= a[k] * mean[k][i]
		}
		out[3][i] = offset
	}
	return out
}

// solve3 solves a symmetric positive definite system: c is xx xy xz yy yz zz.
func solve3(c [6]float32, v [3]float32) (a [3]float32) {
	xx := c[3]*c[5] - c[4]*c[4]
	xy := c[2]*c[4] - c[1]*c[5]
	xz := c[1]*c[4] - c[2]*c[3]
	det := c[0]*xx + c[1]*xy + c[2]*xz
	if det < 1e-18 {
		return a
	}
	yy := c[0]*c[5] - c[2]*c[2]
	yz := c[1]*c[2] - c[0]*c[4]
	zz := c[0]*c[3] - c[1]*c[1]
	return [3]float32{
		(xx*v[0] + xy*v[1] + xz*v[2]) / det,
		(xy*v[0] + yy*v[1] + yz*v[2]) / det,
		(xz*v[0] + yz*v[1] + zz*v[2]) / det,
	}
}

// box averages over a window of 2r+1 pixels a side, smaller at the borders.
func box(src []float32, w, h, r int) []float32 {
	tmp := make([]float32, w*h)
	for y := range h {
		row, dst := src[y*w:(y+1)*w], tmp[y*w:(y+1)*w]
		var sum float64
		for x := range min(r, w) {
			sum += float64(row[x])
		}
		for x := range w {
			if x+r < w {
				sum += float64(row[x+r])
			}
			if x-r-1 >= 0 {
				sum -= float64(row[x-r-1])
			}
			dst[x] = float32(sum / float64(min(x+r, w-1)-max(x-r, 0)+1))
		}
	}
	out := make([]float32, w*h)
	sums := make([]float64, w)
	add := func(y int, sign float64) {
		for x, v := range tmp[y*w : (y+1)*w] {
			sums[x] += sign * float64(v)
		}
	}
	for y := range min(r, h) {
		add(y, 1)
	}
	for y := range h {
		if y+r < h {
			add(y+r, 1)
		}
		if y-r-1 >= 0 {
			add(y-r-1, -1)
		}
		n := 1 / float64(min(y+r, h-1)-max(y-r, 0)+1)
		for x := range w {
			out[y*w+x] = float32(sums[x] * n)
		}
	}
	return out
}
