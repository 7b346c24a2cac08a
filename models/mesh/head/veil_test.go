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
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const skinRed, skinGreen, skinBlue = 205, 165, 140

// faceBeside is a face of one colour, seen from the front so that both cheeks are seen edge-on, and all around it another.
func faceBeside(tb testing.TB, around color.RGBA) *persona.Persona {
	tb.Helper()
	p := meshtest.MonaLisa(tb)
	p.Face.Head.R = motion.Rotation(0, 0, 0)
	draw.Draw(p.Matte, p.Matte.Rect, image.White, image.Point{}, draw.Src)
	g, err := pose.New(&p.Face, p.Crop.Rect.Dx())
	if err != nil {
		tb.Fatal(err)
	}
	for y := range p.Crop.Rect.Dy() {
		for x := range p.Crop.Rect.Dx() {
			c := around
			if d, _ := g.Beyond(float32(x+g.Pad), float32(y+g.Pad)); d < -0.03 {
				c = color.RGBA{R: skinRed, G: skinGreen, B: skinBlue, A: 255}
			}
			p.Crop.SetRGBA(x, y, c)
		}
	}
	return p
}

// TestTurnedCheekIsSkin: what begins at the edge of a cheek, ear, hair or a wall, is not drawn out to a patch of the cheek when the head
// turns that side into view.
func TestTurnedCheekIsSkin(t *testing.T) {
	const size = 256
	for name, c := range map[string]color.RGBA{
		"an ear": {R: 205, G: 90, B: 80, A: 255}, "hair": {R: 45, G: 30, B: 25, A: 255}, "a wall": {R: 60, G: 170, B: 230, A: 255},
	} {
		p := faceBeside(t, c)
		h, now, _ := newTestHead(t, p, size)
		st := meshtest.Turned(p, -28, 0, 0)
		now.Set(&st)
		h.Set(now)
		f := meshtest.Frame(t, size)
		h.Draw(f, planar.Band{Y1: size})
		_, u, v := frame.ToYUV(skinRed, skinGreen, skinBlue)
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

// TestTurnedCheekHasNoRim: a cheek that turns into view does not end in a line where ear or hair go on beside it.
func TestTurnedCheekHasNoRim(t *testing.T) {
	const size = 512
	for _, tc := range []struct {
		name   string
		around color.RGBA
		step   float32 // between neighbouring pixels, luma, as a share of the two sides' difference
	}{
		{"an ear", color.RGBA{R: 205, G: 90, B: 80, A: 255}, 0.3},
		{"hair", color.RGBA{R: 45, G: 30, B: 25, A: 255}, 0.6},
	} {
		p := faceBeside(t, tc.around)
		h, now, _ := newTestHead(t, p, size)
		st := meshtest.Turned(p, -28, 0, 0)
		now.Set(&st)
		h.Set(now)
		f := meshtest.Frame(t, size)
		h.Draw(f, planar.Band{Y1: size})
		top, bottom, eye := now.Screen[9].Y, now.Screen[1].Y, now.Screen[263].X
		skin, _, _ := frame.ToYUV(skinRed, skinGreen, skinBlue)
		luma, _, _ := frame.ToYUV(float32(tc.around.R), float32(tc.around.G), float32(tc.around.B))
		rows, hard := 0, 0
		for y := int(top); y < int(bottom); y++ {
			most := 0
			row := f.Y[y*size : (y+1)*size]
			for x := int(eye); x < int(h.at[454].X)+20; x++ { // from the eye to beyond the cheek
				most = max(most, int(row[x])-int(row[x+1]))
			}
			rows++
			if float32(most) > tc.step*(skin-luma) {
				hard++
			}
		}
		t.Logf("beside %s: %d of %d rows have a line", tc.name, hard, rows)
		if rows < 20 || hard > rows/4 {
			t.Errorf("a cheek that has turned into view ends in a line beside %s in %d of %d rows", tc.name, hard, rows)
		}
	}
}
