package frame

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Scaler scales square pictures of one size to another, sharply: a cubic kernel (Keys 1981, a = -1/2), widened for reduction, first
// along rows, then along columns. It holds scratch: one goroutine owns it.
type Scaler struct {
	from, to     int
	luma, chroma planeScaler
}

// NewScaler prepares scaling pictures of from x from pixels to to x to; both are multiples of 8 between 64 and 4096.
func NewScaler(from, to int) (*Scaler, error) {
	for _, edge := range [...]int{from, to} {
		if edge < 64 || edge > 4096 || edge%8 != 0 {
			return nil, fmt.Errorf("frame: scaling %d to %d pixels: both must be multiples of 8 between 64 and 4096", from, to)
		}
	}
	return &Scaler{from: from, to: to, luma: newPlaneScaler(from, to), chroma: newPlaneScaler(from/2, to/2)}, nil
}

// Scale writes src, scaled, into dst with its upper left corner at (x, y), both even. src may be higher than it is wide: the square
// whose first row is fromY is taken, which is even too. It allocates nothing.
func (s *Scaler) Scale(dst *I420, x, y int, src *I420, fromY int) error {
	if src.Width != s.from || fromY < 0 || fromY%2 != 0 || fromY+s.from > src.Height {
		return fmt.Errorf("frame: %dx%d from row %d on does not hold the square of %d that is to be scaled", src.Width, src.Height, fromY, s.from)
	}
	if x < 0 || y < 0 || x%2 != 0 || y%2 != 0 || x+s.to > dst.Width || y+s.to > dst.Height {
		return fmt.Errorf("frame: a square of %d at (%d, %d) does not fit %dx%d", s.to, x, y, dst.Width, dst.Height)
	}
	n, w := src.Width, dst.Width
	s.luma.scale(dst.Y[y*w+x:], w, src.Y[fromY*n:])
	s.chroma.scale(dst.U[y*w/4+x/2:], w/2, src.U[fromY*n/4:])
	s.chroma.scale(dst.V[y*w/4+x/2:], w/2, src.V[fromY*n/4:])
	return nil
}

// planeScaler scales square planes, four samples at once, in four lanes of 16 bits: along rows the same column of four rows, then
// along columns four columns of one row.
type planeScaler struct {
	from, to int
	taps     int
	first    []int32  // for each target sample, the first source sample that it reads; before 0 and beyond the end the nearest counts
	weights  []int16  // taps for each target sample, which add up to 1 << weightBits
	columns  []uint64 // of four source rows, with taps more at either end
	rows     [][]uint64
	held     []int     // which four source rows each four of rows are made of, counted in fours, -1 for none
	scaled   []uint64  // what columns become
	sums     []uint64  // of one target row
	clamped  [512]byte // what a lane means without its fractional bits
}

const (
	weightBits = 7

	lanes = 0x0001_0001_0001_0001 // one in each
	// below is what is added to a lane so that what overshoots below 0 stays positive; a cubic kernel does by a seventh at most.
	below = 48
	// start is where the sum of a lane begins, for rounding too. No weights bring it outside of 0..65535.
	start = lanes * (below<<weightBits + 1<<(weightBits-1))
)

func newPlaneScaler(from, to int) planeScaler {
	step := float64(from) / float64(to)
	wide := math.Max(1, step)
	p := planeScaler{from: from, to: to, taps: int(math.Ceil(4 * wide)), first: make([]int32, to)}
	for i := range to {
		centre := (float64(i)+0.5)*step - 0.5
		first := int(math.Floor(centre-2*wide)) + 1
		p.first[i] = int32(first)
		weights := make([]float64, p.taps)
		for k := range weights {
			weights[k] = cubic((float64(first+k) - centre) / wide)
		}
		p.weights = append(p.weights, fixedWeights(weights)...)
	}
	p.columns, p.scaled, p.sums = make([]uint64, from+2*p.taps), make([]uint64, to), make([]uint64, to/4)
	p.held = make([]int, (p.taps+2)/4+1)
	p.rows = make([][]uint64, 4*len(p.held))
	for i := range p.rows {
		p.rows[i] = make([]uint64, to/4)
	}
	for i := range p.clamped {
		p.clamped[i] = byte(min(max(i-below, 0), 255))
	}
	return p
}

// cubic is the kernel.
func cubic(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return 1.5*x*x*x - 2.5*x*x + 1
	case x < 2:
		return -0.5*x*x*x + 2.5*x*x - 4*x + 2
	}
	return 0
}

// fixedWeights rounds weights so that they add up to 1 << weightBits: the largest takes what rounding left.
func fixedWeights(weights []float64) []int16 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	out := make([]int16, len(weights))
	left, most := int16(1)<<weightBits, 0
	for k, w := range weights {
		out[k] = int16(math.Round(w / sum * (1 << weightBits)))
		left -= out[k]
		if out[k] > out[most] {
			most = k
		}
	}
	out[most] += left
	return out
}

