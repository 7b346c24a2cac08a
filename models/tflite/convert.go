package tflite

import (
	"fmt"
	"slices"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// Value is a converted tensor: the name of the ONNX value and its TFLite shape. The ONNX value holds the elements in
// TFLite's order (batch, height, width, channels) and has exactly that shape.
type Value struct {
	Name  string
	Shape []int
}

// layout says in which order an ONNX value holds a rank-4 tensor.
type layout int

const (
	asIs layout = iota // as TFLite has it
	nchw               // batch, channels, height, width
)

type converted struct {
	name   string
	layout layout
}

// converter turns one Model into nodes of one Graph.
type converter struct {
	m    *Model
	g    *onnx.Graph
	done map[int]converted
	// source maps a tensor made by DEQUANTIZE of a constant to that constant.
	source  map[int]int
	options Options
	// budget is how many bytes of constants may still be written.
	budget int
}

// maxConstants bounds the output of models that use one constant many times over.
const maxConstants = 4 * MaxFileSize

// Convert appends the nodes of m to g. input names an ONNX value of shape batch, channels, height, width that feeds
// the model's only input. It returns the model's outputs in the order of m.Outputs. Errors wrap ErrUnsupported or
// ErrMalformed and name the operator; g must be thrown away then.
func Convert(m *Model, g *onnx.Graph, input string) ([]Value, error) {
	return ConvertWith(m, g, input, Options{})
}

// Options say how to write what can be written in several ways.
type Options struct {
	// SplitPRelu writes PRelu(x) as s*x + (1-s)*Relu(x). ONNX Runtime's blocked layout for processors of servers knows no PRelu and
	// leaves it each time; in WebAssembly, which has no such layout, the split costs time.
	SplitPRelu bool
}

// ConvertWith is Convert with options.
func ConvertWith(m *Model, g *onnx.Graph, input string, o Options) ([]Value, error) {
	if len(m.Inputs) != 1 || len(m.Tensors[m.Inputs[0]].Shape) != 4 {
		return nil, fmt.Errorf("%w: a model needs exactly one input, of rank 4", ErrUnsupported)
	}
	c := &converter{m: m, g: g, options: o, done: map[int]converted{}, source: map[int]int{}, budget: maxConstants}
	c.done[m.Inputs[0]] = converted{input, nchw}
	for i := range m.Operators {
		if err := c.operator(&m.Operators[i]); err != nil {
			return nil, fmt.Errorf("operator %d (code %d %s): %w", i, m.Operators[i].Code, m.Operators[i].Custom, err)
		}
		if m.flat.err != nil {
			return nil, m.flat.err
		}
	}
	out := make([]Value, len(m.Outputs))
	for i, t := range m.Outputs {
		name, err := c.operand(t, asIs)
		if err != nil {
			return nil, err
		}
		out[i] = Value{Name: name, Shape: m.Tensors[t].Shape}
	}
	return out, nil
}

// handler converts one operator; its operand counts have been checked.
type handler struct {
	inputs int
	run    func(*converter, *Operator) error
}

// Operator codes of the TFLite schema.
const (
	opAdd           = 0
	opAveragePool   = 1
	opConcatenation = 2
	opConv          = 3
	opDepthwiseConv = 4
	opDequantize    = 6
	opLogistic      = 14
	opMaxPool       = 17
	opMul           = 18
	opRelu          = 19
	opReshape       = 22
	opResize        = 23
	opCustom        = 32
	opPad           = 34
	opMean          = 40
	opStridedSlice  = 45
	opPRelu         = 54
	opHardSwish     = 117
)

func lookUp(op *Operator) (handler, bool) {
	if op.Code == opCustom {
		h, ok := map[string]handler{
			"Landmarks2TransformMatrix":  {1, (*converter).landmarksToMatrix},
			"TransformTensorBilinear":    {2, (*converter).transformTensor},
			"TransformLandmarks":         {2, (*converter).transformLandmarks},
			"Convolution2DTransposeBias": {3, (*converter).transposeConv},
		}[op.Custom]
		return h, ok
	}
	h, ok := map[int]handler{
		opAdd:           {2, func(c *converter, op *Operator) error { return c.binary(op, "Add") }},
		opMul:           {2, func(c *converter, op *Operator) error { return c.binary(op, "Mul") }},
		opAveragePool:   {1, func(c *converter, op *Operator) error { return c.pool(op, "AveragePool") }},
		opMaxPool:       {1, func(c *converter, op *Operator) error { return c.pool(op, "MaxPool") }},
		opRelu:          {1, func(c *converter, op *Operator) error { return c.unary(op, "Relu") }},
		opLogistic:      {1, func(c *converter, op *Operator) error { return c.unary(op, "Sigmoid") }},
		opHardSwish:     {1, func(c *converter, op *Operator) error { return c.unary(op, "HardSwish") }},
		opPRelu:         {2, (*converter).prelu},
		opConv:          {3, (*converter).conv},
		opDepthwiseConv: {3, (*converter).depthwiseConv},
		opDequantize:    {1, (*converter).dequantize},
		opConcatenation: {1, (*converter).concat},
		opReshape:       {1, (*converter).reshape},
		opResize:        {2, (*converter).resize},
		opPad:           {2, (*converter).pad},
		opMean:          {2, (*converter).mean},
		opStridedSlice:  {4, (*converter).stridedSlice},
	}[op.Code]
	return h, ok
}

func (c *converter) operator(op *Operator) error {
	h, ok := lookUp(op)
	if !ok {
		return fmt.Errorf("%w: this operator", ErrUnsupported)
	}
	if len(op.Inputs) < h.inputs || len(op.Outputs) != 1 || slices.Contains(op.Inputs[:h.inputs], -1) {
		return fmt.Errorf("%w: it has the wrong number of operands", ErrMalformed)
	}
	return h.run(c, op)
}

func (c *converter) shape(t int) []int { return c.m.Tensors[t].Shape }

// set records what became of the operator's output.
func (c *converter) set(op *Operator, name string, l layout) {
	c.done[op.Outputs[0]] = converted{name, l}
}

// operand returns the ONNX value of tensor t in the wanted layout, adding a transpose only where the order differs.
func (c *converter) operand(t int, want layout) (string, error) {
	v, ok := c.done[t]
	if !ok {
		return c.constant(t, want)
	}
	if v.layout == want {
		return v.name, nil
	}
	s := c.shape(t)
	if len(s) != 4 {
		return "", fmt.Errorf("%w: tensor %d must have rank 4", ErrUnsupported, t)
	}
	target, perm := s, []int{0, 2, 3, 1}
	if want == nchw {
		target, perm = []int{s[0], s[3], s[1], s[2]}, []int{0, 3, 1, 2}
	}
	// With one channel or one pixel both orders are the same bytes.
	if s[3] == 1 || s[1]*s[2] == 1 {
		return c.g.Node("Reshape", []string{v.name, c.g.Int64s(target...)}), nil
	}
	return c.g.Node("Transpose", []string{v.name}, onnx.Ints("perm", perm...)), nil
}

// layoutOf is the layout in which t already exists; constants have none and follow their neighbours.
func (c *converter) layoutOf(t int) (layout, bool) {
	v, ok := c.done[t]
	return v.layout, ok
}

// activate appends the fused activation and records the output.
func (c *converter) activate(op *Operator, name string, activation int, l layout) error {
	switch activation {
	case 0:
	case 1:
		name = c.g.Node("Relu", []string{name})
	case 3:
		name = c.g.Node("Clip", []string{name, c.g.Floats([]float32{0}), c.g.Floats([]float32{6})})
	default:
		return fmt.Errorf("%w: fused activation %d", ErrUnsupported, activation)
	}
	c.set(op, name, l)
	return nil
}
