package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/tflite/onnx"
)

// NaNGenerator makes dir a generator's folder whose networks load and whose every answer is no number, and returns dir.
func NaNGenerator(t *testing.T, dir string) string {
	t.Helper()
	const e = 64
	enc := onnx.New("encoder")
	pic := enc.Input("picture", 1, 3, e, e)
	enc.Input("maps", 1, portrait.MapPlanes, e, e)
	enc.Output("look", enc.Node("ReduceMean", []string{pic}, onnx.Ints("axes", 1, 2, 3), onnx.Int("keepdims", 1)), 1, 1, 1, 1)
	gen := onnx.New("generator")
	pic = gen.Input("picture", 1, 3, e, e)
	gen.Input("maps", 1, portrait.MapPlanes, e, e)
	look := gen.Input("look", 1, 1, 1, 1)
	sum := gen.Node("Add", []string{pic, look})
	gen.Output("difference", gen.Node("Mul", []string{sum, gen.Floats([]float32{float32(math.NaN())}, 1)}), 1, 3, e, e)
	file := func(name string, b []byte) portrait.File {
		Write(t, filepath.Join(dir, name), b)
		h := sha256.Sum256(b)
		return portrait.File{Name: name, SHA256: hex.EncodeToString(h[:])}
	}
	region := portrait.Mouth()
	region.Edge = e
	m := portrait.Manifest{Version: 1, Name: "nan", Parts: []portrait.Part{{
		Region: region, Maps: portrait.MapPlanes,
		Encoder: file("encoder.onnx", enc.Marshal()), Generator: file("generator.onnx", gen.Marshal()),
	}}}
	b, err := json.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	Write(t, filepath.Join(dir, portrait.ManifestName), b)
	return dir
}
