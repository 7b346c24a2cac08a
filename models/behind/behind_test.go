package behind

import (
	"errors"
	"image"
	"math"
	"testing"

	"github.com/gioconda-live/gioconda/models/mesh/matte"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/raster"
)

// behindHead compares what is drawn behind the base's person with the truth, luma in dB, where b knows something, and tells how many
// pixels of the person those are.
func behindHead(t *testing.T, base *persona.View, b *persona.Behind, truth *scene) (guess, seen float64, pixels int) {
	t.Helper()
	empty := *truth
	empty.nobly = true
	p := place()
	want := raster.Resample(empty.take(), raster.Area{X: p.X, Y: p.Y, W: p.Edge, H: p.Edge}, testEdge, testEdge)
	from := matte.Source{Crop: base.Crop, Matte: base.Matte, Inside: base.Inside}
	without := matte.Separate(from, matte.Bounds{}, testEdge, 0).Back[0]
	from.Behind, from.Seen = b.Picture, b.Seen
	with := matte.Separate(from, matte.Bounds{}, testEdge, 0).Back[0]
	right := luma(planesOf(want))
	var off [2]float64
	for o := range right.Pix {
		if base.Matte.Pix[o] < 250 || b.Seen.Pix[o] < 250 {
			continue
		}
		pixels++
		y := float64(16 + right.Pix[o]*219/255)
		off[0] += (float64(without.Pix[o]) - y) * (float64(without.Pix[o]) - y)
		off[1] += (float64(with.Pix[o]) - y) * (float64(with.Pix[o]) - y)
	}
	db := func(sum float64) float64 { return 10 * math.Log10(255*255*float64(pixels)/sum) }
	return db(off[0]), db(off[1]), pixels
}

// TestTrueBackground: what a head that moved aside leaves free is drawn as it is, better by 8 dB at least than what would be guessed, and
// to within what noise leaves; whatever exposure and light do between the pictures, and whoever walks behind.
func TestTrueBackground(t *testing.T) {
	for name, c := range map[string]struct {
		all   []scene
		least float64 // dB
		share float64 // of the person that must be known
	}{
		"three pictures":      {[]scene{{aside: 40}, {aside: -42}, {aside: 60, down: 5}}, 32, 0.15},
		"one picture":         {[]scene{{aside: 45}}, 30, 0.1},
		"other exposures":     {[]scene{{aside: 45, gain: [3]float64{1.15, 1.12, 1.1}}, {aside: -45, gain: [3]float64{0.85, 0.87, 0.85}}, {aside: 52}}, 31, 0.12},
		"light that falls":    {[]scene{{aside: 45, shade: 12}, {aside: -45, shade: -10}, {aside: 50}}, 31, 0.12},
		"a camera that slips": {[]scene{{aside: 45, panX: 0.8, panY: -0.6}, {aside: -45, panX: -1.2}, {aside: 50, panY: 1}}, 27, 0.12},
		"somebody walks behind": {[]scene{
			{aside: 45}, {aside: 50}, {aside: 47, walker: 0.42, broad: 0.05}, {aside: -45}, {aside: -48}, {aside: 42},
		}, 31, 0.12},
	} {
		base := (&scene{}).portrait(t)
		all, said := collect(t, base, c.all...)
		if err := errors.Join(said...); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, found := all.Finish()
		if b == nil {
			t.Errorf("%s: nothing was seen", name)
			continue
		}
		guess, seen, n := behindHead(t, base, b, &scene{})
		share := float64(n) / float64(found.Covered)
		t.Logf("%-22s guess %.1f dB, seen %.1f dB, on %.0f %% of what is covered", name, guess, seen, 100*share)
		if seen < guess+8 || seen < c.least || share < c.share {
			t.Errorf("%s: guess %.1f dB, seen %.1f dB, want 8 more and %.0f at least, on %.2f of what is covered, want %.2f", name, guess, seen, c.least, share, c.share)
		}
	}
}

