package tfjs

import (
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// What FaceRecognition takes and gives.
const (
	RecognitionSide = 150 // edge of the picture
	RecognitionSize = 128 // length of the embedding
)

// FaceRecognition appends dlib's face recognition network (a ResNet of 29 convolutions, Davis King) with the weights of
// the npm package face-api. image names an ONNX value of shape 1 x 3 x 150 x 150: RGB, 0..1. It returns the name of the
// embedding, 1 x 128. On an error, which wraps ErrMalformed and names the tensor, g must be thrown away.
//
// The weights are kept as float16: each is a byte times a scale, or was trained with far more noise than that takes away.
func FaceRecognition(w Weights, g *onnx.Graph, image string) (string, error) {
	b := &builder{w: w, g: g}
	// The means of red, green and blue that the network was trained with.
	mean := g.Floats([]float32{122.782 / 255, 117.001 / 255, 104.298 / 255}, 1, 3, 1, 1)
	x := g.Node("Sub", []string{image, mean})
	x = b.relu(b.conv(x, layer{name: "conv32_down", kernel: 7, in: 3, out: 32, stride: 2}))
	x = g.Node("MaxPool", []string{x}, onnx.Ints("kernel_shape", 3, 3), onnx.Ints("strides", 2, 2))
	for _, name := range []string{"conv32_1", "conv32_2", "conv32_3"} {
		x = b.residual(x, name, 32)
	}
	side := 35
	for _, s := range []struct {
		down  string
		rest  []string
		width [2]int
	}{
		{"conv64_down", []string{"conv64_1", "conv64_2", "conv64_3"}, [2]int{32, 64}},
		{"conv128_down", []string{"conv128_1", "conv128_2"}, [2]int{64, 128}},
		{"conv256_down", []string{"conv256_1", "conv256_2"}, [2]int{128, 256}},
		{"conv256_down_out", nil, [2]int{256, 256}},
	} {
		x = b.residualDown(x, s.down, s.width[0], s.width[1], side)
		side /= 2
		for _, name := range s.rest {
			x = b.residual(x, name, s.width[1])
		}
	}
	x = g.Node("Reshape", []string{g.Node("GlobalAveragePool", []string{x}), g.Int64s(1, 256)})
	x = g.Node("MatMul", []string{x, b.constant("fc", 256, RecognitionSize)})
	return x, b.err
}

// builder appends layers; the first error sticks, and what is appended after it means nothing.
type builder struct {
	w   Weights
	g   *onnx.Graph
	err error
}

// layer is a convolution followed by a scale and an offset per channel.
type layer struct {
	name            string
	kernel, in, out int
	stride, pad     int
}

func (b *builder) tensor(name string, shape ...int) []float32 {
	t, err := b.w.tensor(name, shape...)
	if err != nil && b.err == nil {
		b.err = err
	}
	return t
}

func (b *builder) constant(name string, shape ...int) string {
	return b.g.Halves(halves(b.tensor(name, shape...)), shape...)
}

func halves(v []float32) []uint16 {
	out := make([]uint16, len(v))
	for i := range v {
		out[i] = half(v[i])
	}
	return out
}

func (b *builder) relu(x string) string { return b.g.Node("Relu", []string{x}) }

// conv appends a layer with its scale and offset folded into the kernel and the bias.
func (b *builder) conv(x string, l layer) string {
	filters := b.tensor(l.name+"/conv/filters", l.kernel, l.kernel, l.in, l.out)
	bias := b.tensor(l.name+"/conv/bias", l.out)
	scale := b.tensor(l.name+"/scale/weights", l.out)
	offset := b.tensor(l.name+"/scale/biases", l.out)
	if b.err != nil {
		return x
	}
	// From height, width, in, out to out, in, height, width.
	area := l.kernel * l.kernel
	kernel := make([]float32, len(filters))
	for at := range area {
		for in := range l.in {
			from := filters[(at*l.in+in)*l.out:][:l.out]
			for out, v := range from {
				kernel[(out*l.in+in)*area+at] = v * scale[out]
			}
		}
	}
	folded := make([]float32, l.out)
	for i := range folded {
		product := bias[i] * scale[i]
		folded[i] = float32(product) + offset[i] // rounded before the sum, not fused with it
	}
	return b.g.Node("Conv",
		[]string{x, b.g.Halves(halves(kernel), l.out, l.in, l.kernel, l.kernel), b.g.Floats(folded, l.out)},
		onnx.Ints("kernel_shape", l.kernel, l.kernel), onnx.Ints("strides", l.stride, l.stride),
		onnx.Ints("pads", l.pad, l.pad, l.pad, l.pad),
	)
}

// residual appends two convolutions of the same size and adds their input.
func (b *builder) residual(x, name string, width int) string {
	y := b.relu(b.conv(x, layer{name: name + "/conv1", kernel: 3, in: width, out: width, stride: 1, pad: 1}))
	y = b.conv(y, layer{name: name + "/conv2", kernel: 3, in: width, out: width, stride: 1, pad: 1})
	return b.relu(b.g.Node("Add", []string{y, x}))
}

// residualDown halves the side: two convolutions, and the mean of each 2 x 2 of the input added. Missing channels of the
// mean and a missing last row and column of the convolutions count as zero.
func (b *builder) residualDown(x, name string, in, out, side int) string {
	y := b.relu(b.conv(x, layer{name: name + "/conv1", kernel: 3, in: in, out: out, stride: 2}))
	y = b.conv(y, layer{name: name + "/conv2", kernel: 3, in: out, out: out, stride: 1, pad: 1})
	mean := b.g.Node("AveragePool", []string{x}, onnx.Ints("kernel_shape", 2, 2), onnx.Ints("strides", 2, 2))
	if missing := side/2 - (side-1)/2; missing > 0 {
		y = b.g.Node("Pad", []string{y, b.g.Int64s(0, 0, 0, 0, 0, 0, missing, missing)})
	}
	if out > in {
		mean = b.g.Node("Pad", []string{mean, b.g.Int64s(0, 0, 0, 0, 0, out-in, 0, 0)})
	}
	return b.relu(b.g.Node("Add", []string{mean, y}))
}
