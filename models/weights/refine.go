package weights

import (
	"fmt"

	"github.com/gioconda-live/gioconda/models/tflite"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// Numbers of points.
const (
	meshPoints = 468
	allPoints  = 478
	irisPoints = 5
)

// landmarks converts the landmark network and merges its six heads in the graph: outputs "landmarks", 1 x 478 x 3 in
// pixels of the 192 x 192 crop, and "score", 1 x 1, the probability that the crop shows a face.
//
// The heads for lips, eyes and irises know x and y only and replace those of the mesh; an iris takes its z from the
// mean of the eye around it.
func landmarks(o tflite.Options) func(data []byte) ([]byte, error) {
	return func(data []byte) ([]byte, error) { return landmarksWith(data, o) }
}

func landmarksWith(data []byte, o tflite.Options) ([]byte, error) {
	m, g, image, err := begin(data, "face_landmarks", 192)
	if err != nil {
		return nil, err
	}
	out, err := tflite.ConvertWith(m, g, image, o)
	if err != nil {
		return nil, err
	}
	refined := refinedPoints()
	if len(out) != 2+len(refined) {
		return nil, fmt.Errorf("the network has %d outputs instead of %d", len(out), 2+len(refined))
	}
	shaped := func(name string, shape ...int) string {
		return g.Node("Reshape", []string{name, g.Int64s(shape...)})
	}
	mesh := shaped(out[0].Name, meshPoints, 3)
	columns := func(from, to int) string {
		return g.Node("Slice", []string{mesh, g.Int64s(from), g.Int64s(to), g.Int64s(1)})
	}
	// stack lists where in the stacked heads each of the 478 points is found.
	stack := make([]int, allPoints)
	for i := range meshPoints {
		stack[i] = i
	}
	plane := []string{columns(0, 2)}
	next := meshPoints
	for i, points := range refined {
		head := out[1+i]
		plane = append(plane, shaped(head.Name, len(points), 2))
		for _, p := range points {
			stack[p] = next
			next++
		}
	}
	xy := g.Node("Gather", []string{concat(g, 0, plane...), g.Int64s(stack...)}, onnx.Int("axis", 0))
	depth := columns(2, 3)
	depths := []string{depth}
	for _, eye := range [][]int{refined[1], refined[2]} {
		around := g.Node("Gather", []string{depth, g.Int64s(eye[:16]...)}, onnx.Int("axis", 0))
		mean := g.Node("ReduceMean", []string{around}, onnx.Ints("axes", 0), onnx.Int("keepdims", 1))
		depths = append(depths, g.Node("Expand", []string{mean, g.Int64s(irisPoints, 1)}))
	}
	all := concat(g, 1, xy, concat(g, 0, depths...))
	g.Output("landmarks", shaped(all, 1, allPoints, 3), 1, allPoints, 3)
	flag := g.Node("Sigmoid", []string{shaped(out[len(out)-1].Name, 1, 1)})
	g.Output("score", flag, 1, 1)
	return g.Marshal(), nil
}

func concat(g *onnx.Graph, axis int, parts ...string) string {
	return g.Node("Concat", parts, onnx.Int("axis", axis))
}

// refinedPoints lists, for the heads in the network's order (lips, the eye left in the picture, the eye right in it,
// their irises), which landmark each of the head's points is. The first 16 of an eye are its lids.
func refinedPoints() [][]int {
	return [][]int{
		{
			61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
			78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
			76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
			62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
		},
		{
			33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
			130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
			226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
			35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
			156, 70, 63, 105, 66, 107, 55, 193,
		},
		{
			263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
			359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414,
			446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413,
			265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465,
			383, 300, 293, 334, 296, 336, 285, 417,
		},
		{468, 469, 470, 471, 472},
		{473, 474, 475, 476, 477},
	}
}