// TestRefused: pictures whose camera did not stand still, or that show another room, give nothing.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		s    scene
		want error
	}{
		"moved":              {scene{aside: 45, panX: 11}, nil},
		"moved a little":     {scene{aside: 45, panX: 5.5, panY: 4}, nil},
		"zoomed":             {scene{aside: 45, zoom: 0.04}, nil},
		"turned":             {scene{aside: 45, roll: 0.04}, nil},
		"another room":       {scene{aside: 45, room: 1}, nil},
		"one more":           {scene{aside: 45, room: 2}, nil},
		"a plain room":       {scene{aside: 45, plain: true}, nil},
		"much brighter":      {scene{aside: 45, gain: [3]float64{1.7, 1.7, 1.7}}, ErrDiffers},
		"another white":      {scene{aside: 45, gain: [3]float64{1.2, 1, 0.9}}, ErrDiffers},
		"somebody before it": {scene{aside: 45, walker: 0.72, broad: 0.09}, ErrDiffers},
	} {
		_, said := collect(t, (&scene{}).portrait(t), c.s)
		if c.want == nil {
			c.want = ErrRefused
		}
		if !errors.Is(said[0], c.want) {
			t.Errorf("%s: %v, want %v", name, said[0], c.want)
		}
	}
	// The same plain wall is another's, if that has another colour.
	_, said := collect(t, (&scene{plain: true}).portrait(t), scene{aside: 45, plain: true}, scene{aside: 45, plain: true, room: 3})
	if said[0] != nil || !errors.Is(said[1], ErrRefused) {
		t.Errorf("plain walls: %v", said)
	}
	base := (&scene{}).portrait(t)
	c, _ := collect(t, base)
	far := place()
	far.X += 170
	if err := c.Add(&Picture{Image: (&scene{}).take(), Place: far, Points: (&scene{}).face()}); !errors.Is(err, ErrRefused) {
		t.Errorf("a picture of one side: %v", err)
	}
	far = place()
	far.Edge /= 3
	if err := c.Add(&Picture{Image: (&scene{}).take(), Place: far, Points: (&scene{}).face()}); !errors.Is(err, ErrCoarse) {
		t.Errorf("a coarse picture: %v", err)
	}
}

// TestDisagreement: where pictures show different things nothing is known, somebody who walks by is not taken for the wall, and one of
// many alone is not believed.
func TestDisagreement(t *testing.T) {
	base := (&scene{}).portrait(t)
	known := func(all ...scene) int {
		c, said := collect(t, base, all...)
		if err := errors.Join(said...); err != nil && all[0].panX == 0 {
			t.Fatal(err)
		}
		b, found := c.Finish()
		if b == nil {
			return 0
		}
		if _, seen, _ := behindHead(t, base, b, &scene{}); seen < 30 {
			t.Errorf("%+v: %.1f dB", all, seen)
		}
		return found.Seen
	}
	calm := known(scene{aside: 45}, scene{aside: 46})
	hidden := known(scene{aside: 45}, scene{aside: 46, walker: 0.44, broad: 0.02})
	if calm == 0 || hidden > calm-800 {
		t.Errorf("%d pixels are known, and %d where somebody walks by in one of two", calm, hidden)
	}
	known(scene{aside: 45}, scene{aside: 46, walker: 0.42, broad: 0.05}) // who is seen beside the head, too
	alone, both := known(scene{aside: 45}, scene{aside: -45}, scene{aside: -46}), known(scene{aside: 45}, scene{aside: -45}, scene{aside: -46}, scene{aside: 46})
	if alone > both*2/3 {
		t.Errorf("%d pixels where one picture is alone, %d where it is not", alone, both)
	}
	if n := known(scene{panX: 11}, scene{panX: -11}, scene{aside: 45}); n != 0 {
		t.Errorf("%d pixels of the one picture of three whose camera was where it was", n)
	}
}

// TestNoGhost: whatever pictures show of the person is nowhere in what is behind, even if the matte has missed a part of it.
func TestNoGhost(t *testing.T) {
	base := (&scene{}).portrait(t)
	c, err := New(base, half{})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []scene{{aside: 30}, {aside: -30}, {aside: 36}, {aside: -34}, {down: 14}} {
		s.noise = uint64(i)
		if err := c.Add(&Picture{Image: s.take(), Place: place(), Points: s.face()}); err != nil {
			t.Fatal(i, err)
		}
	}
	b, _ := c.Finish()
	if b == nil {
		t.Fatal("nothing was seen")
	}
	ghosts := 0
	m, _ := byColour{}.Matte(b.Picture)
	for o, v := range m.Pix {
		if v != 0 && b.Seen.Pix[o] > 0 {
			ghosts++
		}
	}
	if ghosts > 0 {
		t.Errorf("%d pixels of the person are in the background", ghosts)
	}
}

// half is byColour, and blind for the upper half of a head.
type half struct{}

func (half) Matte(m *image.RGBA) (*image.Gray, error) {
	out, err := byColour{}.Matte(m)
	clear(out.Pix[:len(out.Pix)*35/100])
	return out, err
}

// TestManyPictures: more than are kept are refused.
func TestManyPictures(t *testing.T) {
	c, _ := collect(t, (&scene{}).portrait(t))
	c.shown = make([]shown, MostPictures)
	s := &scene{aside: 20}
	if err := c.Add(&Picture{Image: s.take(), Place: place(), Points: s.face()}); !errors.Is(err, ErrMany) {
		t.Error(err)
	}
}
