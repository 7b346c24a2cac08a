package tflite

import (
	"encoding/binary"
	"fmt"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// window is the sliding window of a convolution or pool.
type window struct {
	same               bool
	kernelH, kernelW   int
	strideH, strideW   int
	dilationH, dilatW  int
	padT, padL, pB, pR int
}

// place computes the padding that turns an h x w input into the output's size, as TFLite does: the odd pixel goes to
// the bottom and right.
func (w *window) place(in, out []int) error {
	if len(in) != 4 || len(out) != 4 {
		return fmt.Errorf("%w: a window over rank %d", ErrUnsupported, len(in))
	}
	if min(w.kernelH, w.kernelW, w.strideH, w.strideW, w.dilationH, w.dilatW) < 1 {
		return fmt.Errorf("%w: a window of no size", ErrMalformed)
	}
	if !w.same {
		return nil
	}
	padH := max(0, (out[1]-1)*w.strideH+(w.kernelH-1)*w.dilationH+1-in[1])
	padW := max(0, (out[2]-1)*w.strideW+(w.kernelW-1)*w.dilatW+1-in[2])
	w.padT, w.pB = padH/2, padH-padH/2
	w.padL, w.pR = padW/2, padW-padW/2
	return nil
}

func (w *window) attrs() []onnx.Attr {
	return []onnx.Attr{
		onnx.Ints("kernel_shape", w.kernelH, w.kernelW),
		onnx.Ints("strides", w.strideH, w.strideW),
		onnx.Ints("pads", w.padT, w.padL, w.pB, w.pR),
	}
}

func (c *converter) conv(op *Operator) error {
	f, o := c.m.flat, op.options
	k, err := c.weights(op.Inputs[1])
	if err != nil {
		return err
	}
	if k, err = k.permute(0, 3, 1, 2); err != nil {
		return err
	}
	w := window{
		same: f.byte(o, 0) == 0, kernelH: k.shape[2], kernelW: k.shape[3],
		strideW: f.int(o, 1, 0), strideH: f.int(o, 2, 0), dilatW: f.int(o, 4, 1), dilationH: f.int(o, 5, 1),
	}
	return c.emitConv(op, k, &w, 1, f.byte(o, 3))
}

func (c *converter) depthwiseConv(op *Operator) error {
	f, o := c.m.flat, op.options
	k, err := c.weights(op.Inputs[1])
	if err != nil {
		return err
	}
	if k, err = k.permute(3, 0, 1, 2); err != nil {
		return err
	}
	in := c.shape(op.Inputs[0])
	if len(in) != 4 || k.shape[0] != in[3] {
		return fmt.Errorf("%w: a depth multiplier other than 1", ErrUnsupported)
	}
	w := window{
		same: f.byte(o, 0) == 0, kernelH: k.shape[2], kernelW: k.shape[3],
		strideW: f.int(o, 1, 0), strideH: f.int(o, 2, 0), dilatW: f.int(o, 5, 1), dilationH: f.int(o, 6, 1),
	}
	return c.emitConv(op, k, &w, in[3], f.byte(o, 4))
}

func (c *converter) emitConv(op *Operator, kernel weights, w *window, groups, activation int) error {
	if err := w.place(c.shape(op.Inputs[0]), c.shape(op.Outputs[0])); err != nil {
		return err
	}
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	bias, err := c.weights(op.Inputs[2])
	if err != nil {
		return err
	}
	attrs := append(w.attrs(), onnx.Ints("dilations", w.dilationH, w.dilatW), onnx.Int("group", groups))
	return c.activate(op, c.g.Node("Conv", []string{x, c.emit(kernel), c.emit(bias)}, attrs...), activation, nchw)
}

func (c *converter) pool(op *Operator, name string) error {
	f, o := c.m.flat, op.options
	w := window{
		same: f.byte(o, 0) == 0, strideW: f.int(o, 1, 0), strideH: f.int(o, 2, 0),
		kernelW: f.int(o, 3, 0), kernelH: f.int(o, 4, 0), dilationH: 1, dilatW: 1,
	}
	if err := w.place(c.shape(op.Inputs[0]), c.shape(op.Outputs[0])); err != nil {
		return err
	}
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	in := c.shape(op.Inputs[0])
	if name == "AveragePool" && w.kernelH == in[1] && w.kernelW == in[2] && !w.same {
		return c.activate(op, c.g.Node("GlobalAveragePool", []string{x}), f.byte(o, 5), nchw)
	}
	return c.activate(op, c.g.Node(name, []string{x}, w.attrs()...), f.byte(o, 5), nchw)
}

// transposeConv converts MediaPipe's Convolution2DTransposeBias. Its options are three little-endian ints: padding
// (1 is SAME), horizontal and vertical stride. Its kernel is output channels, height, width, input channels.
func (c *converter) transposeConv(op *Operator) error {
	if len(op.CustomOptions) < 12 {
		return fmt.Errorf("%w: custom options of %d bytes", ErrMalformed, len(op.CustomOptions))
	}
	option := func(i int) int { return int(int32(binary.LittleEndian.Uint32(op.CustomOptions[4*i:]))) }
	k, err := c.weights(op.Inputs[1])
	if err != nil {
		return err
	}
	if k, err = k.permute(3, 0, 1, 2); err != nil {
		return err
	}
	w := window{
		kernelH: k.shape[2], kernelW: k.shape[3], strideW: option(1), strideH: option(2), dilationH: 1, dilatW: 1,
	}
	in := c.shape(op.Inputs[0])
	if err = w.place(in, c.shape(op.Outputs[0])); err != nil {
		return err
	}
	if option(0) == 1 {
		padH := max(0, w.kernelH-(in[1]-1)%w.strideH-1)
		padW := max(0, w.kernelW-(in[2]-1)%w.strideW-1)
		w.padT, w.pB, w.padL, w.pR = padH/2, padH-padH/2, padW/2, padW-padW/2
	}
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	bias, err := c.weights(op.Inputs[2])
	if err != nil {
		return err
	}
	c.set(op, c.g.Node("ConvTranspose", []string{x, c.emit(k), c.emit(bias)}, w.attrs()...), nchw)
	return nil
}
