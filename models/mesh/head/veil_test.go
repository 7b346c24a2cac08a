package head

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// TestTurnedCheekIsSkin: what begins at the edge of a cheek, ear, hair or a wall, is not drawn out to a patch of the cheek when the head
// turns that side into view.
func TestTurnedCheekIsSkin(t *testing.T) {
	const size = 256
	skin := color.RGBA{R: 205, G: 165, B: 140, A: 255}
	for name, c := range map[string]color.RGBA{
		"an ear": {R: 205, G: 90, B: 80, A: 255}, "hair": {R: 45, G: 30, B: 25, A: 255}, "a wall": {R: 60, G: 170, B: 230, A: 255},
	} {
		p := meshtest.MonaLisa(t)
		p.Face.Head.R = motion.Rotation(0, 0, 0) // from the front, where both cheeks are seen edge-on
		draw.Draw(p.Matte, p.Matte.Rect, image.White, image.Point{}, draw.Src)
		g, err := pose.New(&p.Face, p.Crop.Rect.Dx())
		if err != nil {
			t.Fatal(err)
		}
		for y := range p.Crop.Rect.Dy() {
			for x := range p.Crop.Rect.Dx() {
				if d, _ := g.Beyond(float32(x+g.Pad), float32(y+g.Pad)); d < -0.03 {
					p.Crop.SetRGBA(x, y, skin)
				} else {
					p.Crop.SetRGBA(x, y, c)
				}
			}
		}
		h, now, _ := newTestHead(t, p, size)
		st := meshtest.Turned(p, -28, 0, 0)
		now.Set(&st)
		h.Set(now)
		f := meshtest.Frame(t, size)
		h.Draw(f, planar.Band{Y1: size})
		_, u, v := frame.ToYUV(float32(skin.R), float32(skin.G), float32(skin.B))
		var strange, all float32
		for i, tr := range h.face {
			a, b, c := &h.at[tr.A], &h.at[tr.B], &h.at[tr.C]
			area := texmap.Area(a, b, c) * h.sign
			if area <= 0 || h.veil.whole[i] <= 0 {
				continue
			}
			x, y := int((a.X+b.X+c.X)/3), int((a.Y+b.Y+c.Y)/3)
			k := y/2*size/2 + x/2
			all += area
			if num.Abs(float32(f.U[k])-u)+num.Abs(float32(f.V[k])-v) > 28 || f.Y[y*size+x] < 110 {
				strange += area
			}
		}
		t.Logf("%s: %.0f %% of the cheek's edge in view", name, 100*strange/all)
		if strange > 0.2*all {
			t.Errorf("%s covers %.0f %% of the edge of a cheek that has turned into view", name, 100*strange/all)
		}
	}
}
