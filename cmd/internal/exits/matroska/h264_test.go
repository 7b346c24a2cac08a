package matroska

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

func TestNALs(t *testing.T) {
	for _, tc := range []struct {
		in   []byte
		want [][]byte
	}{
		{nil, nil},
		{[]byte{1, 2, 3}, nil},
		{[]byte{0, 0, 1}, nil},
		{[]byte{0, 0, 1, 7}, [][]byte{{7}}},
		{[]byte{0, 0, 0, 1, 7, 1, 0, 0, 0, 1, 8, 2, 0, 0, 1, 5, 0, 3}, [][]byte{{7, 1}, {8, 2}, {5, 0, 3}}},
		{[]byte{0, 0, 1, 7, 0, 0, 0, 0, 1, 8, 0, 0, 1}, [][]byte{{7}, {8}}},
		{[]byte{0, 0, 1, 0, 0, 1, 9}, [][]byte{{9}}},
	} {
		if got := slices.Collect(nals(tc.in)); !slices.EqualFunc(got, tc.want, bytes.Equal) {
			t.Errorf("%v: %v, want %v", tc.in, got, tc.want)
		}
	}
}

// TestSPSSize reads parameters that openh264 wrote for 512x512, with its first ids and with later ones.
func TestSPSSize(t *testing.T) {
	first := []byte{0x67, 0x42, 0xc0, 0x1e, 0x8c, 0x8d, 0x40, 0x40, 0x08, 0x24, 0x03, 0xc2, 0x21, 0x1a, 0x80}
	for _, sps := range [][]byte{first, {0x67, 0x42, 0xc0, 0x1e, 0x43, 0x23, 0x50, 0x10, 0x02, 0x09, 0x00, 0xf0, 0x88, 0x46, 0xa0}} {
		if w, h, err := spsSize(sps); w != 512 || h != 512 || err != nil {
			t.Errorf("%x: %d x %d, %v", sps, w, h, err)
		}
		if same := new(renumber).append(nil, sps); !bytes.Equal(same, first) {
			t.Errorf("%x renumbered is %x, want %x", sps, same, first)
		}
	}
	if same := new(renumber).append(nil, []byte{0x68, 0x6c, 0xe3, 0xc8}); !bytes.Equal(same, []byte{0x68, 0xce, 0x3c, 0x80}) {
		t.Errorf("a PPS renumbered is %x", same)
	}
	if _, _, err := spsSize([]byte{0x67, 0x64, 0, 10, 0xff}); err == nil {
		t.Error("High was read as Baseline")
	}
	if _, _, err := spsSize([]byte{0x67, 0x42, 0, 10, 0}); err == nil {
		t.Error("what is cut off was read")
	}
}

// FuzzAVC: whatever the bytes, units are pieces of them, and what is behind lengths adds up.
func FuzzAVC(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x14, 0x8c, 0, 0, 1, 0x68, 0xce, 0, 0, 1, 0x65, 0x88})
	f.Add([]byte{0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		units := 0
		for n := range nals(b) {
			if len(n) == 0 || bytes.Contains(n, []byte{0, 0, 1}) || n[len(n)-1] == 0 {
				t.Fatalf("unit %v of %v", n, b)
			}
			if kind := n[0] & 0x1f; kind != nalSPS && kind != nalPPS && kind != nalAUD {
				units++
			}
		}
		out := new(renumber).appendAVC(nil, b)
		for len(out) > 0 {
			n := int(binary.BigEndian.Uint32(out))
			if bytes.Contains(out[4:4+n], []byte{0, 0, 1}) {
				t.Fatalf("a start code in %v", out[4:4+n])
			}
			out, units = out[4+n:], units-1
		}
		if units != 0 {
			t.Fatalf("%d units lost of %v", units, b)
		}
		sps, _ := parameters(b)
		if w, h, err := spsSize(sps); err == nil && (w <= 0 || h <= 0) {
			t.Fatalf("size %dx%d", w, h)
		}
		for _, c := range []Codec{H264, VP8} {
			_ = NewWriter(&bytes.Buffer{}, c).WriteFrame(b, true, 0)
		}
	})
}
