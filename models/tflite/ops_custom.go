package tflite

import (
	"fmt"
	"math"

	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// maxSamples bounds the points that one custom operator computes.
const maxSamples = 1 << 13

// cropOptions are the options of Landmarks2TransformMatrix.
type cropOptions struct {
	subset        []int
	left, right   int
	target        float64
	width, height float64
	scaleX        float64
	scaleY        float64
}

func readCropOptions(b []byte, points int) (cropOptions, error) {
	var o cropOptions
	m, err := readFlex(b)
	if err != nil {
		return o, err
	}
	if o.subset, err = m.ints("subset_idxs"); err != nil {
		return o, err
	}
	var left, right float64
	for _, f := range []struct {
		key string
		to  *float64
	}{
		{"left_rotation_idx", &left},
		{"right_rotation_idx", &right},
		{"target_rotation_radians", &o.target},
		{"output_width", &o.width},
		{"output_height", &o.height},
		{"scale_x", &o.scaleX},
		{"scale_y", &o.scaleY},
	} {
		if *f.to, err = m.real(f.key); err != nil {
			return o, err
		}
	}
	o.left, o.right = int(left), int(right)
	for _, i := range append([]int{o.left, o.right}, o.subset...) {
		if i < 0 || i >= points {
			return o, fmt.Errorf("%w: landmark %d of %d", ErrMalformed, i, points)
		}
	}
	if len(o.subset) == 0 || o.width < 1 || o.height < 1 {
		return o, fmt.Errorf("%w: a crop of nothing", ErrMalformed)
	}
	return o, nil
}

// landmarksToMatrix converts version 2 of Landmarks2TransformMatrix: the 4x4 matrix that maps pixel corners of a crop
// to positions in the feature map. The crop is the bounding box of some landmarks, turned so that the line between
// two of them reaches a target angle, and scaled about its centre.
//
// Sine and cosine come from the normalised line itself, which needs no trigonometry in the graph.
func (c *converter) landmarksToMatrix(op *Operator) error {
	s := c.shape(op.Inputs[0])
	if len(s) != 3 || s[2] != 3 {
		return fmt.Errorf("%w: landmarks of shape %v", ErrUnsupported, s)
	}
	o, err := readCropOptions(op.CustomOptions, s[1])
	if err != nil {
		return err
	}
	x, err := c.operand(op.Inputs[0], asIs)
	if err != nil {
		return err
	}
	g := c.g
	node := func(op string, in ...string) string { return g.Node(op, in) }
	scalar := func(v float64) string { return g.Floats([]float32{float32(v)}, 1, 1) }
	xyz := g.Node("Reshape", []string{x, g.Int64s(s[1], 3)})
	xy := g.Node("Slice", []string{xyz, g.Int64s(0), g.Int64s(2), g.Int64s(1)})
	pick := func(i ...int) string { return g.Node("Gather", []string{xy, g.Int64s(i...)}, onnx.Int("axis", 0)) }
	column := func(v string, i int) string {
		return g.Node("Gather", []string{v, g.Int64s(i)}, onnx.Int("axis", 1))
	}

	// u is the unit vector from the left to the right landmark; the crop is turned by r = target - angle(u).
	line := node("Sub", pick(o.right), pick(o.left))
	length := node("Sqrt", g.Node("ReduceSum", []string{node("Mul", line, line), g.Int64s(1)}, onnx.Int("keepdims", 1)))
	u := node("Div", line, node("Max", length, scalar(1e-6)))
	sinT, cosT := math.Sincos(o.target)
	ux, uy := column(u, 0), column(u, 1)
	cos := node("Add", node("Mul", ux, scalar(cosT)), node("Mul", uy, scalar(sinT)))
	sin := node("Sub", node("Mul", ux, scalar(sinT)), node("Mul", uy, scalar(cosT)))
	neg := node("Neg", sin)

	// Row vectors: turn has the images of both axes as its rows.
	join := func(axis int, in ...string) string { return g.Node("Concat", in, onnx.Int("axis", axis)) }
	turn := join(0, join(1, cos, sin), join(1, neg, cos))
	back := join(0, join(1, cos, neg), join(1, sin, cos))
	turned := node("MatMul", pick(o.subset...), turn)
	high := g.Node("ReduceMax", []string{turned}, onnx.Ints("axes", 0), onnx.Int("keepdims", 1))
	low := g.Node("ReduceMin", []string{turned}, onnx.Ints("axes", 0), onnx.Int("keepdims", 1))
	centre := node("MatMul", node("Mul", node("Add", high, low), scalar(0.5)), back)
	scale := node("Mul", node("Sub", high, low),
		g.Floats([]float32{float32(o.scaleX / o.width), float32(o.scaleY / o.height)}, 1, 2))

	// linear holds the images of the crop's axes as columns, as the 4x4 matrix does.
	linear := node("Mul", g.Node("Transpose", []string{back}, onnx.Ints("perm", 1, 0)), scale)
	corner := g.Floats([]float32{float32(-o.width / 2), float32(-o.height / 2)}, 2, 1)
	shift := node("Add", g.Node("Reshape", []string{centre, g.Int64s(2, 1)}), node("MatMul", linear, corner))
	top := join(1, linear, g.Floats([]float32{0, 0}, 2, 1), shift)
	matrix := join(0, top, g.Floats([]float32{0, 0, 1, 0, 0, 0, 0, 1}, 2, 4))
	c.set(op, g.Node("Reshape", []string{matrix, g.Int64s(1, 4, 4)}), asIs)
	return nil
}

// affine returns the 4x2 matrix that maps row vectors (x, y, 0, 1) by the first two rows of matrix t.
func (c *converter) affine(t int) (string, error) {
	s := c.shape(t)
	if len(s) != 3 || s[1] != 4 || s[2] != 4 {
		return "", fmt.Errorf("%w: a matrix of shape %v", ErrUnsupported, s)
	}
	x, err := c.operand(t, asIs)
	if err != nil {
		return "", err
	}
	rows := c.g.Node("Slice", []string{x, c.g.Int64s(0), c.g.Int64s(2), c.g.Int64s(1)})
	flat := c.g.Node("Reshape", []string{rows, c.g.Int64s(2, 4)})
	return c.g.Node("Transpose", []string{flat}, onnx.Ints("perm", 1, 0)), nil
}

// transformTensor converts version 2 of TransformTensorBilinear: the output's pixel centres, mapped by the matrix,
// sample the input. That is GridSample without align_corners once positions are scaled to -1..1.
func (c *converter) transformTensor(op *Operator) error {
	in, out := c.shape(op.Inputs[0]), c.shape(op.Outputs[0])
	if len(in) != 4 || len(out) != 4 || out[1]*out[2] > maxSamples || in[1] < 1 || in[2] < 1 {
		return fmt.Errorf("%w: sampling %v from %v", ErrUnsupported, out, in)
	}
	x, err := c.operand(op.Inputs[0], nchw)
	if err != nil {
		return err
	}
	matrix, err := c.affine(op.Inputs[1])
	if err != nil {
		return err
	}
	h, w := out[1], out[2]
	centres := make([]float32, 0, 4*h*w)
	for y := range h {
		for x := range w {
			centres = append(centres, float32(x)+0.5, float32(y)+0.5, 0, 1)
		}
	}
	g := c.g
	at := g.Node("MatMul", []string{g.Floats(centres, h*w, 4), matrix})
	at = g.Node("Mul", []string{at, g.Floats([]float32{2 / float32(in[2]), 2 / float32(in[1])}, 1, 2)})
	at = g.Node("Sub", []string{at, g.Floats([]float32{1}, 1, 1)})
	grid := g.Node("Reshape", []string{at, g.Int64s(1, h, w, 2)})
	c.set(op, g.Node("GridSample", []string{x, grid}, onnx.Text("mode", "bilinear"),
		onnx.Text("padding_mode", "zeros"), onnx.Int("align_corners", 0)), nchw)
	return nil
}

// transformLandmarks converts version 2 of TransformLandmarks for points in the plane.
func (c *converter) transformLandmarks(op *Operator) error {
	s := c.shape(op.Inputs[0])
	if len(s) != 3 || s[2] != 2 || s[1] > maxSamples {
		return fmt.Errorf("%w: landmarks of shape %v", ErrUnsupported, s)
	}
	x, err := c.operand(op.Inputs[0], asIs)
	if err != nil {
		return err
	}
	matrix, err := c.affine(op.Inputs[1])
	if err != nil {
		return err
	}
	g := c.g
	rest := make([]float32, 0, 2*s[1])
	for range s[1] {
		rest = append(rest, 0, 1)
	}
	points := g.Node("Concat", []string{x, g.Floats(rest, 1, s[1], 2)}, onnx.Int("axis", 2))
	c.set(op, g.Node("MatMul", []string{points, matrix}), asIs)
	return nil
}
