package onnx

import (
	"encoding/binary"
	"math"
)

// message builds one protobuf message. Fields must be appended in a fixed order, which makes the bytes deterministic.
type message struct {
	b []byte
}

const (
	wireVarint = 0
	wireBytes  = 2
	wireFixed  = 5
)

func (m *message) key(field, wire int) {
	m.b = binary.AppendUvarint(m.b, uint64(field)<<3|uint64(wire))
}

func (m *message) int(field int, v int64) {
	m.key(field, wireVarint)
	m.b = binary.AppendUvarint(m.b, uint64(v))
}

func (m *message) float(field int, v float32) {
	m.key(field, wireFixed)
	m.b = binary.LittleEndian.AppendUint32(m.b, math.Float32bits(v))
}

func (m *message) bytes(field int, v []byte) {
	m.key(field, wireBytes)
	m.b = binary.AppendUvarint(m.b, uint64(len(v)))
	m.b = append(m.b, v...)
}

func (m *message) text(field int, v string) {
	m.bytes(field, []byte(v))
}

// ints writes a packed repeated field.
func (m *message) ints(field int, v []int64) {
	var packed []byte
	for _, x := range v {
		packed = binary.AppendUvarint(packed, uint64(x))
	}
	m.bytes(field, packed)
}

func (m *message) sub(field int, build func(*message)) {
	var inner message
	build(&inner)
	m.bytes(field, inner.b)
}
