package planar

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

// Resample shows the box [x, x+w*step) x [y, y+h*step) of p in w x h pixels; beyond p its nearest pixels are repeated.
func (p *Plane) Resample(w, h int, x, y, step float64) *Plane {
	tx, ty := kernels(w, x, step), kernels(h, y, step)
	mid := New(w, p.H)
	for j := range p.H {
		src := p.Pix[j*p.W : (j+1)*p.W]
		for i, t := range tx {
			var s float32
			for k, wt := range t.weight {
				s += wt * src[min(max(t.first+k, 0), p.W-1)]
			}
			mid.Pix[j*w+i] = s
		}
	}
	out := New(w, h)
	for j, t := range ty {
		dst := out.Pix[j*w : (j+1)*w]
		for k, wt := range t.weight {
			src := mid.Pix[min(max(t.first+k, 0), p.H-1)*w:]
			for i := range dst {
				dst[i] += wt * src[i]
			}
		}
	}
	return out
}

// Sharpen adds to every pixel k times what it differs from its two neighbours in the row, then in the column; at the edges it
// leaves that out. p itself is changed and returned.
func (p *Plane) Sharpen(k float32) *Plane {
	for y := range p.H {
		row := p.Pix[y*p.W : (y+1)*p.W]
		left := row[0]
		for x := 1; x < len(row)-1; x++ {
			v := row[x]
			row[x] = v + k*(2*v-left-row[x+1])
			left = v
		}
	}
	above, here := make([]float32, p.W), make([]float32, p.W)
	copy(above, p.Pix)
	for y := 1; y < p.H-1; y++ {
		row, below := p.Pix[y*p.W:(y+1)*p.W], p.Pix[(y+1)*p.W:]
		copy(here, row)
		for x, v := range here {
			row[x] = v + k*(2*v-above[x]-below[x])
		}
		above, here = here, above
	}
	return p
}

// Blur is a box filter of radius r pixels, run twice (a tent), edge repeated; the result is new. Its time does not depend on r.
func (p *Plane) Blur(r int) *Plane {
	out := p.Clone()
	if r < 1 {
		return out
	}
	for range 2 {
		out.Box(r)
	}
	return out
}

// Box averages over squares of 2r+1 pixels, edge repeated; p itself is changed.
func (p *Plane) Box(r int) {
	line := make([]float32, p.W)
	inv := 1 / float32(2*r+1)
	for y := range p.H {
		row := p.Pix[y*p.W : (y+1)*p.W]
		copy(line, row)
		var sum float32
		for i := -r; i <= r; i++ {
			sum += line[min(max(i, 0), p.W-1)]
		}
		for x := range row {
			row[x] = sum * inv
			sum += line[min(x+r+1, p.W-1)] - line[max(x-r, 0)]
		}
	}
	src := append([]float32(nil), p.Pix...)
	at := func(y int) []float32 { return src[min(max(y, 0), p.H-1)*p.W:][:p.W] }
	clear(line)
	for i := -r; i <= r; i++ {
		for x, v := range at(i) {
			line[x] += v
		}
	}
	for y := range p.H {
		row, in, out := p.Pix[y*p.W:(y+1)*p.W], at(y+r+1), at(y-r)
		for x, v := range line {
			row[x] = v * inv
			line[x] = v + in[x] - out[x]
		}
	}
}
