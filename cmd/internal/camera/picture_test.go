package camera

import (
	"image"
	"image/color"
	"testing"
	"time"
)

// TestHostilePictures: what a device gives is refused where it lacks what it says it has, and never read past its end.
func TestHostilePictures(t *testing.T) {
	whole := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio422)
	for name, img := range map[string]image.Image{
		"none":         nil,
		"empty":        image.NewRGBA(image.Rectangle{}),
		"short luma":   &image.YCbCr{Y: whole.Y[:100], Cb: whole.Cb, Cr: whole.Cr, YStride: 64, CStride: 32, Rect: whole.Rect, SubsampleRatio: whole.SubsampleRatio},
		"short chroma": &image.YCbCr{Y: whole.Y, Cb: whole.Cb, Cr: whole.Cr[:7], YStride: 64, CStride: 32, Rect: whole.Rect, SubsampleRatio: whole.SubsampleRatio},
		"odd": &image.YCbCr{
			Y: make([]byte, 65*48), Cb: make([]byte, 32*48), Cr: make([]byte, 32*48), YStride: 65, CStride: 32,
			Rect: image.Rect(0, 0, 65, 48), SubsampleRatio: image.YCbCrSubsampleRatio422,
		},
		"negative stride": &image.YCbCr{Y: whole.Y, Cb: whole.Cb, Cr: whole.Cr, YStride: -64, CStride: -32, Rect: whole.Rect},
		"too wide":        image.NewUniform(color.Black),
		"short RGBA":      &image.RGBA{Pix: make([]byte, 100), Stride: 256, Rect: image.Rect(0, 0, 64, 64)},
	} {
		var p picture
		if err := p.fill(img); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	var p picture
	if err := p.fill(whole); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() { _ = p.fill(whole) }); n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

// FuzzFill: whatever a picture says of itself, it is taken or refused.
func FuzzFill(f *testing.F) {
	f.Add(64, 48, 64, 32, 64*48, 32*48, 2)
	f.Add(65, 48, 65, 32, 65*48, 32*48, 1)
	f.Fuzz(func(_ *testing.T, width, height, stride, colour, luma, chroma, ratio int) {
		const most = 1 << 16
		img := &image.YCbCr{
			Y: make([]byte, uint(luma)%most), Cb: make([]byte, uint(chroma)%most), Cr: make([]byte, uint(chroma)%most),
			YStride: stride, CStride: colour, SubsampleRatio: image.YCbCrSubsampleRatio(uint(ratio) % 6), //nolint:gosec // any
			Rect: image.Rectangle{Max: image.Pt(width%512, height%512)},
		}
		var p picture
		_ = p.fill(img)
	})
}

func TestTheNewestPictureWins(t *testing.T) {
	s := newShutter()
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for n := range 5 {
		if err := s.put(img, time.Unix(int64(n), 0)); err != nil {
			t.Fatal(err)
		}
	}
	p := s.take()
	if p == nil || p.taken.Unix() != 4 {
		t.Fatalf("%+v", p)
	}
	if s.take() != nil {
		t.Error("a second one waits")
	}
	for range 5 { // while one is tracked
		if err := s.put(img, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	s.giveBack(p)
	if n := s.frames.Load(); n != 10 {
		t.Errorf("%d pictures, want 10", n)
	}
}

func TestBlack(t *testing.T) {
	var p picture
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = 16 // what limited range calls black
	}
	if err := p.fill(img); err != nil || !p.black() {
		t.Error("a covered lens is not black", err)
	}
	for i := range 64 * 16 {
		img.Pix[i] = 60
	}
	if err := p.fill(img); err != nil || p.black() {
		t.Error("a dark room is black", err)
	}
}

func TestHealth(t *testing.T) {
	for name, c := range map[string]struct {
		fps  uint64
		seen seen
		want []State
	}{
		"well":    {30, seen{tracked: true}, []State{Live, Live, Live, Live}},
		"no face": {30, seen{tracked: true, noFace: true}, []State{Live, NoFace, NoFace, NoFace}},
		"black":   {30, seen{tracked: true, noFace: true, black: true}, []State{Live, Black, Black, Black}},
		"slow":    {7, seen{tracked: true}, []State{Live, Live, Slow, Slow}},
		"stalled": {0, seen{}, []State{Starting, Starting, Slow, Stalled}},
	} {
		t.Run(name, func(t *testing.T) {
			var h health
			at := time.Unix(1000, 0)
			for i, want := range c.want {
				if s, _ := h.judge(at, c.seen); s != want {
					t.Errorf("after %d s: %s, want %s", i, s, want)
				}
				at = at.Add(time.Second)
				c.seen.frames += c.fps
			}
		})
	}
}

// TestOnTheEdge: a camera that is well and slow by turns is not said to be one and the other every second.
func TestOnTheEdge(t *testing.T) {
	var h health
	at, now := time.Unix(1000, 0), seen{tracked: true}
	h.judge(at, now)
	changes, last := 0, Live
	for i := range 20 {
		at = at.Add(time.Second)
		now.frames += []uint64{5, 5, 30}[i%3]
		s, _ := h.judge(at, now)
		if s != last {
			changes, last = changes+1, s
		}
	}
	if changes > 1 || last != Slow {
		t.Errorf("%d changes, at last %s", changes, last)
	}
}
