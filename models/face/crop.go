package face

import (
	"encoding/binary"
	"math"
)

// Positions in the picture are fixed-point numbers while sampling. The three colours of a pixel travel in one word, in
// lanes of 21 bits: a byte times two bilinear weights of 6 bits takes 20, and so does the weighted sum of four.
const (
	fracBits    = 32
	weightBits  = 6
	weightMask  = 1<<weightBits - 1
	halfWeight  = 1 << (fracBits - weightBits - 1)
	laneBits    = 21
	laneMask    = 1<<laneBits - 1
	maxPerPixel = 16
	maxCropSide = 256
)

// sampler fills a network's input, three planes of n x n values in 0..1, from a picture. It belongs to one goroutine.
type sampler struct {
	// n is at most maxCropSide.
	n int
	// edge repeats the border outside the picture; without it the outside is black.
	edge bool

	sums [3 * maxCropSide]uint32
}

// perAxis is how many samples a crop pixel takes along an axis that shrinks the picture by step: a bilinear sample
// covers two pixels.
func perAxis(step float64) int {
	return min(maxPerPixel, max(1, int(step/2+0.5)))
}

// fill samples m at p into dst, which holds 3*n*n values. It does not allocate.
func (s *sampler) fill(dst []float32, m Image, p plane) {
	n := s.n
	ku := perAxis(math.Hypot(p.ux, p.uy) / float64(n))
	kv := perAxis(math.Hypot(p.vx, p.vy) / float64(n))
	du, dv := 1/float64(n*ku), 1/float64(n*kv)
	line := line{stepX: fixed(p.ux * du), stepY: fixed(p.uy * du), n: n, k: ku}
	scale := float32(1) / (255 * (1 << (2 * weightBits)) * float32(ku*kv))
	for j := range n {
		clear(s.sums[:3*n])
		for b := range kv {
			x, y := p.at(0.5*du-0.5, (float64(j*kv+b)+0.5)*dv-0.5)
			line.x, line.y = fixed(x-0.5)+halfWeight, fixed(y-0.5)+halfWeight
			from, to := line.inside(m)
			s.addEdge(m, line, 0, from)
			s.add(m, line, from, to)
			s.addEdge(m, line, to, n)
		}
		for c := range 3 {
			out := dst[(c*n+j)*n : (c*n+j+1)*n]
			sums := s.sums[c*n : (c+1)*n]
			for i, v := range sums {
				out[i] = float32(v) * scale
			}
		}
	}
}

func fixed(x float64) int64 { return int64(math.Round(x * (1 << fracBits))) }

// line is a row of n*k samples in fixed-point pixels; k of them make one crop pixel.
type line struct {
	x, y, stepX, stepY int64
	n, k               int
}

// inside returns the range of crop pixels all of whose samples have all their four pixels in the picture.
func (l line) inside(m Image) (from, to int) {
	fromX, toX := l.within(l.x, l.stepX, int64(m.Width-1)<<fracBits)
	fromY, toY := l.within(l.y, l.stepY, int64(m.Height-1)<<fracBits)
	from = max(fromX, fromY)
	return from, max(from, min(toX, toY))
}

// within returns the range of crop pixels whose samples lie at 0 or above and below limit along one axis.
func (l line) within(start, step, limit int64) (from, to int) {
	last := limit - 1
	if step < 0 { // seen from the other end of the axis the line goes up
		start, step = last-start, -step
	}
	k, n := int64(l.k), int64(l.n)
	switch {
	case limit < 1 || start > last:
		return 0, 0
	case step == 0:
		if start < 0 {
			return 0, 0
		}
		return 0, l.n
	}
	if start < 0 {
		from = int(min(n, ((-start+step-1)/step+k-1)/k))
	}
	return from, int(min(n, ((last-start)/step+1)/k))
}

// add accumulates the crop pixels from..to of a line; they must lie inside the picture.
func (s *sampler) add(m Image, l line, from, to int) {
	red, green, blue := s.sums[from:to], s.sums[l.n+from:l.n+to], s.sums[2*l.n+from:2*l.n+to]
	x, y := l.at(from)
	for i := range red {
		for range l.k {
			at := int(y>>fracBits)*m.Stride + 4*int(x>>fracBits)
			upper, lower := m.Pix[at:at+8:at+8], m.Pix[at+m.Stride:at+m.Stride+8:at+m.Stride+8]
			w00, w10, w01, w11 := corners(x, y)
			v := lanes(upper)*w00 + lanes(upper[4:])*w10 + lanes(lower)*w01 + lanes(lower[4:])*w11
			red[i] += uint32(v & laneMask)
			green[i] += uint32(v >> laneBits & laneMask)
			blue[i] += uint32(v >> (2 * laneBits))
			x += l.stepX
			y += l.stepY
		}
	}
}

// at is the first sample of a crop pixel.
func (l line) at(i int) (x, y int64) {
	k := int64(i * l.k)
	return l.x + k*l.stepX, l.y + k*l.stepY
}

// corners are the bilinear weights of the four pixels around a position.
func corners(x, y int64) (w00, w10, w01, w11 uint64) {
	const one = 1 << weightBits
	wx := uint64(x>>(fracBits-weightBits)) & weightMask
	wy := uint64(y>>(fracBits-weightBits)) & weightMask
	w11 = wx * wy
	w10, w01 = wx*one-w11, wy*one-w11
	return one*one - w10 - w01 - w11, w10, w01, w11
}

// lanes spreads the three colours of a pixel over a word.
func lanes(p []byte) uint64 {
	v := uint64(binary.LittleEndian.Uint32(p))
	return v&0xff | v&0xff00<<(laneBits-8) | v&0xff0000<<(2*laneBits-16)
}

// addEdge is add for crop pixels of which some samples leave the picture.
func (s *sampler) addEdge(m Image, l line, from, to int) {
	x, y := l.at(from)
	for i := from; i < to; i++ {
		for range l.k {
			w00, w10, w01, w11 := corners(x, y)
			px, py := int(x>>fracBits), int(y>>fracBits)
			v := s.tap(m, px, py)*w00 + s.tap(m, px+1, py)*w10 + s.tap(m, px, py+1)*w01 + s.tap(m, px+1, py+1)*w11
			s.sums[i] += uint32(v & laneMask)
			s.sums[l.n+i] += uint32(v >> laneBits & laneMask)
			s.sums[2*l.n+i] += uint32(v >> (2 * laneBits))
			x += l.stepX
			y += l.stepY
		}
	}
}

// tap is the colour of one pixel, wherever it lies.
func (s *sampler) tap(m Image, x, y int) uint64 {
	if s.edge {
		x, y = min(max(x, 0), m.Width-1), min(max(y, 0), m.Height-1)
	} else if x < 0 || y < 0 || x >= m.Width || y >= m.Height {
		return 0
	}
	return lanes(m.Pix[y*m.Stride+4*x:])
}
