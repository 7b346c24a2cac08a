package shade

import (
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/num"
)

// TestRoundCorners: rounding keeps a curve's points and lifts what lies between the outermost ones.
func TestRoundCorners(t *testing.T) {
	s, h := []float32{0, 10, 20, 30}, []float32{0, 8, 8, 0}
	c := NewCurve(0, 31)
	c.Fit(s, h)
	plain := append([]float32(nil), c.Value...)
	c.Round(s, h, 0.7)
	for i, v := range plain {
		switch lifted := c.Value[i] - v; {
		case (i > 0 && i < 10 || i > 20 && i < 30) && lifted < 0.2:
			t.Errorf("column %d is lifted by %.2f only", i, lifted)
		case (i == 0 || i >= 10 && i <= 20 || i == 30) && num.Abs(lifted) > 1e-4:
			t.Errorf("column %d, a point or in the middle, moved by %.2f", i, lifted)
		}
	}
}
