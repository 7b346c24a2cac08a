package weights

import (
	"fmt"
	"path/filepath"

	"github.com/gioconda-live/gioconda/models/tflite"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// product is one file that Build makes.
type product struct {
	name    string
	purpose string
	sha256  string
	make    func(npmDir string) ([]byte, error)
	// optional: serving does without it, and so does a folder whose npm package is not installed.
	optional bool
}

// products lists the files. A hash changes only with the converter or with the pinned packages: see TestPinned.
func products() []product {
	return []product{
		{
			name: FaceDetection, purpose: "finds faces (BlazeFace, short range)",
			sha256: "11360a5f3da64737c6798d98f7705b2b1ed78d9ab8c411f19245c132a4ac0819",
			make:   fromPacked("face_detection_short_range.tflite", detection),
		},
		{
			name: FaceLandmarks, purpose: "478 landmarks of one face (face mesh with attention)",
			sha256: "ebbcaf2b78038f2dcca441857718073fd5931b1af3da1f82946b8668c60edd85",
			make:   fromPacked("face_landmark_with_attention.tflite", landmarks(tflite.Options{})),
		},
		{
			name: FaceLandmarksNative, purpose: "the same 478 landmarks, written for processors instead of WebAssembly",
			sha256: "d385b0abd54f3c66cf4691578e28572667094cb22a8852eee5b3e6637caaf8ff",
			make:   fromPacked("face_landmark_with_attention.tflite", landmarks(tflite.Options{SplitPRelu: true})),
		},
		{
			name: Matte, purpose: "separates a person from the background (selfie segmentation)",
			sha256: "1c9f371ee9536d64a226ee445c68dc2b631cabce541ffc543ec6cfb95e74ed7a",
			make: func(npmDir string) ([]byte, error) {
				data, err := readAsset(filepath.Join(npmDir, selfieFile))
				if err != nil {
					return nil, err
				}
				return matte(data)
			},
		},
		{
			name: CanonicalFace, purpose: "the canonical face mesh: vertices, texture coordinates, triangles",
			sha256: "93bb3e98f9170d207113aac0d662191d9cfcb2acbfa05e85e7e653b287790ff1",
			make:   fromPacked("geometry_pipeline_metadata_landmarks.binarypb", canonical),
		},
		{
			name: FaceIdentity, purpose: "tells people apart, in measurements and among several pictures (dlib face recognition)",
			sha256: "0357aceecf22970fee734562c139b928366e28d1bd010e604b2437dade69601d",
			make:   identity, optional: true,
		},
	}
}

func fromPacked(name string, convert func([]byte) ([]byte, error)) func(string) ([]byte, error) {
	return func(npmDir string) ([]byte, error) {
		p, err := openPacked(npmDir)
		if err != nil {
			return nil, err
		}
		data, err := p.file(name)
		if err != nil {
			return nil, err
		}
		return convert(data)
	}
}

// begin parses a model whose input has the given side and starts its graph. Every converted model takes one picture:
// "image", float32, 1 x 3 x side x side, RGB, 0..1.
func begin(data []byte, name string, side int) (*tflite.Model, *onnx.Graph, string, error) {
	m, err := tflite.Parse(data)
	if err != nil {
		return nil, nil, "", err
	}
	if len(m.Inputs) != 1 || m.Tensors[m.Inputs[0]].Elements() != side*side*3 {
		return nil, nil, "", fmt.Errorf("the input is not a picture of %d x %d", side, side)
	}
	g := onnx.New(name)
	g.Note("source", "converted from a MediaPipe model (Apache-2.0) out of a pinned npm package")
	return m, g, g.Input("image", 1, 3, side, side), nil
}

// matte converts the segmentation network: output "alpha", 1 x 1 x 256 x 256, 0 background to 1 person.
func matte(data []byte) ([]byte, error) {
	const side = 256
	m, g, image, err := begin(data, "selfie_segmentation", side)
	if err != nil {
		return nil, err
	}
	out, err := tflite.Convert(m, g, image)
	if err != nil {
		return nil, err
	}
	if len(out) != 1 {
		return nil, fmt.Errorf("the network has %d outputs instead of 1", len(out))
	}
	g.Output("alpha", g.Node("Reshape", []string{out[0].Name, g.Int64s(1, 1, side, side)}), 1, 1, side, side)
	return g.Marshal(), nil
}

// detection converts the face detector and decodes its boxes in the graph: see package face for what comes out.
func detection(data []byte) ([]byte, error) {
	const side = 128
	m, g, image, err := begin(data, "face_detection", side)
	if err != nil {
		return nil, err
	}
	// The network was trained on -1..1.
	doubled := g.Node("Mul", []string{image, g.Floats([]float32{2}, 1)})
	out, err := tflite.Convert(m, g, g.Node("Sub", []string{doubled, g.Floats([]float32{1}, 1)}))
	if err != nil {
		return nil, err
	}
	anchors := anchorCentres(side)
	n := len(anchors) / 2
	if len(out) != 2 || len(out[0].Shape) != 3 || out[0].Shape[1] != n || out[0].Shape[2] != boxValues {
		return nil, fmt.Errorf("the detector's outputs are not %d boxes", n)
	}
	// Every value is an offset from the anchor in pixels, except width and height, which stand alone.
	offsets := make([]float32, 0, n*boxValues)
	for i := range n {
		x, y := anchors[2*i], anchors[2*i+1]
		offsets = append(offsets, x, y, 0, 0)
		for range (boxValues - 4) / 2 {
			offsets = append(offsets, x, y)
		}
	}
	boxes := g.Node("Mul", []string{out[0].Name, g.Floats([]float32{1.0 / side}, 1)})
	boxes = g.Node("Add", []string{boxes, g.Floats(offsets, 1, n, boxValues)})
	g.Output("boxes", boxes, 1, n, boxValues)
	scores := g.Node("Sigmoid", []string{g.Node("Reshape", []string{out[1].Name, g.Int64s(1, n)})})
	g.Output("scores", scores, 1, n)
	return g.Marshal(), nil
}

// boxValues is the number of values per box: centre, size and six keypoints.
const boxValues = 16

// anchorCentres returns x and y of each anchor, in 0..1: two at every cell of the finer grid, then six at every cell of
// the coarser one, row by row.
func anchorCentres(side int) []float32 {
	var out []float32
	for _, layer := range []struct{ stride, perCell int }{{8, 2}, {16, 6}} {
		cells := side / layer.stride
		for y := range cells {
			for x := range cells {
				for range layer.perCell {
					out = append(out, (float32(x)+0.5)/float32(cells), (float32(y)+0.5)/float32(cells))
				}
			}
		}
	}
	return out
}
