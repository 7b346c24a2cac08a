package tflite

import (
	"encoding/binary"
	"fmt"
	"math"
)

// flat reads a flatbuffer. Every access is checked against the buffer; the first fault sticks in err and every later
// read returns a zero value, so callers check err once, at the end.
type flat struct {
	b   []byte
	err error
}

// table is a flatbuffer table: its position and the extent of its vtable. The zero table is absent.
type table struct {
	pos   int
	vt    int
	vtLen int
}

// vector is a flatbuffer vector: position of its first element and its length. The zero vector is empty.
type vector struct {
	pos, n int
}

func (f *flat) fail(what string, pos int) {
	if f.err == nil {
		f.err = fmt.Errorf("%w: %s at byte %d lies outside the file", ErrMalformed, what, pos)
	}
}

// span reports whether n bytes at pos lie in the buffer.
func (f *flat) span(pos, n int) bool {
	return f.err == nil && pos >= 0 && n >= 0 && pos <= len(f.b)-n
}

func (f *flat) u16(pos int) int {
	if !f.span(pos, 2) {
		f.fail("a 16-bit number", pos)
		return 0
	}
	return int(binary.LittleEndian.Uint16(f.b[pos:]))
}

func (f *flat) i32(pos int) int {
	if !f.span(pos, 4) {
		f.fail("a 32-bit number", pos)
		return 0
	}
	return int(int32(binary.LittleEndian.Uint32(f.b[pos:])))
}

// follow resolves the unsigned offset stored at pos.
func (f *flat) follow(pos int) int {
	if !f.span(pos, 4) {
		f.fail("an offset", pos)
		return 0
	}
	off := binary.LittleEndian.Uint32(f.b[pos:])
	if off > math.MaxInt32 || pos+int(off) > len(f.b) {
		f.fail("the target of an offset", pos)
		return 0
	}
	return pos + int(off)
}

func (f *flat) tableAt(pos int) table {
	vt := pos - f.i32(pos)
	if f.err != nil || !f.span(vt, 4) {
		f.fail("a table", pos)
		return table{}
	}
	n := f.u16(vt)
	if n < 4 || !f.span(vt, n) {
		f.fail("a vtable", vt)
		return table{}
	}
	return table{pos: pos, vt: vt, vtLen: n}
}

// field returns the position of field i of t, or 0 where the field is absent.
func (f *flat) field(t table, i int) int {
	slot := 4 + 2*i
	if t.vtLen < slot+2 {
		return 0
	}
	off := f.u16(t.vt + slot)
	if off == 0 {
		return 0
	}
	return t.pos + off
}

func (f *flat) int(t table, i, absent int) int {
	if p := f.field(t, i); p != 0 {
		return f.i32(p)
	}
	return absent
}

// byte is field i, 0 where it is absent.
func (f *flat) byte(t table, i int) int {
	p := f.field(t, i)
	if p == 0 {
		return 0
	}
	if !f.span(p, 1) {
		f.fail("a byte", p)
		return 0
	}
	return int(f.b[p])
}

func (f *flat) sub(t table, i int) table {
	if p := f.field(t, i); p != 0 {
		return f.tableAt(f.follow(p))
	}
	return table{}
}

// vec returns field i as a vector of elements of size bytes.
func (f *flat) vec(t table, i, size int) vector {
	p := f.field(t, i)
	if p == 0 {
		return vector{}
	}
	p = f.follow(p)
	n := f.i32(p)
	if f.err != nil || n < 0 || n > len(f.b)/size || !f.span(p+4, n*size) {
		f.fail("a vector", p)
		return vector{}
	}
	return vector{pos: p + 4, n: n}
}

func (f *flat) bytes(t table, i int) []byte {
	v := f.vec(t, i, 1)
	if v.n == 0 {
		return nil
	}
	return f.b[v.pos : v.pos+v.n : v.pos+v.n]
}

// text returns the start of a string: names serve messages only.
func (f *flat) text(t table, i int) string {
	b := f.bytes(t, i)
	return string(b[:min(len(b), maxName)])
}

// ints returns a list of at most limit numbers.
func (f *flat) ints(t table, i, limit int) []int {
	v := f.vec(t, i, 4)
	if v.n > limit {
		f.fail("the end of an overlong list", v.pos)
		return nil
	}
	out := make([]int, v.n)
	for k := range out {
		out[k] = f.i32(v.pos + 4*k)
	}
	return out
}

// tables calls each for every table of the vector in field i, up to limit, and stops at the first fault.
func (f *flat) tables(t table, i, limit int, what string, each func(table)) {
	v := f.vec(t, i, 4)
	if v.n > limit && f.err == nil {
		f.err = fmt.Errorf("%w: %d %s are more than the limit of %d", ErrMalformed, v.n, what, limit)
	}
	for k := 0; k < v.n && f.err == nil; k++ {
		each(f.tableAt(f.follow(v.pos + 4*k)))
	}
}
