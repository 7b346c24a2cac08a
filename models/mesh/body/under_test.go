package body

import (
	"image/color"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
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
	own := planar.New(src.Alpha.W, src.Alpha.H)
	pic := underHead(g, src.Fore, src.Alpha, SplitHead(g, src.Alpha, outsideFace(g, src.Alpha.W)), own)
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

// TestThroatIsSkinAboveACollar: where a collar hides the neck, the throat behind the jaw has the face's colour, not the collar's.
func TestThroatIsSkinAboveACollar(t *testing.T) {
	const size = 256
	for name, c := range map[string]color.RGBA{"black": {R: 20, G: 18, B: 18, A: 255}, "white": {R: 245, G: 245, B: 245, A: 255}} {
		p := meshtest.MonaLisa(t)
		rest, err := pose.New(&p.Face, p.Crop.Rect.Dx())
		if err != nil {
			t.Fatal(err)
		}
		skin := color.RGBA{R: 205, G: 165, B: 140, A: 255}
		for y := range p.Crop.Rect.Dy() {
			for x := range p.Crop.Rect.Dx() {
				if d, _ := rest.Beyond(float32(x+rest.Pad), float32(y+rest.Pad)); d < 0 {
					p.Crop.SetRGBA(x, y, skin)
				} else {
					p.Crop.SetRGBA(x, y, c)
				}
			}
		}
		g, src := separated(t, p, size)
		pic := underHead(g, src.Fore, src.Alpha, SplitHead(g, src.Alpha, outsideFace(g, src.Alpha.W)), planar.New(src.Alpha.W, src.Alpha.H))
		x, y := g.Spot(g.Neck, 0.6*g.Chin)
		luma, red := pic[0].Sample(x, y), pic[2].Sample(x, y)
		wantLuma, _, wantRed := frame.ToYUV(float32(skin.R), float32(skin.G), float32(skin.B))
		t.Logf("behind a %s collar: Y %.0f, V %.0f", name, luma, red)
		if luma < 0.4*wantLuma || luma > wantLuma || red-128 < 0.3*(wantRed-128) {
			t.Errorf("the throat behind a %s collar is Y %.0f, V %.0f, the face Y %.0f, V %.0f", name, luma, red, wantLuma, wantRed)
		}
	}
}

// outsideFace is 1 outside of the face outline, 0 within, in texture pixels.
func outsideFace(g *pose.Geometry, edge int) *planar.Plane {
	out := planar.New(edge, edge)
	for o := range out.Pix {
		if d, _ := g.Beyond(float32(o%edge), float32(o/edge)); d > 0 {
			out.Pix[o] = 1
		}
	}
	return out
}

// TestNeckHasNoStep: a strong neck goes on behind the jaw as wide as it comes out there.
func TestNeckHasNoStep(t *testing.T) {
	const size = 512
	p := meshtest.MonaLisa(t)
	p.Face.Head.R = motion.Rotation(0, 0, 0)
	n := p.Crop.Rect.Dx()
	rest, err := pose.New(&p.Face, n)
	if err != nil {
		t.Fatal(err)
	}
	for y := range n {
		for x := range n {
			px, py := float32(x+rest.Pad)+0.5, float32(y+rest.Pad)+0.5
			d, _ := rest.Beyond(px, py)
			lv, side := rest.Level(px, py)/rest.Chin, num.Abs(rest.Aside(px, py)-rest.Neck)
			neck := lv > 0.3 && side < 1.04
			p.Matte.SetGray(x, y, color.Gray{})
			p.Crop.SetRGBA(x, y, color.RGBA{R: 60, G: 90, B: 120, A: 255})
			if d < 0 || neck {
				p.Matte.SetGray(x, y, color.Gray{Y: 255})
				p.Crop.SetRGBA(x, y, color.RGBA{R: 205, G: 165, B: 140, A: 255})
			}
		}
	}
	g, src := separated(t, p, size)
	own := planar.New(src.Alpha.W, src.Alpha.H)
	underHead(g, src.Fore, src.Alpha, SplitHead(g, src.Alpha, outsideFace(g, src.Alpha.W)), own)
	for _, dir := range [...]float32{-1, 1} {
		outline := func(lv float32) (far float32) {
			for far = 0.2; far < 2; far += 0.01 {
				if x, y := g.Spot(g.Neck+dir*far, lv); own.Sample(x, y) < 0.5 {
					break
				}
			}
			return far
		}
		const rows = 2
		step, at := float32(0), float32(0)
		for lv := 0.5 * g.Chin; lv < 1.1*g.Chin; lv += 1 / g.Unit {
			if by := num.Abs(outline(lv+rows/g.Unit) - outline(lv)); by > step {
				step, at = by, lv
			}
		}
		t.Logf("side %+.0f: at most %.1f pixels from row to row, at level %.2f of %.2f", dir, step*g.Unit, at, g.Chin)
		if step*g.Unit > 2.5 {
			t.Errorf("side %+.0f: the neck's outline has a step of %.1f pixels at level %.2f of %.2f", dir, step*g.Unit, at, g.Chin)
		}
	}
}
