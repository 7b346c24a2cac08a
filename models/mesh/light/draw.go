package light

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Draw shades the band of f, over whatever is drawn of the face. Bands may be drawn at the same time.
func (s *Posed) Draw(f *frame.I420, bd planar.Band) {
	if s == nil {
		return
	}
	y0, y1 := max(bd.Y0, s.y0), min(bd.Y1, s.y1)
	luma, c := plane{k: 1, zero: 16, most: 235}, run{}
	for y := y0; y < y1; y++ {
		if c.find(s, y, 1, int(s.from[y]), int(s.to[y])) {
			luma.draw(f.Y[y*f.Width:], &c)
		}
	}
	// Colour takes part: more light on skin without it would be grey.
	colour := plane{k: 2, zero: 128, most: 240}
	for y := (y0 + 1) / 2; y < y1/2; y++ {
		from, to := max(s.from[2*y], s.from[2*y+1])+1, min(s.to[2*y], s.to[2*y+1])
		if c.find(s, y, 2, int(from/2), int(to/2)) {
			colour.draw(f.U[y*f.Width/2:], &c)
			colour.draw(f.V[y*f.Width/2:], &c)
		}
	}
}

// run is a part of a row that changes: samples x0 to x1, in cells of width samples of which the first begins at the sample start;
// cell i has the changes line[i] and line[i+1] at its ends.
type run struct {
	x0, x1, start, width int
	shift                uint
	line                 [mostNodes]int32
}

// find reads from the grid how columns x0 to x1 of row y change, of a plane whose samples are k output pixels wide; false if not at all.
// Places are counted in halves of pixels: nodes lie on corners of pixels.
func (c *run) find(s *Posed, y, k, x0, x1 int) bool {
	n, shift, width := s.nodes, s.shift+1, (1<<s.shift)/k
	py := (2*y + 1) * k
	j := py>>shift + 1
	x0, x1 = max(x0, (s.i0-1)*width), min(x1, (s.i1-2)*width)
	if x0 >= x1 || j < s.j0 || j+1 >= s.j1 || !s.used[j] && !s.used[j+1] {
		return false
	}
	first, last := x0/width, (x1-1)/width
	low, bound := int32(py&(1<<shift-1)), int32(least)<<shift
	top, next := s.grid[j*n+first+1:], s.grid[(j+1)*n+first+1:]
	at := func(i int) int32 { return int32(top[i])<<shift + (int32(next[i])-int32(top[i]))*low }
	small := func(v int32) bool { return v < bound && -v < bound }
	from, to := 0, last-first+1
	for from < to && small(at(from)) && small(at(from+1)) {
		from++
	}
	for to > from && small(at(to)) && small(at(to-1)) {
		to--
	}
	if from == to {
		return false
	}
	for i := from; i <= to; i++ {
		c.line[i-from] = at(i)
	}
	c.start, c.width, c.shift = (first+from)*width, width, shift
	c.x0, c.x1 = max(x0, c.start), min(x1, (first+to)*width)
	return true
}

// plane is one of a picture: how many output pixels wide its samples are, the value of no light or no colour, and the most that it
// holds.
type plane struct{ k, zero, most int }

// draw shades a run of a row.
func (p *plane) draw(row []byte, c *run) {
	x, i := c.x0, 0
	if end := c.start + c.width; x > c.start || c.x1 < end { // a cell that is not shaded whole
		end = min(end, c.x1)
		p.part(row[x:end], c.line[:], x-c.start, c.shift)
		x, i = end, 1
	}
	if whole := (c.x1 - x) / c.width; whole > 0 {
		p.cells(row[x:x+whole*c.width], c.line[i:i+whole+1], c.width, c.shift)
		x, i = x+whole*c.width, i+whole
	}
	if x < c.x1 {
		p.part(row[x:c.x1], c.line[i:], 0, c.shift)
	}
}

// cellsOne shades whole cells, width samples each, in plain Go: what every processor can, and what the kernel of some has to equal.
func (p *plane) cellsOne(row []byte, line []int32, width int, shift uint) {
	for i := range len(line) - 1 {
		p.part(row[i*width:(i+1)*width], line[i:], 0, shift)
	}
}

// part shades the samples of a cell from the first on: the distance of each from zero is multiplied by 1 + v/whole, of which v lies
// on the way from line[0] to line[1].
func (p *plane) part(row []byte, line []int32, first int, shift uint) {
	k, zero, most := int32(p.k), int32(p.zero), int32(p.most)
	d := line[1] - line[0]
	v, bits := line[0]<<shift+d*(int32(2*first+1)*k), 2*shift
	for i, b := range row {
		c := int32(b)
		row[i] = byte(min(max(c+((c-zero)*(v>>bits)+whole/2)>>12, 16), most))
		v += 2 * k * d
	}
}
