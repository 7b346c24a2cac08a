package matroska

import "math/bits"

// renumber writes a NAL unit anew with the ids of its parameter sets 0. openh264 counts them up with every IDR picture, and
// who has read the header of a stream (RTMP, MP4) looks for the ids that stand there, not for those that come later.
// Only what precedes an id is understood, so the rest moves by some bits; in Baseline nothing is aligned there.
type renumber struct {
	rbsp []byte // the unit without the bytes that keep start codes out
}

// append appends unit to dst, renumbered; what it cannot read, as it is.
func (r *renumber) append(dst, unit []byte) []byte {
	skip, ids := 0, 1 // Exp-Golomb numbers before the ids, and how many ids
	plain := 1        // bytes before those
	switch unit[0] & 0x1f {
	case nalSlice, nalIDR:
		skip = 2 // first_mb_in_slice, slice_type
	case nalSPS:
		plain = 4 // profile, constraints, level
	case nalPPS:
		ids = 2 // its own, its SPS's
	default:
		return append(dst, unit...)
	}
	r.rbsp = appendUnescaped(r.rbsp[:0], unit)
	in := reader{b: r.rbsp, at: 8 * plain}
	for range skip {
		in.golomb()
	}
	kept := in.at
	for range ids {
		in.golomb()
	}
	end := 8*len(r.rbsp) - bits.TrailingZeros8(r.rbsp[len(r.rbsp)-1]) // behind the stop bit, the last that is 1
	if in.over || in.at >= end {
		return append(dst, unit...)
	}
	w := escaper{dst: dst}
	w.copy(r.rbsp, 0, kept)
	for range ids {
		w.write(1, 1)
	}
	w.copy(r.rbsp, in.at, end)
	return w.finish()
}

// escaper writes bits as a NAL unit (H.264, 7.4.1.1).
type escaper struct {
	dst   []byte
	acc   uint32 // bits that make no byte yet
	n     int    // how many
	zeros int    // bytes of 0 just written
}

// write appends the n lowest bits of v, at most 8.
func (w *escaper) write(v uint32, n int) {
	w.acc, w.n = w.acc<<n|v, w.n+n
	if w.n < 8 {
		return
	}
	w.n -= 8
	b := byte(w.acc >> w.n)
	w.acc &= 1<<w.n - 1
	if w.zeros >= 2 && b <= 3 {
		w.dst, w.zeros = append(w.dst, 3), 0
	}
	if w.zeros++; b != 0 {
		w.zeros = 0
	}
	w.dst = append(w.dst, b)
}

// copy appends the bits of b from one offset to another.
func (w *escaper) copy(b []byte, from, to int) {
	for from < to {
		n := min(8-from%8, to-from)
		w.write(uint32(b[from/8])>>(8-from%8-n)&(1<<n-1), n)
		from += n
	}
}

// finish fills the last byte up with zeros.
func (w *escaper) finish() []byte {
	if w.n > 0 {
		w.write(0, 8-w.n)
	}
	return w.dst
}
