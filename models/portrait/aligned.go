package portrait

// A region that lies straight in the picture, as that of the whole head does, is sampled row by row: where its columns
// fall is worked out once per plane instead of once per pixel.

// tap is a place between two neighbouring pixels of a row, at and at+1; at is -1 for a place beyond.
type tap struct {
	at   int32
	part float32 // of the second pixel
}

const maxWidth = 1024 // of pictures and regions that take this way

// straight tells that the region is not turned, mirrored or stretched; step is how far its pixels are apart.
func (a *Alignment) straight() (ox, oy, step float32, ok bool) {
	ox, oy = a.At(0, 0)
	x1, y1 := a.At(1, 0)
	x2, y2 := a.At(0, 1)
	return ox, oy, x1 - ox, y1 == oy && x2 == ox && x1 > ox && x1-ox == y2-oy
}

// between finds x among n pixels, the nearest where it lies beyond.
func between(x float32, n int) tap {
	x = min(max(x, 0), float32(n-1))
	at := min(int(x), n-2)
	return tap{int32(at), x - float32(at)}
}

// sampleStraight is sample where the region lies straight; false if it does not, or the planes are too wide.
func sampleStraight(dst []byte, e, k int, src []byte, w, h int, a *Alignment) bool {
	var columns [maxWidth * 2]tap
	ox, oy, step, ok := a.straight()
	offsets, taps := a.taps()
	if !ok || e > maxWidth || e*taps > len(columns) || w > maxWidth || w < 2 || h < 2 {
		return false
	}
	wide := float32(k)
	for i := range e {
		for t, o := range offsets[:taps] {
			columns[t*e+i] = between((ox+step*(float32(i)+o)*wide)/wide-0.5, w)
		}
	}
	weight := 1 / float32(taps*taps)
	var sums, mixed [maxWidth]float32 // of a row: results, and the picture's pixels between two of its rows
	for j := range e {
		sum := sums[:e]
		clear(sum)
		for _, o := range offsets[:taps] {
			row := between((oy+step*(float32(j)+o)*wide)/wide-0.5, h)
			top := src[int(row.at)*w : int(row.at+1)*w]
			low := src[int(row.at+1)*w : int(row.at+2)*w]
			for x, v := range top {
				mixed[x] = float32(v) + (float32(low[x])-float32(v))*row.part
			}
			for t := range taps {
				for i := range sum {
					c := columns[t*e+i]
					p := mixed[c.at : c.at+2]
					sum[i] += p[0] + (p[1]-p[0])*c.part
				}
			}
		}
		for i, v := range sum {
			dst[j*e+i] = byte(v*weight + 0.5)
		}
	}
	return true
}

// overlayStraight is overlay where the region lies straight; false if it does not, or the picture is too wide.
func overlayStraight(dst []byte, w, h int, d []float32, e, k int, a *Alignment, left int, most float32) bool {
	ox, oy, step, ok := a.straight()
	if !ok || w > maxWidth || e < 2 {
		return false
	}
	wide := float32(k)
	inside := func(x, origin float32) tap {
		i := ((x+0.5)*wide-origin)/step/wide - 0.5
		if i < 0 || i >= float32(e-1) {
			return tap{at: -1}
		}
		return between(i, e)
	}
	var columns [maxWidth]tap
	for x := range w {
		columns[x] = inside(float32(x), ox)
	}
	for y := range h {
		r := inside(float32(y), oy)
		if r.at < 0 {
			continue
		}
		top, low := d[int(r.at)*e:int(r.at+1)*e], d[int(r.at+1)*e:int(r.at+2)*e]
		row := dst[y*w : (y+1)*w]
		for x := left; x < w; x++ {
			c := columns[x]
			if c.at < 0 {
				continue
			}
			p, q := top[c.at:c.at+2], low[c.at:c.at+2]
			u, v := p[0]+(p[1]-p[0])*c.part, q[0]+(q[1]-q[0])*c.part
			if by := u + (v-u)*r.part; by != 0 {
				row[x] = within(float32(row[x])+by, most)
			}
		}
	}
	return true
}
