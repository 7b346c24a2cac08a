package portrait

import "github.com/gioconda-live/gioconda/pipeline/frame"

// readI420 samples the region that lies at a (pixels of src) into dst, I420 of Edge x Edge: rows of Y, then U, then V.
// Beyond the picture its nearest pixels repeat. It does not allocate.
func (r *Region) readI420(dst []byte, src *frame.I420, a *Alignment) {
	e := r.Edge
	n := e * e
	y, u, v := dst[:n], dst[n:n+n/4], dst[n+n/4:n+n/2]
	if r.covers(src, a) {
		copy(y, src.Y)
		copy(u, src.U)
		copy(v, src.V)
		return
	}
	sample(y, e, 1, src.Y, src.Width, src.Height, a)
	sample(u, e/2, 2, src.U, src.Width/2, src.Height/2, a)
	sample(v, e/2, 2, src.V, src.Width/2, src.Height/2, a)
}

// covers tells that the region is the picture, pixel on pixel.
func (r *Region) covers(f *frame.I420, a *Alignment) bool {
	if f.Width != r.Edge || f.Height != r.Edge {
		return false
	}
	at := func(i, j float32) bool {
		x, y := a.At(i, j)
		return x == i && y == j
	}
	e := float32(r.Edge)
	return at(0, 0) && at(e, 0) && at(0, e)
}

// sample reads a plane of e x e pixels, each as wide as k pixels of the region, that lies at a in src, of which k*w pixels
// are the picture's width.
func sample(dst []byte, e, k int, src []byte, w, h int, a *Alignment) {
	if sampleStraight(dst, e, k, src, w, h, a) {
		return
	}
	offsets, taps := a.taps()
	weight := 1 / float32(taps*taps)
	wide := float32(k)
	for j := range e {
		for i := range e {
			var v float32
			for _, oj := range offsets[:taps] {
				for _, oi := range offsets[:taps] {
					x, y := a.At((float32(i)+oi)*wide, (float32(j)+oj)*wide)
					v += bilinear(src, w, h, x/wide-0.5, y/wide-0.5)
				}
			}
			dst[j*e+i] = byte(v*weight + 0.5)
		}
	}
}

// subtract writes what a network changed, share of it, into d: planes Y, U, V as in I420, faded out at the border.
func (r *Region) subtract(d []float32, after, before []byte, share float32) {
	e := r.Edge
	n := e * e
	plane := func(from, e, ramp int) {
		for j := range e {
			down := min(float32(min(j, e-1-j))/float32(ramp), 1) * share
			row, was, is := d[from+j*e:from+(j+1)*e], before[from+j*e:from+(j+1)*e], after[from+j*e:from+(j+1)*e]
			for i := range row {
				row[i] = (float32(is[i]) - float32(was[i])) * down
			}
			for i := range ramp {
				row[i] *= float32(i) / float32(ramp)
				row[e-1-i] *= float32(i) / float32(ramp)
			}
		}
	}
	plane(0, e, border)
	plane(n, e/2, border/2)
	plane(n+n/4, e/2, border/2)
}

// addI420 lays what subtract wrote over f, where the region lies at a, from the even column left on.
func (r *Region) addI420(f *frame.I420, d []float32, a *Alignment, left int) {
	e := r.Edge
	n := e * e
	y, u, v := d[:n], d[n:n+n/4], d[n+n/4:n+n/2]
	if r.covers(f, a) {
		add(f.Y, y, e, left, 235)
		add(f.U, u, e/2, left/2, 240)
		add(f.V, v, e/2, left/2, 240)
		return
	}
	overlay(f.Y, f.Width, f.Height, y, e, 1, a, left, 235)
	overlay(f.U, f.Width/2, f.Height/2, u, e/2, 2, a, left/2, 240)
	overlay(f.V, f.Width/2, f.Height/2, v, e/2, 2, a, left/2, 240)
}

// add adds a plane of differences to one that it covers, e pixels wide, from the column left on.
func add(dst []byte, d []float32, e, left int, most float32) {
	for j := range e {
		row, by := dst[j*e+left:(j+1)*e], d[j*e+left:(j+1)*e]
		for i, v := range by {
			if v != 0 {
				row[i] = within(float32(row[i])+v, most)
			}
		}
	}
}

// overlay adds a plane of differences, e x e, each as wide as k pixels of the region that lies at a in dst.
func overlay(dst []byte, w, h int, d []float32, e, k int, a *Alignment, left int, most float32) {
	if overlayStraight(dst, w, h, d, e, k, a, left, most) {
		return
	}
	x0, y0, x1, y1 := a.cover(box{0, 0, e * k, e * k}, w*k, h*k)
	wide := float32(k)
	for y := y0 / k; y < min((y1+k-1)/k, h); y++ {
		row := dst[y*w : (y+1)*w]
		for x := max(x0/k, left); x < min((x1+k-1)/k, w); x++ {
			i, j := a.Into((float32(x)+0.5)*wide, (float32(y)+0.5)*wide)
			if v := lerp(d, e, i/wide-0.5, j/wide-0.5); v != 0 {
				row[x] = within(float32(row[x])+v, most)
			}
		}
	}
}
