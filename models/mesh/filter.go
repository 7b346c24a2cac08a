package mesh

import "math"

// kernel is the part of a source row that one target pixel reads.
type kernel struct {
	first  int
	weight []float32
}

// kernels builds a one-dimensional resampling filter: target pixel i covers the source interval
// [start + i*step, start + (i+1)*step). Catmull-Rom, widened for reduction; indices are clamped by the user.
func kernels(n int, start, step float64) []kernel {
	out := make([]kernel, n)
	scale := math.Max(1, step)
	for i := range out {
		c := start + (float64(i)+0.5)*step
		lo, hi := int(math.Floor(c-2*scale)), int(math.Ceil(c+2*scale))
		t := kernel{first: lo, weight: make([]float32, hi-lo)}
		sum := 0.0
		for k := range t.weight {
			w := catmullRom((float64(lo+k) + 0.5 - c) / scale)
			t.weight[k] = float32(w)
			sum += w
		}
		for k := range t.weight {
			t.weight[k] /= float32(sum)
		}
		out[i] = t
	}
	return out
}

// catmullRom is the cubic kernel of Keys 1981 with a = -1/2.
func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return 1.5*x*x*x - 2.5*x*x + 1
	case x < 2:
		return -0.5*x*x*x + 2.5*x*x - 4*x + 2
	}
	return 0
}

// resample cuts the square [x, x+w*step) x [y, y+h*step) out of p at w x h pixels; beyond the edge p is repeated.
func (p *plane) resample(w, h int, x, y, step float64) *plane {
	tx, ty := kernels(w, x, step), kernels(h, y, step)
	mid := newPlane(w, p.h)
	for j := range p.h {
		src := p.pix[j*p.w : (j+1)*p.w]
		for i, t := range tx {
			var s float32
			for k, wt := range t.weight {
				s += wt * src[min(max(t.first+k, 0), p.w-1)]
			}
			mid.pix[j*w+i] = s
		}
	}
	out := newPlane(w, h)
	for j, t := range ty {
		dst := out.pix[j*w : (j+1)*w]
		for k, wt := range t.weight {
			src := mid.pix[min(max(t.first+k, 0), p.h-1)*w:]
			for i := range dst {
				dst[i] += wt * src[i]
			}
		}
	}
	return out
}

// sharpen adds to every pixel k times what it differs from its two neighbours in the row, then in the column; at the edges it
// leaves that out. p is changed.
func (p *plane) sharpen(k float32) *plane {
	for y := range p.h {
		row := p.pix[y*p.w : (y+1)*p.w]
		left := row[0]
		for x := 1; x < len(row)-1; x++ {
			v := row[x]
			row[x] = v + k*(2*v-left-row[x+1])
			left = v
		}
	}
	above, here := make([]float32, p.w), make([]float32, p.w)
	copy(above, p.pix)
	for y := 1; y < p.h-1; y++ {
		row, below := p.pix[y*p.w:(y+1)*p.w], p.pix[(y+1)*p.w:]
		copy(here, row)
		for x, v := range here {
			row[x] = v + k*(2*v-above[x]-below[x])
		}
		above, here = here, above
	}
	return p
}

// blur is a box filter of radius r, run twice (a tent), edge repeated; linear time.
func (p *plane) blur(r int) *plane {
	out := p.clone()
	if r < 1 {
		return out
	}
	for range 2 {
		out.box(r)
	}
	return out
}

// box averages over squares of 2r+1 pixels in place, edge repeated.
func (p *plane) box(r int) {
	line := make([]float32, p.w)
	inv := 1 / float32(2*r+1)
	for y := range p.h {
		row := p.pix[y*p.w : (y+1)*p.w]
		copy(line, row)
		var sum float32
		for i := -r; i <= r; i++ {
			sum += line[min(max(i, 0), p.w-1)]
		}
		for x := range row {
			row[x] = sum * inv
			sum += line[min(x+r+1, p.w-1)] - line[max(x-r, 0)]
		}
	}
	src := append([]float32(nil), p.pix...)
	at := func(y int) []float32 { return src[min(max(y, 0), p.h-1)*p.w:][:p.w] }
	clear(line)
	for i := -r; i <= r; i++ {
		for x, v := range at(i) {
			line[x] += v
		}
	}
	for y := range p.h {
		row, in, out := p.pix[y*p.w:(y+1)*p.w], at(y+r+1), at(y-r)
		for x, v := range line {
			row[x] = v * inv
			line[x] = v + in[x] - out[x]
		}
	}
}
