package weights

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// canonicalFace is the JSON form of the canonical mesh; package face reads it.
type canonicalFace struct {
	Vertices  [][3]float32 `json:"vertices"`
	UV        [][2]float32 `json:"uv"`
	Triangles [][3]uint16  `json:"triangles"`
	Basis     []basisPoint `json:"basis"`
}

// basisPoint is a landmark that follows the skull, with its weight in a rigid fit.
type basisPoint struct {
	Landmark int     `json:"landmark"`
	Weight   float32 `json:"weight"`
}

var errTruncated = errors.New("the canonical mesh is truncated or damaged")

// field is one field of a protobuf message: a number, or the bytes of a nested field.
type field struct {
	number int
	wire   int
	value  uint64
	bytes  []byte
}

// fields calls each for every field of a protobuf message.
func fields(b []byte, each func(field) error) error {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 || key>>3 > math.MaxInt32 {
			return errTruncated
		}
		b = b[n:]
		f := field{number: int(key >> 3), wire: int(key & 7)}
		switch f.wire {
		case 0:
			if f.value, n = binary.Uvarint(b); n <= 0 {
				return errTruncated
			}
			b = b[n:]
		case 2:
			size, n := binary.Uvarint(b)
			if n <= 0 || size > uint64(len(b)-n) {
				return errTruncated
			}
			f.bytes = b[n : n+int(size)]
			b = b[n+int(size):]
		case 5:
			if len(b) < 4 {
				return errTruncated
			}
			f.value = uint64(binary.LittleEndian.Uint32(b))
			b = b[4:]
		default:
			return errTruncated
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// canonical decodes MediaPipe's geometry metadata and writes its mesh as JSON. A vertex there is x, y, z in
// centimetres, then u, v.
func canonical(data []byte) ([]byte, error) {
	var face canonicalFace
	var numbers []float32
	var corners []uint16
	err := fields(data, func(f field) error {
		switch f.number {
		case 1:
			return fields(f.bytes, func(f field) error { return meshField(f, &numbers, &corners) })
		case 2:
			p, err := basisField(f.bytes)
			face.Basis = append(face.Basis, p)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	const perVertex = 5
	if len(numbers) != meshPoints*perVertex || len(corners) == 0 || len(corners)%3 != 0 {
		return nil, fmt.Errorf("the canonical mesh has %d numbers and %d corners instead of %d vertices",
			len(numbers), len(corners), meshPoints)
	}
	for i := 0; i < len(numbers); i += perVertex {
		face.Vertices = append(face.Vertices, [3]float32(numbers[i:]))
		face.UV = append(face.UV, [2]float32(numbers[i+3:]))
	}
	for i := 0; i < len(corners); i += 3 {
		face.Triangles = append(face.Triangles, [3]uint16(corners[i:]))
	}
	return json.Marshal(face)
}

// meshField collects the vertex numbers (field 3) and triangle corners (field 4), packed or not.
func meshField(f field, numbers *[]float32, corners *[]uint16) error {
	corner := func(v uint64) error {
		if v >= meshPoints {
			return errTruncated
		}
		*corners = append(*corners, uint16(v))
		return nil
	}
	switch {
	case f.number == 3 && f.wire == 5:
		*numbers = append(*numbers, math.Float32frombits(uint32(f.value)))
	case f.number == 3 && f.wire == 2:
		for b := f.bytes; len(b) >= 4; b = b[4:] {
			*numbers = append(*numbers, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	case f.number == 4 && f.wire == 0:
		return corner(f.value)
	case f.number == 4 && f.wire == 2:
		for b := f.bytes; len(b) > 0; {
			v, n := binary.Uvarint(b)
			if n <= 0 {
				return errTruncated
			}
			b = b[n:]
			if err := corner(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func basisField(b []byte) (basisPoint, error) {
	var p basisPoint
	err := fields(b, func(f field) error {
		switch f.number {
		case 1:
			p.Landmark = int(f.value)
		case 2:
			p.Weight = math.Float32frombits(uint32(f.value))
		}
		return nil
	})
	if err == nil && (p.Landmark < 0 || p.Landmark >= meshPoints) {
		err = errTruncated
	}
	return p, err
}
