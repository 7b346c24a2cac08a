package tflite

import (
	"encoding/binary"
	"fmt"
	"math"
)

// weights are the elements of a constant: bit patterns of float16 or float32 values, never both.
type weights struct {
	shape  []int
	halves []uint16
	floats []float32
}

// constantTensor resolves t to the tensor that holds its data, through DEQUANTIZE.
func (c *converter) constantTensor(t int) (Tensor, error) {
	if s, ok := c.source[t]; ok {
		t = s
	}
	x := c.m.Tensors[t]
	if len(x.Data) == 0 {
		return Tensor{}, fmt.Errorf("%w: tensor %d should be a constant", ErrUnsupported, t)
	}
	return x, nil
}

func (c *converter) weights(t int) (weights, error) {
	x, err := c.constantTensor(t)
	if err != nil {
		return weights{}, err
	}
	if c.budget -= len(x.Data); c.budget < 0 {
		return weights{}, fmt.Errorf("%w: its operators use more than %d bytes of constants", ErrUnsupported, maxConstants)
	}
	w := weights{shape: x.Shape}
	switch x.Type {
	case Float16:
		w.halves = make([]uint16, x.Elements())
		for i := range w.halves {
			w.halves[i] = binary.LittleEndian.Uint16(x.Data[2*i:])
		}
	case Float32:
		w.floats = make([]float32, x.Elements())
		for i := range w.floats {
			w.floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(x.Data[4*i:]))
		}
	default:
		return weights{}, fmt.Errorf("%w: weights of type %d", ErrUnsupported, x.Type)
	}
	return w, nil
}

// ints returns a constant of integers.
func (c *converter) ints(t int) ([]int, error) {
	x, err := c.constantTensor(t)
	if err != nil {
		return nil, err
	}
	if x.Type != Int32 {
		return nil, fmt.Errorf("%w: tensor %d should hold integers", ErrUnsupported, t)
	}
	out := make([]int, x.Elements())
	for i := range out {
		out[i] = int(int32(binary.LittleEndian.Uint32(x.Data[4*i:])))
	}
	return out, nil
}

// permute reorders w so that its axis k is the old axis perm[k].
func (w weights) permute(perm ...int) (weights, error) {
	if len(w.shape) != len(perm) {
		return w, fmt.Errorf("%w: weights of rank %d instead of %d", ErrUnsupported, len(w.shape), len(perm))
	}
	strides := make([]int, len(perm))
	n := 1
	for i := len(perm) - 1; i >= 0; i-- {
		strides[i] = n
		n *= w.shape[i]
	}
	out := weights{shape: make([]int, len(perm))}
	for k, p := range perm {
		out.shape[k] = w.shape[p]
	}
	if w.halves != nil {
		out.halves = make([]uint16, n)
	} else {
		out.floats = make([]float32, n)
	}
	index := make([]int, len(perm))
	for i := range n {
		from := 0
		for k, p := range perm {
			from += index[k] * strides[p]
		}
		if w.halves != nil {
			out.halves[i] = w.halves[from]
		} else {
			out.floats[i] = w.floats[from]
		}
		for k := len(index) - 1; k >= 0; k-- {
			if index[k]++; index[k] < out.shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return out, nil
}

// emit adds w to the graph and returns the name of its float32 value.
func (c *converter) emit(w weights) string {
	if w.halves != nil {
		return c.g.Halves(w.halves, w.shape...)
	}
	return c.g.Floats(w.floats, w.shape...)
}

// constant adds tensor t, padded to rank 4 and reordered where the neighbours are in NCHW.
func (c *converter) constant(t int, want layout) (string, error) {
	w, err := c.weights(t)
	if err != nil {
		return "", err
	}
	if want == nchw {
		for len(w.shape) < 4 {
			w.shape = append([]int{1}, w.shape...)
		}
		if w, err = w.permute(0, 3, 1, 2); err != nil {
			return "", err
		}
	}
	return c.emit(w), nil
}

// dequantize marks a constant's float16 data as the source of the output; the cast is emitted where it is used.
func (c *converter) dequantize(op *Operator) error {
	x, err := c.constantTensor(op.Inputs[0])
	if err != nil {
		return err
	}
	if x.Type != Float16 {
		return fmt.Errorf("%w: dequantisation of type %d", ErrUnsupported, x.Type)
	}
	c.source[op.Outputs[0]] = op.Inputs[0]
	return nil
}
