package portrait

import (
	"image"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// painted is a persona whose face is filled with what colour gives for a brightness of 40 to 220.
func painted(colour func(l uint8) [3]uint8) *persona.Persona {
	p := &persona.Persona{}
	p.Crop = image.NewRGBA(image.Rect(0, 0, 256, 256))
	for o := 0; o < len(p.Crop.Pix); o += 4 {
		c := colour(uint8(40 + o/4*7%180))
		copy(p.Crop.Pix[o:], []uint8{c[0], c[1], c[2], 255})
	}
	p.Face.Head = motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.4}, Scale: 0.2}
	for i := range p.Face.Points {
		a := float64(i)
		p.Face.Points[i] = motion.Vec3{X: float32(math.Sin(a)), Y: float32(math.Cos(a))}
	}
	p.Face.Neutral = p.Face.Points
	return p
}

// TestPaintKeepsThePalette: whatever a network wants to add, a grey portrait stays grey, a sepia one keeps its hue, and one in
// colour gets its lips.
func TestPaintKeepsThePalette(t *testing.T) {
	grey := newGamut(painted(func(l uint8) [3]uint8 { return [3]uint8{l, l, l} }))
	sepia := newGamut(painted(func(l uint8) [3]uint8 { return [3]uint8{l, uint8(int(l) * 9 / 10), uint8(int(l) * 7 / 10)} }))
	skin := newGamut(painted(func(l uint8) [3]uint8 {
		if l%11 == 0 {
			return [3]uint8{170, 80, 85} // lips
		}
		return [3]uint8{l, uint8(int(l) * 3 / 4), uint8(int(l) * 2 / 3)}
	}))
	for _, want := range [][2]float32{{128, 190}, {60, 128}, {200, 60}, {118, 160}, {128, 128}, {130, 126}} {
		if u, v := grey.tie(want[0], want[1], 128, 128); u != 128 || v != 128 {
			t.Errorf("grey: %v becomes %.1f %.1f", want, u, v)
		}
		u, v := sepia.tie(want[0], want[1], 118, 134)
		_, hu, hv := frame.ToYUV(200, 180, 140)
		across := ((v-128)*(hu-128) - (u-128)*(hv-128)) / float32(math.Hypot(float64(hu-128), float64(hv-128)))
		if across > 3 || across < -3 || math.Hypot(float64(u-128), float64(v-128)) > 36 {
			t.Errorf("sepia: %v becomes %.1f %.1f, %.1f off the hue", want, u, v, across)
		}
	}
	_, u, v := frame.ToYUV(150, 60, 65)
	if u1, v1 := skin.tie(u, v, 118, 140); math.Hypot(float64(u-u1), float64(v-v1)) > 1 {
		t.Errorf("lips of %.0f %.0f become %.0f %.0f", u, v, u1, v1)
	}
	if u1, v1 := skin.tie(128, 129, 118, 140); math.Hypot(float64(128-u1), float64(129-v1)) > 1 {
		t.Errorf("teeth become %.0f %.0f", u1, v1)
	}
	if u1, v1 := skin.tie(60, 60, 118, 140); u1 < 90 || v1 < 90 {
		t.Errorf("green becomes %.0f %.0f", u1, v1)
	}
	// What the layer below has is not taken away.
	if u1, v1 := grey.tie(150, 120, 150, 120); math.Hypot(float64(150-u1), float64(120-v1)) > 0.1 {
		t.Errorf("a coloured pixel loses its colour: %.1f %.1f", u1, v1)
	}
	if n := testing.AllocsPerRun(10, func() { grey.tie(1, 2, 3, 4) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
