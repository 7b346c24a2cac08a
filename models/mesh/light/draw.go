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
	luma := plane{width: f.Width, k: 1, zero: 16, most: 235}
	for y := y0; y < y1; y++ {
		luma.draw(f.Y, s, y, int(s.from[y]), int(s.to[y]))
	}
	// Colour takes part: more light on skin without it would be grey.
	colour := plane{width: f.Width / 2, k: 2, zero: 128, most: 240}
	for y := (y0 + 1) / 2; y < y1/2; y++ {
		from, to := max(s.from[2*y], s.from[2*y+1])+1, min(s.to[2*y], s.to[2*y+1])
		colour.draw(f.U, s, y, int(from/2), int(to/2))
		colour.draw(f.V, s, y, int(from/2), int(to/2))
	}
}

// plane is one of a picture: its width in samples, each k output pixels wide, the value of no light or no colour, and the most that
// it holds.
type plane struct{ width, k, zero, most int }

// draw shades columns x0 to x1 of row y. Places are counted in halves of pixels: nodes lie on corners of pixels.
func (p *plane) draw(pix []byte, s *Posed, y, x0, x1 int) {
	n, shift, width := s.nodes, s.shift+1, (1<<s.shift)/p.k
	py := (2*y + 1) * p.k
	j := py>>shift + 1
	if !s.used[j] && !s.used[j+1] {
		return
	}
	x0, x1 = max(x0, (s.i0-1)*width), min(x1, (s.i1-2)*width)
	if x0 >= x1 {
		return
	}
	// The changes along this row: the cell that x lies in has those of line[i] and line[i+1], with i = x/width - first.
	var line [mostNodes]int32
	first, last := x0/width, (x1-1)/width
	low := int32(py & (1<<shift - 1))
	top, next := s.grid[j*n+first+1:], s.grid[(j+1)*n+first+1:]
	for i := range last - first + 2 {
		line[i] = int32(top[i])<<shift + (int32(next[i])-int32(top[i]))*low
	}
	row := pix[y*p.width:][:p.width]
	if from := first * width; x0 > from || x1 < from+width { // a cell that is not shaded whole
		end := min(from+width, x1)
		p.part(row[x0:end], line[:], x0-from, shift)
		x0 = end
	}
	i := x0/width - first
	if whole := (x1 - x0) / width; whole > 0 {
		p.cells(row[x0:x0+whole*width], line[i:i+whole+1], width, shift)
		x0, i = x0+whole*width, i+whole
	}
	if x0 < x1 {
		p.part(row[x0:x1], line[i:], 0, shift)
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
