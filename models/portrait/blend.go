package portrait

import "github.com/gioconda-live/gioconda/pipeline/frame"

// toYUV turns differences of R, G, B (1 is full range) into differences of Y, U, V in bytes, share of them, in place,
// and tells whether all of them are finite numbers.
func toYUV(d []float32, share float32) bool {
	n := len(d) / 3
	r, g, b := d[:n], d[n:2*n], d[2*n:3*n]
	var sum float32
	for i := range r {
		x, y, z := r[i]*share, g[i]*share, b[i]*share
		l := frame.YFromR*x + frame.YFromG*y + frame.YFromB*z
		u := frame.UFromR*x + frame.UFromG*y + frame.UFromB*z
		v := frame.VFromR*x + frame.VFromG*y + frame.VFromB*z
		r[i], g[i], b[i] = l, u, v
		sum += (l - l) + (u - u) + (v - v) // 0, or NaN for what is not finite
	}
	return sum == 0
}

// box is a rectangle of region pixels.
type box struct{ x0, y0, x1, y1 int }

// extent bounds the pixels of the mask that are not zero.
func extent(mask []byte, edge int) (b box) {
	b = box{edge, edge, 0, 0}
	for y := range edge {
		row := mask[y*edge : (y+1)*edge]
		for x, v := range row {
			if v != 0 {
				b.x0, b.x1 = min(b.x0, x), max(b.x1, x+1)
				b.y0, b.y1 = min(b.y0, y), y+1
			}
		}
	}
	return b
}

// add lays differences of Y, U, V (planes of Edge x Edge, zero outside b) over f, where the region lies at a, from the
// even column left on, and leaves no chroma beyond g.
func (r *Region) add(f *frame.I420, d []float32, a *Alignment, b box, left int, g *gamut) {
	if b.x1 <= b.x0 {
		return
	}
	n := r.Edge * r.Edge
	x0, y0, x1, y1 := a.cover(b, f.Width, f.Height)
	x0 = max(x0, left)
	for y := y0; y < y1; y++ {
		row := f.Y[y*f.Width : (y+1)*f.Width]
		for x := x0; x < x1; x++ {
			i, j := a.Into(float32(x)+0.5, float32(y)+0.5)
			if v := lerp(d[:n], r.Edge, i-0.5, j-0.5); v != 0 {
				row[x] = within(float32(row[x])+v, 235)
			}
		}
	}
	w := f.Width / 2
	for y := y0 / 2; y < (y1+1)/2; y++ {
		for x := x0 / 2; x < (x1+1)/2; x++ {
			i, j := a.Into(float32(2*x+1), float32(2*y+1))
			i, j = i-0.5, j-0.5
			k := y*w + x
			du, dv := lerp(d[n:2*n], r.Edge, i, j), lerp(d[2*n:3*n], r.Edge, i, j)
			if du == 0 && dv == 0 {
				continue
			}
			u0, v0 := float32(f.U[k]), float32(f.V[k])
			u, v := g.tie(u0+du, v0+dv, u0, v0)
			f.U[k], f.V[k] = within(u, 240), within(v, 240)
		}
	}
}

func within(v, most float32) byte { return byte(min(max(v, 16), most) + 0.5) }

// cover bounds the frame's pixels under b.
func (a *Alignment) cover(b box, w, h int) (x0, y0, x1, y1 int) {
	lx, ly, hx, hy := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	for k := range 4 {
		i, j := b.x0-1, b.y0-1
		if k&1 != 0 {
			i = b.x1 + 1
		}
		if k&2 != 0 {
			j = b.y1 + 1
		}
		x, y := a.At(float32(i), float32(j))
		lx, ly, hx, hy = min(lx, x), min(ly, y), max(hx, x), max(hy, y)
	}
	at := func(v float32, most int) int { return int(min(max(v, 0), float32(most))) }
	return at(lx, w), at(ly, h), at(hx+1, w), at(hy+1, h)
}

// lerp reads a plane between its pixels, 0 beyond it; whole numbers are pixel centres.
func lerp(p []float32, edge int, x, y float32) float32 {
	if x < 0 || y < 0 || x >= float32(edge-1) || y >= float32(edge-1) {
		return 0
	}
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	q := p[j*edge+i:]
	a := q[0] + (q[1]-q[0])*fx
	b := q[edge] + (q[edge+1]-q[edge])*fx
	return a + (b-a)*fy
}
