// Package tfjs reads weights stored for TensorFlow.js and builds the ONNX form of a network whose layers are only
// written down as code. It needs the standard library only and never panics, whatever bytes it is given.
//
// Arithmetic is done so that every machine gives the same bytes: products are rounded before they are added.
package tfjs

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Limits of what is read.
const (
	MaxManifest = 1 << 20
	MaxData     = 32 << 20
	maxRank     = 8
)

var (
	// ErrMalformed says that the manifest and the bytes do not make sense, or do not fit each other.
	ErrMalformed = errors.New("malformed TensorFlow.js weights")
	// ErrUnsupported says that manifest and bytes may make sense, but hold a type of number that is not read here.
	ErrUnsupported = errors.New("unsupported in TensorFlow.js weights")
)

// Tensor is a constant: finite numbers, the last axis running fastest. An empty shape is a single number.
type Tensor struct {
	Shape []int
	Data  []float32
}

// Weights are tensors by name.
type Weights map[string]Tensor

// group is one entry of a manifest: tensors that lie end to end in a list of files.
type group struct {
	Weights []entry `json:"weights"`
}

type entry struct {
	Name         string        `json:"name"`
	Shape        []int         `json:"shape"`
	Type         string        `json:"dtype"`
	Quantization *quantization `json:"quantization"`
}

// quantization: a byte b stands for b*Scale + Min.
type quantization struct {
	Type  string  `json:"dtype"`
	Scale float64 `json:"scale"`
	Min   float64 `json:"min"`
}

// Read decodes the tensors that a manifest lists. data is the content of the manifest's files, one after the other; it
// must hold exactly the listed tensors. Tensors of float32, plain or quantised to bytes, are read. The result shares no
// memory with the arguments. Errors wrap ErrMalformed or ErrUnsupported and name the tensor.
func Read(manifest, data []byte) (Weights, error) {
	if len(manifest) > MaxManifest || len(data) > MaxData {
		return nil, fmt.Errorf("%w: a manifest of %d bytes for %d bytes of weights is too large", ErrMalformed, len(manifest), len(data))
	}
	var groups []group
	if err := json.Unmarshal(manifest, &groups); err != nil {
		return nil, fmt.Errorf("%w: the manifest cannot be read: %w", ErrMalformed, err)
	}
	w := Weights{}
	for i := range groups {
		for j := range groups[i].Weights {
			e := &groups[i].Weights[j]
			if _, twice := w[e.Name]; twice {
				return nil, fmt.Errorf("%w: %q is listed twice", ErrMalformed, e.Name)
			}
			t, rest, err := e.read(data)
			if err != nil {
				return nil, err
			}
			w[e.Name], data = t, rest
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%w: %d bytes are left after the last tensor", ErrMalformed, len(data))
	}
	return w, nil
}

// read takes the entry's tensor off the front of data.
func (e *entry) read(data []byte) (Tensor, []byte, error) {
	size := 4
	switch {
	case e.Type != "float32":
		return Tensor{}, nil, fmt.Errorf("%w: %q holds %q", ErrUnsupported, e.Name, e.Type)
	case e.Quantization != nil && e.Quantization.Type != "uint8":
		return Tensor{}, nil, fmt.Errorf("%w: %q is quantised to %q", ErrUnsupported, e.Name, e.Quantization.Type)
	case e.Quantization != nil:
		size = 1
	}
	n, err := e.count(len(data) / size)
	if err != nil {
		return Tensor{}, nil, err
	}
	t := Tensor{Shape: slices.Clone(e.Shape), Data: make([]float32, n)}
	for i := range t.Data {
		if q := e.Quantization; q != nil {
			product := float64(float64(data[i]) * q.Scale) // rounded here, not fused with the sum
			t.Data[i] = float32(product + q.Min)
		} else {
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		if v := float64(t.Data[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			return Tensor{}, nil, fmt.Errorf("%w: number %d of %q is not finite", ErrMalformed, i, e.Name)
		}
	}
	return t, data[n*size:], nil
}

// count is the number of elements, of which there may be at most limit.
func (e *entry) count(limit int) (int, error) {
	if len(e.Shape) > maxRank {
		return 0, fmt.Errorf("%w: %q has %d axes", ErrMalformed, e.Name, len(e.Shape))
	}
	n := 1
	for _, d := range e.Shape {
		if d < 1 || d > limit/n {
			return 0, fmt.Errorf("%w: %q of shape %v does not fit into the bytes that are left", ErrMalformed, e.Name, e.Shape)
		}
		n *= d
	}
	if n > limit {
		return 0, fmt.Errorf("%w: no bytes are left for %q", ErrMalformed, e.Name)
	}
	return n, nil
}

// tensor returns the numbers of the tensor called name if it has the wanted shape.
func (w Weights) tensor(name string, shape ...int) ([]float32, error) {
	t, ok := w[name]
	if !ok {
		return nil, fmt.Errorf("%w: there is no %q", ErrMalformed, name)
	}
	if !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("%w: %q has the shape %v instead of %v", ErrMalformed, name, t.Shape, shape)
	}
	return t.Data, nil
}