// scale fills to x to samples of dst from the from x from of src.
func (p *planeScaler) scale(dst []byte, stride int, src []byte) {
	for i := range p.held {
		p.held[i] = -1
	}
	for j := range p.to {
		first := int(p.first[j])
		for four := p.clip(first) / 4; four <= p.clip(first+p.taps-1)/4; four++ {
			p.along(src, four)
		}
		p.across(dst[j*stride:][:p.to], j)
	}
}

// clip is the nearest source sample.
func (p *planeScaler) clip(i int) int { return min(max(i, 0), p.from-1) }

// row is source row i, scaled along itself, in fours of columns; along has made it.
func (p *planeScaler) row(i int) []uint64 {
	i = p.clip(i)
	return p.rows[4*(i/4%len(p.held))+i%4]
}

// along scales four source rows along themselves, the four-th four, unless they are held already.
func (p *planeScaler) along(src []byte, four int) {
	slot := four % len(p.held)
	if p.held[slot] == four {
		return
	}
	p.held[slot] = four
	columns := p.columns[p.taps:][:p.from]
	a, b := src[4*four*p.from:][:len(columns)], src[(4*four+1)*p.from:][:len(columns)]
	c, d := src[(4*four+2)*p.from:][:len(columns)], src[(4*four+3)*p.from:][:len(columns)]
	for x := range columns {
		columns[x] = uint64(a[x]) | uint64(b[x])<<16 | uint64(c[x])<<32 | uint64(d[x])<<48
	}
	for k := range p.taps {
		p.columns[k], p.columns[p.taps+p.from+k] = columns[0], columns[p.from-1]
	}
	p.samples()
	p.transpose(slot)
}

// samples fills scaled from columns.
func (p *planeScaler) samples() {
	if p.taps == 4 {
		first, weights := p.first[:len(p.scaled)], p.weights[:4*len(p.scaled)]
		for x := range p.scaled {
			s, w := p.columns[4+first[x]:][:4:4], weights[4*x:][:4:4]
			p.scaled[x] = p.rounded(start + s[0]*uint64(w[0]) + s[1]*uint64(w[1]) + s[2]*uint64(w[2]) + s[3]*uint64(w[3]))
		}
		return
	}
	for x := range p.scaled {
		sum := uint64(start)
		w := p.weights[x*p.taps:][:p.taps]
		for k, v := range p.columns[p.taps+int(p.first[x]):][:len(w)] {
			sum += v * uint64(w[k])
		}
		p.scaled[x] = p.rounded(sum)
	}
}

// transpose makes rows of four columns out of what is scaled, columns of four rows.
func (p *planeScaler) transpose(slot int) {
	n := p.to / 4
	r0, r1, r2, r3 := p.rows[4*slot][:n], p.rows[4*slot+1][:n], p.rows[4*slot+2][:n], p.rows[4*slot+3][:n]
	for q := range n {
		c := p.scaled[4*q:][:4:4]
		e, f, g, h := c[0], c[1], c[2], c[3]
		const even = 0x0000ffff_0000ffff
		ef, fe := e&even|f&even<<16, e>>16&even|f&^even
		gh, hg := g&even|h&even<<16, g>>16&even|h&^even
		r0[q], r2[q] = ef&0xffffffff|gh<<32, ef>>32|gh&^0xffffffff
		r1[q], r3[q] = fe&0xffffffff|hg<<32, fe>>32|hg&^0xffffffff
	}
}

// across fills row j of the target from the rows that it needs.
func (p *planeScaler) across(dst []byte, j int) {
	first, w := int(p.first[j]), p.weights[j*p.taps:][:p.taps]
	if p.taps == 4 {
		n := len(dst) / 4
		a, b, c, d := p.row(first)[:n], p.row(first + 1)[:n], p.row(first + 2)[:n], p.row(first + 3)[:n]
		wa, wb, wc, wd := uint64(w[0]), uint64(w[1]), uint64(w[2]), uint64(w[3])
		for q := range a {
			pack(dst[4*q:], p.rounded(start+a[q]*wa+b[q]*wb+c[q]*wc+d[q]*wd))
		}
		return
	}
	for q := range p.sums {
		p.sums[q] = start
	}
	for k, wk := range w {
		for q, v := range p.row(first + k) {
			p.sums[q] += v * uint64(wk)
		}
	}
	for q, sum := range p.sums {
		pack(dst[4*q:], p.rounded(sum))
	}
}

// rounded takes four sums to values of 0 to 255.
func (p *planeScaler) rounded(sum uint64) uint64 {
	v := sum>>weightBits&(lanes*511) + lanes*(1<<15-below)
	if v&(lanes*0xff00) == lanes*(1<<15) { // none of them overshoots
		return v & (lanes * 255)
	}
	return p.limited(sum)
}

func (p *planeScaler) limited(sum uint64) uint64 {
	return uint64(p.clamped[sum>>weightBits&511]) | uint64(p.clamped[sum>>(16+weightBits)&511])<<16 |
		uint64(p.clamped[sum>>(32+weightBits)&511])<<32 | uint64(p.clamped[sum>>(48+weightBits)])<<48
}

// pack writes four lanes as bytes.
func pack(dst []byte, v uint64) {
	v |= v >> 8
	binary.LittleEndian.PutUint32(dst, uint32(v&0xffff|v>>16&0xffff0000))
}
