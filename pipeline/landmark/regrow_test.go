package landmark_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// The landmarks that do not travel must come back near where the tracker saw them, on real faces.
func TestRegrowOnRealFaces(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "landmarks.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("SKIPPED: ../shared/reference/landmarks.json is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	var faces []struct {
		Clip, Image   string
		Width, Height float64
		Points        [][3]float64
	}
	if err := json.Unmarshal(b, &faces); err != nil {
		t.Fatal(err)
	}
	codec := landmark.NewCodec()
	travels := map[int]bool{}
	for _, k := range landmark.WireIndex() {
		travels[int(k)] = true
	}
	var sum, worst float64
	var count int
	for _, f := range faces {
		if len(f.Points) != landmark.Count {
			continue
		}
		var s, back landmark.Sample
		for i, p := range f.Points {
			s.Points[i] = landmark.Point{X: float32(p[0]), Y: float32(p[1] * f.Height / f.Width), Z: float32(p[2])}
		}
		if err := codec.Decode(&back, datagram(t, &s)); err != nil {
			t.Fatal(f.Clip, f.Image, err)
		}
		eyes := math.Hypot(mid(&s, 33, 133, 263, 362))
		for i := range s.Points {
			if travels[i] {
				continue
			}
			p, q := s.Points[i], back.Points[i]
			e := math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)) / eyes * 100
			sum, worst, count = sum+e, max(worst, e), count+1
		}
	}
	t.Logf("%d faces: mean error %.2f %% of the distance between the eyes, worst %.1f %%", len(faces), sum/float64(count), worst)
	if sum/float64(count) > 1.6 {
		t.Errorf("mean error %.2f %%", sum/float64(count))
	}
}

// mid is the vector between the middles of two pairs of landmarks.
func mid(s *landmark.Sample, a, b, c, d int) (x, y float64) {
	p := s.Points
	return float64(p[a].X+p[b].X-p[c].X-p[d].X) / 2, float64(p[a].Y+p[b].Y-p[c].Y-p[d].Y) / 2
}
