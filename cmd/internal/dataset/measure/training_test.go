package measure

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestMeasuresAsTrainingDoes: models/train/report.py measures checkpoints while they are trained, this package what is
// served; both read one file of figures, so that neither can change alone. models/train/test_measures.py writes it.
func TestMeasuresAsTrainingDoes(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "models", "train", "testdata", "measures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Edge                             int
		OpenFrom, L1, PSNR, SSIM, Energy float64
		SSIMAt                           []struct {
			X, Y int
			SSIM float64
		}
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if openFrom != want.OpenFrom {
		t.Errorf("a mouth is open from %v, in training from %v", openFrom, want.OpenFrom)
	}
	e := want.Edge
	p, truth, weight := trainingPictures(e)
	s, alike := newSimilarity(e), make([]float32, e*e)
	s.to(truth)
	s.of(p, alike)
	got := p.compare(truth, alike, weight)
	for _, f := range []struct {
		name      string
		got, want float64
	}{{"L1", got.l1, want.L1}, {"PSNR", got.psnr, want.PSNR}, {"SSIM", got.ssim, want.SSIM}, {"energy", got.energy, want.Energy}} {
		if math.Abs(f.got-f.want) > 1e-5 {
			t.Errorf("%s %.7f, in training %.7f", f.name, f.got, f.want)
		}
	}
	if len(want.SSIMAt) == 0 {
		t.Error("the file names no pixel")
	}
	for _, at := range want.SSIMAt {
		if v := float64(alike[at.Y*e+at.X]); math.Abs(v-at.SSIM) > 1e-4 {
			t.Errorf("SSIM %.6f at %d, %d, in training %.6f", v, at.X, at.Y, at.SSIM)
		}
	}
}

// trainingPictures are those of test_measures.py: a picture, its truth, and an uneven area that reaches one border.
func trainingPictures(edge int) (p, truth *picture, weight []float32) {
	img, moved := image.NewRGBA(image.Rect(0, 0, edge, edge)), image.NewRGBA(image.Rect(0, 0, edge, edge))
	weight = make([]float32, edge*edge)
	for y := range edge {
		for x := range edge {
			rgb := [3]int{(5*x + 3*y) % 256, (7*y + 11) % 256, x * y % 256}
			var off [3]uint8
			for k, v := range rgb {
				off[k] = uint8(min(max(v+(13*x+7*y)%41-20, 0), 255))
			}
			img.SetRGBA(x, y, color.RGBA{uint8(rgb[0]), uint8(rgb[1]), uint8(rgb[2]), 255})
			moved.SetRGBA(x, y, color.RGBA{off[0], off[1], off[2], 255})
			if x < 30 && y >= 12 && y < 40 {
				weight[y*edge+x] = float32((x+y)%3) / 2
			}
		}
	}
	p, truth = newPicture(edge), newPicture(edge)
	p.set(img)
	truth.set(moved)
	return p, truth, weight
}
