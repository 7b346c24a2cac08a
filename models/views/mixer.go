package views

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// packed are samples -127..127 of a box, four to a word, each in 16 bits with 128 added: one multiplication weighs four.
type packed []uint64

const (
	lanes   = 4
	oneUnit = 128 // weights are whole numbers of such parts
	mostSum = 256 // of weights without their signs: beyond, a lane would run over
	turned  = 0x0100_0100_0100_0100
)

// pack packs a plane whose width is a multiple of lanes.
func pack(p *planar.Plane) packed {
	out := make(packed, len(p.Pix)/lanes)
	for i, v := range p.Pix {
		out[i/lanes] |= uint64(min(max(v+128.5, 1), 255)) << (i % lanes * 16)
	}
	return out
}

// mixer mixes packed planes. One goroutine owns it.
type mixer struct {
	sum    []uint64
	shares []int
}

// weigh takes the weights of planes that are mixed next; false if none counts.
func (m *mixer) weigh(weights []float32) bool {
	m.shares = m.shares[:len(weights)]
	all := float32(0)
	for _, w := range weights {
		all += max(w, -w)
	}
	k := float32(oneUnit)
	if all*oneUnit > mostSum-float32(len(weights)) {
		k = (mostSum - float32(len(weights))) / all
	}
	counts := false
	for i, w := range weights {
		m.shares[i] = int(w*k+128.5) - 128 // rounded, for w > -1
		if w*k < -127 {
			m.shares[i] = int(w * k)
		}
		counts = counts || m.shares[i] != 0
	}
	return counts
}

// mix adds the mix of planes, which fill b, to dst, rows of w.
func (m *mixer) mix(dst []float32, w int, b *box, planes []packed) {
	n := (b.X1 - b.X0) / lanes * (b.Y1 - b.Y0)
	sum := m.sum[:n]
	clear(sum)
	total := 0
	for i, share := range m.shares {
		p := planes[i][:n]
		switch {
		case share > 0:
			total += share
			k := uint64(share)
			for o, v := range p {
				sum[o] += k * v
			}
		case share < 0:
			total -= share
			k := uint64(-share)
			for o, v := range p {
				sum[o] += k * (turned - v)
			}
		}
	}
	zero := float32(total)
	for y := b.Y0; y < b.Y1; y++ {
		row := dst[y*w+b.X0 : y*w+b.X1]
		for _, v := range sum[:len(row)/lanes] {
			row[0] += float32(v&0xffff)*(1.0/oneUnit) - zero
			row[1] += float32(v>>16&0xffff)*(1.0/oneUnit) - zero
			row[2] += float32(v>>32&0xffff)*(1.0/oneUnit) - zero
			row[3] += float32(v>>48)*(1.0/oneUnit) - zero
			row = row[lanes:]
		}
		sum = sum[(b.X1-b.X0)/lanes:]
	}
}
