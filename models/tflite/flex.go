package tflite

import (
	"encoding/binary"
	"fmt"
	"math"
)

// flexMap is the root map of a FlexBuffer, the form in which custom operators keep their options. Only what these
// hold is read: numbers and typed vectors of numbers.
type flexMap struct {
	b      []byte
	values map[string]flexValue
}

// flexValue is one value: where it lies, the width of its parent and its packed type.
type flexValue struct {
	pos, width int
	kind       int
	child      int
}

// FlexBuffer types in use.
const (
	flexInt          = 1
	flexUint         = 2
	flexFloat        = 3
	flexIndirectInt  = 6
	flexIndirectReal = 8
	flexMapKind      = 9
	flexVectorInt    = 11
	flexVectorUint   = 12
	flexVectorFloat  = 13
	flexBool         = 26
	flexMaxValues    = 4096
)

func errFlex(what string) error {
	return fmt.Errorf("%w: the custom options' %s lies outside their bytes", ErrMalformed, what)
}

// readFlex decodes the root map of b.
func readFlex(b []byte) (*flexMap, error) {
	n := len(b)
	if n < 3 {
		return nil, errFlex("root")
	}
	rootWidth := int(b[n-1])
	packed := int(b[n-2])
	if packed>>2 != flexMapKind {
		return nil, fmt.Errorf("%w: the custom options are no map", ErrMalformed)
	}
	m := &flexMap{b: b, values: map[string]flexValue{}}
	root, ok := m.indirect(n-2-rootWidth, rootWidth)
	if !ok {
		return nil, errFlex("map")
	}
	width := 1 << (packed & 3)
	count, ok1 := m.uint(root-width, width)
	keysWidth, ok2 := m.uint(root-2*width, width)
	keys, ok3 := m.indirect(root-3*width, width)
	if !ok1 || !ok2 || !ok3 || count > flexMaxValues || keysWidth > 8 {
		return nil, errFlex("map")
	}
	types := root + int(count)*width
	for i := 0; i < int(count); i++ {
		at, ok := m.indirect(keys+i*int(keysWidth), int(keysWidth))
		if !ok || types+i >= n {
			return nil, errFlex("key")
		}
		end := at
		for end < n && b[end] != 0 {
			end++
		}
		kind := int(b[types+i])
		m.values[string(b[at:end])] = flexValue{
			pos: root + i*width, width: width, kind: kind >> 2, child: 1 << (kind & 3),
		}
	}
	return m, nil
}

func (m *flexMap) uint(pos, width int) (uint64, bool) {
	if pos < 0 || width < 1 || pos > len(m.b)-width {
		return 0, false
	}
	switch width {
	case 1:
		return uint64(m.b[pos]), true
	case 2:
		return uint64(binary.LittleEndian.Uint16(m.b[pos:])), true
	case 4:
		return uint64(binary.LittleEndian.Uint32(m.b[pos:])), true
	case 8:
		return binary.LittleEndian.Uint64(m.b[pos:]), true
	}
	return 0, false
}

// indirect resolves the backward offset stored at pos.
func (m *flexMap) indirect(pos, width int) (int, bool) {
	off, ok := m.uint(pos, width)
	if !ok || off > uint64(pos) {
		return 0, false
	}
	return pos - int(off), true
}

func (m *flexMap) number(pos, width, kind int) (float64, bool) {
	u, ok := m.uint(pos, width)
	if !ok {
		return 0, false
	}
	switch kind {
	case flexInt:
		shift := 64 - 8*width
		return float64(int64(u<<shift) >> shift), true
	case flexUint, flexBool:
		return float64(u), true
	case flexFloat:
		if width == 4 {
			return float64(math.Float32frombits(uint32(u))), true
		}
		if width == 8 {
			return math.Float64frombits(u), true
		}
	}
	return 0, false
}

// real returns the number under key.
func (m *flexMap) real(key string) (float64, error) {
	v, ok := m.values[key]
	if !ok {
		return 0, fmt.Errorf("%w: the custom options lack %q", ErrMalformed, key)
	}
	pos, width, kind := v.pos, v.width, v.kind
	if kind >= flexIndirectInt && kind <= flexIndirectReal {
		if pos, ok = m.indirect(pos, width); !ok {
			return 0, errFlex(key)
		}
		width, kind = v.child, kind-flexIndirectInt+flexInt
	}
	x, ok := m.number(pos, width, kind)
	if !ok || math.IsNaN(x) || math.Abs(x) > 1e9 {
		return 0, fmt.Errorf("%w: the custom option %q is no plain number", ErrMalformed, key)
	}
	return x, nil
}

// ints returns the vector of numbers under key, rounded towards zero.
func (m *flexMap) ints(key string) ([]int, error) {
	v, ok := m.values[key]
	if !ok || v.kind < flexVectorInt || v.kind > flexVectorFloat {
		return nil, fmt.Errorf("%w: the custom options lack the vector %q", ErrMalformed, key)
	}
	at, ok := m.indirect(v.pos, v.width)
	if !ok {
		return nil, errFlex(key)
	}
	n, ok := m.uint(at-v.child, v.child)
	if !ok || n > flexMaxValues {
		return nil, errFlex(key)
	}
	out := make([]int, n)
	for i := range out {
		x, ok := m.number(at+i*v.child, v.child, v.kind-flexVectorInt+flexInt)
		if !ok || math.IsNaN(x) || math.Abs(x) > 1e9 {
			return nil, errFlex(key)
		}
		out[i] = int(x)
	}
	return out, nil
}
