// Package onnx builds ONNX models node by node and encodes them, with the standard library only.
//
// The bytes depend on nothing but the sequence of calls, so that a converted file can be pinned by its hash.
package onnx

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Versions written into every file: opset 17 is the newest that both ONNX Runtime builds in use (native 1.30 and
// onnxruntime-web 1.30) optimise in full, and it has GridSample.
const (
	irVersion = 8
	opset     = 17
)

// ONNX element types.
const (
	typeFloat32 = 1
	typeUint8   = 2
	typeInt64   = 7
	typeFloat16 = 10
)

// Open is a first dimension that is settled when the model is opened: how many go through it at once.
const Open = -1

// ONNX attribute types.
const (
	attrFloat = 1
	attrInt   = 2
	attrText  = 3
	attrInts  = 7
)

// Attr is a named attribute of a node; make one with Int, Ints, Float or Text.
type Attr struct {
	name string
	kind int64
	i    int64
	f    float32
	s    string
	ints []int64
}

// Int is an integer attribute.
func Int(name string, v int) Attr { return Attr{name: name, kind: attrInt, i: int64(v)} }

// Float is a real attribute.
func Float(name string, v float32) Attr { return Attr{name: name, kind: attrFloat, f: v} }

// Text is a string attribute.
func Text(name, v string) Attr { return Attr{name: name, kind: attrText, s: v} }

// Ints is an attribute that holds a list of integers.
func Ints(name string, v ...int) Attr { return Attr{name: name, kind: attrInts, ints: int64s(v)} }

// Graph is a model under construction. The zero value is not ready: use New. Not safe for concurrent use.
type Graph struct {
	name    string
	nodes   []message
	weights []message
	inputs  []message
	outputs []message
	notes   [][2]string
	next    int
}

// New starts an empty graph.
func New(name string) *Graph { return &Graph{name: name} }

// fresh returns a value name that no other value of the graph has.
func (g *Graph) fresh(hint string) string {
	g.next++
	return hint + "_" + strconv.Itoa(g.next)
}

// Input declares a float32 model input and returns its name. Its shape is fixed but for a first dimension of Open.
func (g *Graph) Input(name string, shape ...int) string {
	g.inputs = append(g.inputs, valueInfo(name, typeFloat32, shape))
	return name
}

// InputBytes is Input for uint8, and returns the name of its values as float32, 0 to 255.
func (g *Graph) InputBytes(name string, shape ...int) string {
	g.inputs = append(g.inputs, valueInfo(name, typeUint8, shape))
	return g.Node("Cast", []string{name}, Int("to", typeFloat32))
}

// Output declares value as the model's output called name, float32 of the given shape.
func (g *Graph) Output(name, value string, shape ...int) {
	g.add("Identity", []string{value}, name, nil)
	g.outputs = append(g.outputs, valueInfo(name, typeFloat32, shape))
}

// OutputBytes is Output for uint8; the value's fractions are cut off.
func (g *Graph) OutputBytes(name, value string, shape ...int) {
	g.add("Cast", []string{value}, name, []Attr{Int("to", typeUint8)})
	g.outputs = append(g.outputs, valueInfo(name, typeUint8, shape))
}

// Note stores a key and a value in the model's metadata.
func (g *Graph) Note(key, value string) { g.notes = append(g.notes, [2]string{key, value}) }

// Node appends an operator with one output and returns the output's name. An empty input name leaves an operand out.
func (g *Graph) Node(op string, inputs []string, attrs ...Attr) string {
	out := g.fresh(op)
	g.add(op, inputs, out, attrs)
	return out
}

func (g *Graph) add(op string, inputs []string, out string, attrs []Attr) {
	var n message
	for _, in := range inputs {
		n.text(1, in)
	}
	n.text(2, out)
	n.text(3, "n"+strconv.Itoa(len(g.nodes)))
	n.text(4, op)
	for _, a := range attrs {
		n.sub(5, a.encode)
	}
	g.nodes = append(g.nodes, n)
}

// Floats adds a float32 constant and returns its name. An empty shape makes a scalar.
func (g *Graph) Floats(data []float32, shape ...int) string {
	raw := make([]byte, 0, 4*len(data))
	for _, v := range data {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return g.tensor(typeFloat32, raw, shape)
}

// Halves adds a float16 constant given as bit patterns, and a cast to float32 that the runtime folds away when it
// loads the model; it returns the name of the float32 value. This halves the file at no cost per run.
func (g *Graph) Halves(bits []uint16, shape ...int) string {
	raw := make([]byte, 0, 2*len(bits))
	for _, v := range bits {
		raw = binary.LittleEndian.AppendUint16(raw, v)
	}
	return g.Node("Cast", []string{g.tensor(typeFloat16, raw, shape)}, Int("to", typeFloat32))
}

// Int64s adds a one-dimensional int64 constant and returns its name.
func (g *Graph) Int64s(data ...int) string {
	raw := make([]byte, 0, 8*len(data))
	for _, v := range data {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(v)))
	}
	return g.tensor(typeInt64, raw, []int{len(data)})
}

func (g *Graph) tensor(kind int64, raw []byte, shape []int) string {
	name := g.fresh("w")
	var t message
	for _, d := range shape {
		t.int(1, int64(d))
	}
	t.int(2, kind)
	t.text(8, name)
	t.bytes(9, raw)
	g.weights = append(g.weights, t)
	return name
}

// Marshal encodes the model as an ONNX file.
func (g *Graph) Marshal() []byte {
	var m message
	m.int(1, irVersion)
	m.text(2, "gioconda")
	m.sub(7, func(p *message) {
		for _, n := range g.nodes {
			p.bytes(1, n.b)
		}
		p.text(2, g.name)
		for _, t := range g.weights {
			p.bytes(5, t.b)
		}
		for _, v := range g.inputs {
			p.bytes(11, v.b)
		}
		for _, v := range g.outputs {
			p.bytes(12, v.b)
		}
	})
	m.sub(8, func(p *message) {
		p.text(1, "")
		p.int(2, opset)
	})
	for _, n := range g.notes {
		m.sub(14, func(p *message) {
			p.text(1, n[0])
			p.text(2, n[1])
		})
	}
	return m.b
}

func (a Attr) encode(m *message) {
	m.text(1, a.name)
	switch a.kind {
	case attrFloat:
		m.float(2, a.f)
	case attrInt:
		m.int(3, a.i)
	case attrText:
		m.text(4, a.s)
	case attrInts:
		m.ints(8, a.ints)
	}
	m.int(20, a.kind)
}

func valueInfo(name string, kind int64, shape []int) message {
	var v message
	v.text(1, name)
	v.sub(2, func(t *message) {
		t.sub(1, func(tt *message) {
			tt.int(1, kind)
			tt.sub(2, func(s *message) {
				for _, d := range shape {
					s.sub(1, func(dim *message) {
						if d == Open {
							dim.text(2, "batch")
						} else {
							dim.int(1, int64(d))
						}
					})
				}
			})
		})
	})
	return v
}

func int64s(v []int) []int64 {
	out := make([]int64, len(v))
	for i, x := range v {
		out[i] = int64(x)
	}
	return out
}
