package planar

import "math"

// Dilate replaces every pixel by the largest within a square of radius r (grey dilation); the result is new.
func (p *Plane) Dilate(r int) *Plane { return p.extremes(r, true) }

// Erode replaces every pixel by the smallest within a square of radius r (grey erosion); the result is new.
func (p *Plane) Erode(r int) *Plane { return p.extremes(r, false) }

// extremes is dilate (grow = true) or erode.
func (p *Plane) extremes(r int, grow bool) *Plane {
	out := p.Clone()
	buf := make([]float32, max(p.W, p.H)+2*r)
	for y := range p.H {
		extremeLine(out.Pix[y*p.W:], 1, p.W, r, grow, buf)
	}
	for x := range p.W {
		extremeLine(out.Pix[x:], p.W, p.H, r, grow, buf)
	}
	return out
}

// extremeLine replaces each of n values, stride apart, by the largest (or smallest) within r. Windows double in width
// until they nearly cover 2r+1: log r passes. buf is scratch of n+2r values.
func extremeLine(v []float32, stride, n, r int, grow bool, buf []float32) {
	never := float32(math.Inf(1))
	if grow {
		never = -never
	}
	line := buf[:n+2*r]
	flat := true
	for i := range line {
		line[i] = never
	}
	for i := range n {
		line[r+i] = v[i*stride]
		flat = flat && line[r+i] == line[r]
	}
	if flat {
		return
	}
	width := 1 // line[i] holds the extreme of i .. i+width-1
	for width*2 <= 2*r+1 {
		for i := range len(line) - width {
			line[i] = extreme(line[i], line[i+width], grow)
		}
		width *= 2
	}
	for i := range n {
		v[i*stride] = extreme(line[i], line[i+2*r+1-width], grow)
	}
}

func extreme(a, b float32, larger bool) float32 {
	if (a > b) == larger {
		return a
	}
	return b
}
