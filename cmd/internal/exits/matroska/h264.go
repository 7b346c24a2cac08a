package matroska

import (
	"encoding/binary"
	"errors"
	"iter"
)

// Kinds of NAL units (H.264, table 7-1).
const (
	nalSlice = 1
	nalIDR   = 5
	nalSPS   = 7
	nalPPS   = 8
	nalAUD   = 9
)

var errSPS = errors.New("the H.264 stream's parameters cannot be read")

// nals yields the NAL units of an access unit in Annex B, without start codes and zeros around them.
func nals(b []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		from := nextStart(b, 0)
		for from < len(b) {
			next := nextStart(b, from)
			end := next
			if next < len(b) || endsInStart(b) {
				end -= 3
			}
			for end > from && b[end-1] == 0 { // zeros after a unit, or the fourth byte of the next start code
				end--
			}
			if end > from && !yield(b[from:end]) {
				return
			}
			from = next
		}
	}
}

// nextStart is the offset behind the first start code at or after from, len(b) if there is none.
func nextStart(b []byte, from int) int {
	for i := from; i+3 <= len(b); i++ {
		if b[i] == 0 && b[i+1] == 0 && b[i+2] == 1 {
			return i + 3
		}
	}
	return len(b)
}

// endsInStart tells whether b ends in a start code without a unit.
func endsInStart(b []byte) bool {
	n := len(b)
	return n >= 3 && b[n-1] == 1 && b[n-2] == 0 && b[n-3] == 0
}

// parameters finds the SPS and PPS of an access unit, nil where there is none; several cannot be told apart once their ids
// are 0, and are none.
func parameters(b []byte) (sps, pps []byte) {
	several := false
	for n := range nals(b) {
		switch n[0] & 0x1f {
		case nalSPS:
			several = several || sps != nil
			sps = n
		case nalPPS:
			several = several || pps != nil
			pps = n
		}
	}
	if several {
		return nil, nil
	}
	return sps, pps
}

// appendAVC appends the units of an access unit, renumbered, each behind its length in 4 bytes; parameters are left out,
// since the header has them.
func (r *renumber) appendAVC(dst, b []byte) []byte {
	for n := range nals(b) {
		if kind := n[0] & 0x1f; kind == nalSPS || kind == nalPPS || kind == nalAUD {
			continue
		}
		at := len(dst)
		dst = r.append(append(dst, 0, 0, 0, 0), n)
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst
}

// avcConfig makes the decoder configuration record (ISO/IEC 14496-15, 5.3.3.1) of one SPS and one PPS.
func avcConfig(sps, pps []byte) []byte {
	b := []byte{1, sps[1], sps[2], sps[3], 0xFC | 3, 0xE0 | 1}
	b = append(binary.BigEndian.AppendUint16(b, uint16(len(sps))), sps...)
	b = append(b, 1)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(pps))), pps...)
}

// spsSize reads the size of the picture out of an SPS (H.264, 7.3.2.1.1) of the Baseline profile, which renumber relies on.
func spsSize(sps []byte) (width, height int, err error) {
	const baseline = 66
	if len(sps) < 5 || len(sps) > 1000 || sps[1] != baseline {
		return 0, 0, errSPS
	}
	r := reader{b: appendUnescaped(nil, sps[4:])}
	r.golomb() // seq_parameter_set_id
	r.golomb() // log2_max_frame_num_minus4
	switch r.golomb() {
	case 0:
		r.golomb() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		r.read(1)
		r.golomb()
		r.golomb()
		n := r.golomb()
		for range min(n, 256) {
			r.golomb()
		}
	}
	r.golomb() // max_num_ref_frames
	r.read(1)  // gaps_in_frame_num_value_allowed_flag
	w, h := r.golomb()+1, r.golomb()+1
	frames := r.read(1) // frame_mbs_only_flag
	if frames == 0 {
		r.read(1)
	}
	r.read(1) // direct_8x8_inference_flag
	width, height = int(w)*16, int(h)*16*int(2-frames)
	if r.read(1) == 1 {
		left, right, top, bottom := r.golomb(), r.golomb(), r.golomb(), r.golomb()
		width -= 2 * int(left+right)
		height -= 2 * int(2-frames) * int(top+bottom)
	}
	if r.over || width <= 0 || height <= 0 || width > 1<<14 || height > 1<<14 {
		return 0, 0, errSPS
	}
	return width, height, nil
}

// appendUnescaped appends a unit without the bytes that keep start codes out of it (H.264, 7.4.1.1).
func appendUnescaped(out, b []byte) []byte {
	zeros := 0
	for _, v := range b {
		if zeros >= 2 && v == 3 {
			zeros = 0
			continue
		}
		if zeros++; v != 0 {
			zeros = 0
		}
		out = append(out, v)
	}
	return out
}

// reader reads bit by bit.
type reader struct {
	b    []byte
	at   int
	over bool // more was read than there is
}

func (r *reader) read(n int) (v uint32) {
	for range n {
		if r.at >= 8*len(r.b) {
			r.over = true
			return 0
		}
		v = v<<1 | uint32(r.b[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

// golomb reads an unsigned Exp-Golomb number of at most 16 bits (H.264, 9.1).
func (r *reader) golomb() uint32 {
	zeros := 0
	for r.read(1) == 0 {
		if zeros++; r.over || zeros > 16 {
			r.over = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.read(zeros)
}
