package head

import (
	"image/color"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestCornersOfAYawnAreNotSmeared: the dark ends of a shut mouth stay at rest and go as it opens wide, instead of being drawn out.
func TestCornersOfAYawnAreNotSmeared(t *testing.T) {
	p := meshtest.MonaLisa(t)
	for y := range 512 {
		for x := range 512 {
			p.Crop.SetRGBA(x, y, color.RGBA{180, 150, 120, 255})
		}
	}
	for _, i := range [...]uint16{motion.MouthLeft, motion.MouthRight} {
		q := p.Face.Head.Apply(p.Face.Points[i])
		for y := -4; y <= 4; y++ {
			for x := -4; x <= 4; x++ {
				if x*x+y*y <= 16 {
					p.Crop.SetRGBA(int(q.X*512)+x, int(q.Y*512)+y, color.RGBA{40, 30, 25, 255})
				}
			}
		}
	}
	h, now, _ := newTestHead(t, p, 512)
	// dark is how much darker than skin what is beside the corners is, outwards, in sum.
	dark := func(drop float32) (sum float64) {
		st := meshtest.AtRest(p)
		meshtest.Gape(p, &st, drop)
		now.Set(&st)
		h.Set(now)
		f := meshtest.Frame(t, 512)
		h.Draw(f, planar.Band{Y1: 512})
		for k, i := range [...]uint16{motion.MouthLeft, motion.MouthRight} {
			q := st.Head.Apply(st.Points[i])
			for y := int(q.Y*512) - 8; y < int(q.Y*512)+8; y++ {
				for x := 1; x < 8; x++ {
					luma := f.Y[y*512+int(q.X*512)+x*(2*k-1)]
					sum += math.Max(0, 130-float64(luma))
				}
			}
		}
		return sum
	}
	shut, agape := dark(0), dark(0.6)
	h.corners = nil
	drawn := dark(0.6)
	t.Logf("shade beside the corners: %.0f at rest, %.0f in a yawn, %.0f if drawn out", shut, agape, drawn)
	if shut < 500 {
		t.Errorf("at rest the corners have lost their shade: %.0f", shut)
	}
	if agape > 0.5*drawn {
		t.Errorf("in a yawn the shade beside the corners is %.0f, of %.0f in the picture drawn out", agape, drawn)
	}
}
