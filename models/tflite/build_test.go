package tflite

import (
	"encoding/binary"
	"math"
	"slices"
	"sort"
)

// The tests make their own models: nobody else's weights are needed to test the reader and the converter.

// fbTable is a flatbuffer table to be written. A field is nil (absent), int, byte, string, []byte, []int, fbTable or
// []fbTable.
type fbTable []any

type fbWriter struct{ b []byte }

func (w *fbWriter) u32(v int) { w.b = binary.LittleEndian.AppendUint32(w.b, uint32(v)) }

// point makes the offset at slot lead to target.
func (w *fbWriter) point(slot, target int) {
	binary.LittleEndian.PutUint32(w.b[slot:], uint32(target-slot))
}

// table writes a vtable, its table, then what the table points to, and returns where the table begins. Every field
// takes four bytes.
func (w *fbWriter) table(t fbTable) int {
	vt := len(w.b)
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(4+2*len(t)))
	w.b = binary.LittleEndian.AppendUint16(w.b, uint16(4+4*len(t)))
	for i, f := range t {
		off := 4 + 4*i
		if f == nil {
			off = 0
		}
		w.b = binary.LittleEndian.AppendUint16(w.b, uint16(off))
	}
	pos := len(w.b)
	w.u32(pos - vt)
	for _, f := range t {
		switch v := f.(type) {
		case int:
			w.u32(v)
		case byte:
			w.u32(int(v))
		default:
			w.u32(0)
		}
	}
	for i, f := range t {
		w.pointee(pos+4+4*i, f)
	}
	return pos
}

func (w *fbWriter) pointee(slot int, f any) {
	at := len(w.b)
	switch v := f.(type) {
	case string:
		w.u32(len(v))
		w.b = append(w.b, v...)
	case []byte:
		w.u32(len(v))
		w.b = append(w.b, v...)
	case []int:
		w.u32(len(v))
		w.b = append(w.b, int32s(v...)...)
	case []fbTable:
		w.u32(len(v))
		w.b = append(w.b, make([]byte, 4*len(v))...)
		for i, t := range v {
			w.point(at+4+4*i, w.table(t))
		}
	case fbTable:
		at = w.table(v)
	default:
		return
	}
	w.point(slot, at)
}

// modelBuilder collects tensors and operators of a small model.
type modelBuilder struct {
	tensors, buffers, codes, ops []fbTable
	inputs, outputs              []int
}

// bytes encodes the model as a TFLite file.
func (m *modelBuilder) bytes() []byte {
	graph := fbTable{m.tensors, m.inputs, m.outputs, m.ops}
	w := &fbWriter{b: []byte("\x00\x00\x00\x00TFL3")}
	w.point(0, w.table(fbTable{3, m.codes, []fbTable{graph}, "made by a test", m.buffers}))
	return w.b
}

func floats(v ...float32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func int32s(v ...int) []byte {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, uint32(int32(x)))
	}
	return b
}

func (m *modelBuilder) tensor(kind Type, data []byte, shape ...int) int {
	field := fbTable{nil}
	if data != nil {
		field[0] = data
	}
	m.buffers = append(m.buffers, field)
	m.tensors = append(m.tensors, fbTable{shape, byte(kind), len(m.buffers) - 1, "t"})
	return len(m.tensors) - 1
}

func (m *modelBuilder) op(code int, custom string, options fbTable, customOptions []byte, in []int, out int) {
	m.codes = append(m.codes, fbTable{byte(code), custom, nil, code})
	t := fbTable{len(m.codes) - 1, in, []int{out}, nil, nil, nil}
	if options != nil {
		t[4] = options
	}
	if customOptions != nil {
		t[5] = customOptions
	}
	m.ops = append(m.ops, t)
}

// flexMapBytes writes a FlexBuffer map of integers, floats and vectors of integers, all 4 bytes wide.
func flexMapBytes(values map[string]any) []byte {
	var keys []string
	for k := range values {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var b []byte
	at := map[string]int{}
	for _, k := range keys {
		at[k] = len(b)
		b = append(append(b, k...), 0)
		if v, ok := values[k].([]int); ok {
			b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
			at["@"+k] = len(b)
			b = append(b, int32s(v...)...)
		}
	}
	word := func(v int) { b = binary.LittleEndian.AppendUint32(b, uint32(v)) }
	word(len(keys))
	keysAt := len(b)
	for _, k := range keys {
		word(len(b) - at[k])
	}
	word(len(b) - keysAt)
	word(4)
	word(len(keys))
	root := len(b)
	var kinds []byte
	for _, k := range keys {
		switch v := values[k].(type) {
		case int:
			word(v)
			kinds = append(kinds, flexInt<<2|2)
		case float32:
			word(int(math.Float32bits(v)))
			kinds = append(kinds, flexFloat<<2|2)
		case []int:
			word(len(b) - at["@"+k])
			kinds = append(kinds, flexVectorInt<<2|2)
		}
	}
	b = append(b, kinds...)
	return slices.Concat(b, []byte{byte(len(b) - root), flexMapKind<<2 | 2, 1})
}
