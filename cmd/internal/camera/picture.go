package camera

import (
	"fmt"
	"image"
	"image/draw"
	"sync/atomic"
	"time"
)

// picture is one picture of the camera.
type picture struct {
	img   *image.RGBA
	taken time.Time
}

// shutter hands pictures from the camera to the tracker: the newest wins, one waits at most.
type shutter struct {
	frames  atomic.Uint64 // that came
	waiting atomic.Pointer[picture]
	wake    chan struct{}
	free    chan *picture // those that nobody has
	cut     atomic.Bool   // the camera was opened anew: what comes is not a sequel
}

// buffers is how many pictures there are: one is filled, one waits, one is tracked.
const buffers = 3

func newShutter() *shutter {
	s := &shutter{wake: make(chan struct{}, 1), free: make(chan *picture, buffers)}
	for range buffers {
		s.free <- &picture{}
	}
	return s
}

// put copies img and lets it wait for the tracker, in the place of what waits already.
func (s *shutter) put(img image.Image, taken time.Time) error {
	p := <-s.free // one is there: the tracker has one, one waits
	if err := p.fill(img); err != nil {
		s.free <- p
		return err
	}
	p.taken = taken
	s.frames.Add(1)
	if old := s.waiting.Swap(p); old != nil {
		s.free <- old
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// take gives the newest picture, nil if there is none. The caller gives it back.
func (s *shutter) take() *picture { return s.waiting.Swap(nil) }

func (s *shutter) giveBack(p *picture) { s.free <- p }

// fill copies any picture; it allocates only when the size changes. What is not as it says is refused.
func (p *picture) fill(img image.Image) error {
	if img == nil {
		return errNoFormat
	}
	b := img.Bounds()
	if b.Dx() < 1 || b.Dy() < 1 || b.Dx() > maxSide || b.Dy() > maxSide {
		return fmt.Errorf("its picture is %dx%d; both sides must be 1 to %d", b.Dx(), b.Dy(), maxSide)
	}
	if !whole(img) {
		return fmt.Errorf("its picture of %dx%d lacks pixels", b.Dx(), b.Dy())
	}
	if p.img == nil || p.img.Rect.Dx() != b.Dx() || p.img.Rect.Dy() != b.Dy() {
		p.img = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	}
	draw.Draw(p.img, p.img.Rect, img, b.Min, draw.Src)
	return nil
}

// whole tells whether a picture has all the pixels that it says it has.
func whole(img image.Image) bool {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.YCbCr:
		y0, c0 := m.YOffset(b.Min.X, b.Min.Y), m.COffset(b.Min.X, b.Min.Y)
		y1, c1 := m.YOffset(b.Max.X-1, b.Max.Y-1), m.COffset(b.Max.X-1, b.Max.Y-1)
		row := m.COffset(b.Max.X-1, b.Min.Y) - c0 + 1
		return m.YStride >= b.Dx() && m.CStride >= row && y0 >= 0 && c0 >= 0 && y1 < len(m.Y) && c1 < min(len(m.Cb), len(m.Cr))
	case *image.RGBA:
		return m.Stride >= 4*b.Dx() && len(m.Pix) >= (b.Dy()-1)*m.Stride+4*b.Dx()
	case *image.Gray:
		return m.Stride >= b.Dx() && len(m.Pix) >= (b.Dy()-1)*m.Stride+b.Dx()
	}
	return true // made by image/jpeg
}

// black tells whether nothing can be seen, by pixels all over the picture.
func (p *picture) black() bool {
	const across = 24
	b := p.img.Rect
	for y := range across {
		for x := range across {
			c := p.img.RGBAAt(x*b.Dx()/across, y*b.Dy()/across)
			if (int(c.R)+2*int(c.G)+int(c.B))/4 >= blackBelow {
				return false
			}
		}
	}
	return true
}
