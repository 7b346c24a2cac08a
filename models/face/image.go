package face

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
)

// ErrImage says that a picture cannot be used because its size or its pixel slice is wrong.
var ErrImage = errors.New("not a usable picture")

// maxSide bounds both sides of a picture; a sample stores them in 16 bits.
const maxSide = 1 << 15

// Image is a picture as rows of four bytes per pixel: red, green, blue and one that is ignored. Pixel (x, y) begins at
// Pix[y*Stride+4*x]. The functions here only read it while they run and never keep it.
type Image struct {
	Pix           []byte
	Stride        int
	Width, Height int
}

// FromRGBA shares the pixels of m.
func FromRGBA(m *image.RGBA) Image {
	b := m.Bounds()
	return Image{Pix: m.Pix, Stride: m.Stride, Width: b.Dx(), Height: b.Dy()}
}

// FromImage converts any picture; transparent parts become black.
func FromImage(m image.Image) Image {
	if rgba, ok := m.(*image.RGBA); ok && rgba.Rect.Min == (image.Point{}) {
		return FromRGBA(rgba)
	}
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), m, b.Min, draw.Src)
	return FromRGBA(out)
}

// check makes sure that every pixel can be read.
func (m Image) check() error {
	if m.Width < 1 || m.Height < 1 || m.Width > maxSide || m.Height > maxSide {
		return fmt.Errorf("%w: %d x %d; both sides must be 1 to %d", ErrImage, m.Width, m.Height, maxSide)
	}
	if m.Stride < 4*m.Width || len(m.Pix) < (m.Height-1)*m.Stride+4*m.Width {
		return fmt.Errorf("%w: %d bytes with rows of %d are too few for %d x %d",
			ErrImage, len(m.Pix), m.Stride, m.Width, m.Height)
	}
	return nil
}
