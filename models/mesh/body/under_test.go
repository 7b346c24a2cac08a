package body

import (
	"image/color"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// TestThroatIsSkin: behind the jaw the throat goes on in the neck's colour, whatever the collar's.
func TestThroatIsSkin(t *testing.T) {
	const size = 256
	p := meshtest.MonaLisa(t)
	n := p.Crop.Rect.Dx()
	chin := p.Face.Head.Apply(p.Face.Points[motion.ChinTip])
	collar := int(float32(n) * (chin.Y + 0.5*p.Face.Head.Scale))
	for y := collar; y < n; y++ {
		for x := range n {
			p.Crop.SetRGBA(x, y, color.RGBA{40, 60, 200, 255})
		}
	}
	g, src := separated(t, p, size)
	covered := planar.New(src.Alpha.W, src.Alpha.H)
	for o := range covered.Pix {
		if d, _ := g.Beyond(float32(o%covered.W), float32(o/covered.W)); d > 0 {
			covered.Pix[o] = 1
		}
	}
	own := planar.New(src.Alpha.W, src.Alpha.H)
	pic := underHead(g, src.Fore, src.Alpha, SplitHead(g, src.Alpha, covered), own)
	mean := func(level float32) (u float32) {
		for i := range 9 {
			x, y := g.Spot(g.Neck+0.05*float32(i-4), level*g.Chin)
			u += pic[1].Sample(x, y) / 9
		}
		return u
	}
	throat, neck, cloth := mean(0.7), mean(1.12), mean(1.5)
	t.Logf("U of the throat %.0f, of the neck %.0f, of the collar %.0f", throat, neck, cloth)
	if throat > neck+0.12*(cloth-neck) {
		t.Errorf("U of the throat is %.0f, of the neck %.0f, of the collar %.0f", throat, neck, cloth)
	}
}
