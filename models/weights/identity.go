package weights

import (
	"path/filepath"

	"github.com/gioconda-live/gioconda/models/tfjs"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// Where the package face-api keeps its recognition network.
const (
	recognitionManifest = "@vladmandic/face-api/model/face_recognition_model-weights_manifest.json"
	recognitionData     = "@vladmandic/face-api/model/face_recognition_model.bin"
)

// identity converts the network that tells people apart: input "image", 1 x 3 x 150 x 150, RGB, 0..1; output
// "embedding", 1 x 128.
func identity(npmDir string) ([]byte, error) {
	manifest, err := readAsset(filepath.Join(npmDir, recognitionManifest))
	if err != nil {
		return nil, err
	}
	data, err := readAsset(filepath.Join(npmDir, recognitionData))
	if err != nil {
		return nil, err
	}
	w, err := tfjs.Read(manifest, data)
	if err != nil {
		return nil, err
	}
	g := onnx.New("face_identity")
	g.Note("source", "dlib's face recognition network (public domain) out of the pinned npm package face-api (MIT)")
	image := g.Input("image", 1, 3, tfjs.RecognitionSide, tfjs.RecognitionSide)
	embedding, err := tfjs.FaceRecognition(w, g, image)
	if err != nil {
		return nil, err
	}
	g.Output("embedding", embedding, 1, tfjs.RecognitionSize)
	return g.Marshal(), nil
}
