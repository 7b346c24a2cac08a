package tflite

import (
	"fmt"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

func (c *converter) unary(op *Operator, name string) error {
	l, _ := c.layoutOf(op.Inputs[0])
	x, err := c.operand(op.Inputs[0], l)
	if err != nil {
		return err
	}
	c.set(op, c.g.Node(name, []string{x}), l)
	return nil
}

// binary converts ADD and MUL, whose fused activation is option 0.
func (c *converter) binary(op *Operator, name string) error {
	l, ok := c.layoutOf(op.Inputs[0])
	if !ok {
		l, _ = c.layoutOf(op.Inputs[1])
	}
	a, err := c.operand(op.Inputs[0], l)
	if err != nil {
		return err
	}
	b, err := c.operand(op.Inputs[1], l)
	if err != nil {
		return err
	}
	return c.activate(op, c.g.Node(name, []string{a, b}), c.m.flat.byte(op.options, 0), l)
}

func (c *converter) prelu(op *Operator) error {
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	w, err := c.weights(op.Inputs[1])
	if err != nil {
		return err
	}
	if w, err = w.permute(2, 0, 1); err != nil {
		return err
	}
	slope := c.emit(w)
	if !c.options.SplitPRelu {
		c.set(op, c.g.Node("PRelu", []string{x, slope}), nchw)
		return nil
	}
	rest := c.g.Node("Sub", []string{c.g.Floats([]float32{1}, 1), slope}) // of constants: worked out once, when the file is loaded
	above := c.g.Node("Mul", []string{c.g.Node("Relu", []string{x}), rest})
	c.set(op, c.g.Node("Add", []string{c.g.Node("Mul", []string{x, slope}), above}), nchw)
	return nil
}

func (c *converter) concat(op *Operator) error {
	for _, t := range op.Inputs {
		if t < 0 {
			return fmt.Errorf("%w: an operand is missing", ErrMalformed)
		}
	}
	axis := c.m.flat.int(op.options, 0, 0)
	rank := len(c.shape(op.Outputs[0]))
	if axis < -rank || axis >= rank {
		return fmt.Errorf("%w: axis %d", ErrMalformed, axis)
	}
	axis = (axis + rank) % rank
	l := asIs
	if rank == 4 {
		if l, _ = c.layoutOf(op.Inputs[0]); l == nchw {
			axis = []int{0, 2, 3, 1}[axis]
		}
	}
	names := make([]string, len(op.Inputs))
	for i, t := range op.Inputs {
		name, err := c.operand(t, l)
		if err != nil {
			return err
		}
		names[i] = name
	}
	return c.activate(op, c.g.Node("Concat", names, onnx.Int("axis", axis)), c.m.flat.byte(op.options, 1), l)
}

func (c *converter) reshape(op *Operator) error {
	x, err := c.operand(op.Inputs[0], asIs)
	if err != nil {
		return err
	}
	c.set(op, c.g.Node("Reshape", []string{x, c.g.Int64s(c.shape(op.Outputs[0])...)}), asIs)
	return nil
}

// resize converts RESIZE_BILINEAR. Options 0 and 1 are long out of use.
func (c *converter) resize(op *Operator) error {
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	out := c.shape(op.Outputs[0])
	if len(out) != 4 {
		return fmt.Errorf("%w: resizing a tensor of rank %d", ErrUnsupported, len(out))
	}
	mode := "asymmetric"
	if c.m.flat.byte(op.options, 2) != 0 {
		mode = "align_corners"
	} else if c.m.flat.byte(op.options, 3) != 0 {
		mode = "half_pixel"
	}
	size := c.g.Int64s(out[0], out[3], out[1], out[2])
	c.set(op, c.g.Node("Resize", []string{x, "", "", size},
		onnx.Text("mode", "linear"), onnx.Text("coordinate_transformation_mode", mode)), nchw)
	return nil
}

// pad converts PAD by zeros.
func (c *converter) pad(op *Operator) error {
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	p, err := c.ints(op.Inputs[1])
	if err != nil {
		return err
	}
	if len(p) != 8 {
		return fmt.Errorf("%w: padding of %d numbers", ErrUnsupported, len(p))
	}
	pads := c.g.Int64s(p[0], p[6], p[2], p[4], p[1], p[7], p[3], p[5])
	c.set(op, c.g.Node("Pad", []string{x, pads}, onnx.Text("mode", "constant")), nchw)
	return nil
}

// mean converts the mean over both image axes, the only use there is.
func (c *converter) mean(op *Operator) error {
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	axes, err := c.ints(op.Inputs[1])
	if err != nil {
		return err
	}
	keep := c.m.flat.byte(op.options, 0)
	if len(axes) != 2 || axes[0]+axes[1] != 3 || axes[0]*axes[1] != 2 || keep == 0 {
		return fmt.Errorf("%w: a mean over axes %v", ErrUnsupported, axes)
	}
	c.set(op, c.g.Node("ReduceMean", []string{x}, onnx.Ints("axes", 2, 3), onnx.Int("keepdims", 1)), nchw)
	return nil
}

func (c *converter) stridedSlice(op *Operator) error {
	x, err := c.operand(op.Inputs[0], asIs)
	if err != nil {
		return err
	}
	var bounds [3][]int
	for i := range bounds {
		if bounds[i], err = c.ints(op.Inputs[1+i]); err != nil {
			return err
		}
	}
	in := c.shape(op.Inputs[0])
	begin, end, step := bounds[0], bounds[1], bounds[2]
	if len(begin) != len(in) || len(end) != len(in) || len(step) != len(in) {
		return fmt.Errorf("%w: a slice of rank %d in rank %d", ErrUnsupported, len(begin), len(in))
	}
	f, o := c.m.flat, op.options
	if f.int(o, 2, 0) != 0 || f.int(o, 3, 0) != 0 || f.int(o, 4, 0) != 0 {
		return fmt.Errorf("%w: a slice that changes the rank", ErrUnsupported)
	}
	axes := make([]int, len(in))
	for i := range in {
		axes[i] = i
		if f.int(o, 0, 0)>>i&1 == 1 {
			begin[i] = 0
		}
		if f.int(o, 1, 0)>>i&1 == 1 {
			end[i] = in[i]
		}
		if step[i] < 1 {
			return fmt.Errorf("%w: a slice with step %d", ErrUnsupported, step[i])
		}
	}
	g := c.g
	c.set(op, g.Node("Slice", []string{x, g.Int64s(begin...), g.Int64s(end...), g.Int64s(axes...), g.Int64s(step...)}), asIs)
	return nil
}
