package tflite

import (
	"errors"
	"fmt"
)

// ErrMalformed is wrapped by every error about bytes that are not a TFLite model.
var ErrMalformed = errors.New("not a well-formed TFLite file")

// ErrUnsupported is wrapped by every error about a model that is well formed but uses something the converter does
// not know.
var ErrUnsupported = errors.New("not supported by the converter")

// Limits on what Parse accepts: far above the networks in use, far below what could hurt.
const (
	MaxFileSize   = 64 << 20
	maxTensors    = 1 << 14
	maxOperators  = 1 << 13
	maxRank       = 8
	maxElements   = 1 << 26
	maxOperands   = 256
	maxDimension  = 1 << 20
	maxName       = 128
	fileIDOffset  = 4
	fileID        = "TFL3"
	smallestModel = 16
)

// Type is the element type of a tensor, numbered as in the TFLite schema.
type Type int

// Element types that the converter handles.
const (
	Float32 Type = 0
	Float16 Type = 1
	Int32   Type = 2
)

// Tensor describes one tensor. Data is nil for activations; for constants it aliases the bytes given to Parse.
type Tensor struct {
	Name  string
	Type  Type
	Shape []int
	Data  []byte
}

// Elements is the product of the shape; Parse guarantees that it does not overflow.
func (t Tensor) Elements() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Operator is one node. Inputs hold tensor indices, -1 for an operand left out. Custom names a custom operator.
type Operator struct {
	Code    int
	Custom  string
	Inputs  []int
	Outputs []int
	// CustomOptions aliases the bytes given to Parse.
	CustomOptions []byte

	options table
}

// Model is the first subgraph of a TFLite file. It aliases the bytes given to Parse and is immutable: any number of
// goroutines may read it.
type Model struct {
	Tensors   []Tensor
	Operators []Operator
	Inputs    []int
	Outputs   []int

	flat *flat
}

// Parse reads a TFLite flatbuffer. It never panics, whatever the bytes, never allocates more than a small multiple of
// their number, and keeps data: the caller must not change it afterwards. Errors wrap ErrMalformed.
func Parse(data []byte) (*Model, error) {
	if len(data) > MaxFileSize {
		return nil, fmt.Errorf("%w: %d bytes are more than the limit of %d", ErrMalformed, len(data), MaxFileSize)
	}
	if len(data) < smallestModel || string(data[fileIDOffset:fileIDOffset+len(fileID)]) != fileID {
		return nil, fmt.Errorf("%w: the identifier %s is missing", ErrMalformed, fileID)
	}
	f := &flat{b: data}
	root := f.tableAt(f.follow(0))
	m := &Model{flat: f}
	buffers := m.readBuffers(root)
	codes := m.readCodes(root)
	first := true
	f.tables(root, 2, 16, "subgraphs", func(g table) {
		if first {
			m.readSubgraph(g, buffers, codes)
		}
		first = false
	})
	if f.err != nil {
		return nil, f.err
	}
	if first {
		return nil, fmt.Errorf("%w: it holds no subgraph", ErrMalformed)
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) readBuffers(root table) [][]byte {
	var buffers [][]byte
	m.flat.tables(root, 4, maxTensors, "buffers", func(t table) {
		buffers = append(buffers, m.flat.bytes(t, 0))
	})
	return buffers
}

type opCode struct {
	code   int
	custom string
}

func (m *Model) readCodes(root table) []opCode {
	var codes []opCode
	f := m.flat
	f.tables(root, 1, maxOperators, "operator codes", func(t table) {
		// Old writers fill only the byte, new ones only the int: the larger is the code.
		code := max(f.byte(t, 0), f.int(t, 3, 0))
		codes = append(codes, opCode{code: code, custom: f.text(t, 1)})
	})
	return codes
}

func (m *Model) readSubgraph(g table, buffers [][]byte, codes []opCode) {
	f := m.flat
	f.tables(g, 0, maxTensors, "tensors", func(t table) {
		b := f.int(t, 2, 0)
		if b < 0 || b >= len(buffers) {
			f.fail("a tensor's buffer", t.pos)
			return
		}
		m.Tensors = append(m.Tensors, Tensor{
			Name: f.text(t, 3), Type: Type(f.byte(t, 1)), Shape: f.ints(t, 0, maxRank), Data: buffers[b],
		})
	})
	m.Inputs = f.ints(g, 1, maxOperands)
	m.Outputs = f.ints(g, 2, maxOperands)
	f.tables(g, 3, maxOperators, "operators", func(t table) {
		c := f.int(t, 0, 0)
		if c < 0 || c >= len(codes) {
			f.fail("an operator's code", t.pos)
			return
		}
		m.Operators = append(m.Operators, Operator{
			Code: codes[c].code, Custom: codes[c].custom, Inputs: f.ints(t, 1, maxOperands), Outputs: f.ints(t, 2, maxOperands),
			CustomOptions: f.bytes(t, 5), options: f.sub(t, 4),
		})
	})
}

// check makes sure that shapes and indices can be used without further tests.
func (m *Model) check() error {
	for i, t := range m.Tensors {
		if err := checkShape(t); err != nil {
			return fmt.Errorf("tensor %d: %w", i, err)
		}
	}
	within := func(list []int, lowest int) bool {
		for _, i := range list {
			if i < lowest || i >= len(m.Tensors) {
				return false
			}
		}
		return true
	}
	if !within(m.Inputs, 0) || !within(m.Outputs, 0) {
		return fmt.Errorf("%w: an input or output names no tensor", ErrMalformed)
	}
	for i, op := range m.Operators {
		if !within(op.Inputs, -1) || !within(op.Outputs, 0) {
			return fmt.Errorf("%w: operator %d names no tensor", ErrMalformed, i)
		}
	}
	return nil
}

func checkShape(t Tensor) error {
	n := 1
	for _, d := range t.Shape {
		if d < 0 || d > maxDimension {
			return fmt.Errorf("%w: dimension %d is out of range", ErrMalformed, d)
		}
		if n *= d; n > maxElements {
			return fmt.Errorf("%w: more than %d elements", ErrMalformed, maxElements)
		}
	}
	size := map[Type]int{Float32: 4, Float16: 2, Int32: 4}[t.Type]
	if size != 0 && t.Data != nil && len(t.Data) != n*size {
		return fmt.Errorf("%w: %d bytes of data for %d elements of %d bytes", ErrMalformed, len(t.Data), n, size)
	}
	return nil
}
