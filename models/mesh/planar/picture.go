package planar

import (
	"image"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Picture is three planes of limited-range BT.601: Y 16..235, U and V around 128, all at full resolution.
type Picture [3]*Plane

// NewPicture returns a picture of w x h pixels, all values 0.
func NewPicture(w, h int) Picture { return Picture{New(w, h), New(w, h), New(w, h)} }

// Clone returns a copy that shares nothing with p.
func (p Picture) Clone() Picture { return Picture{p[0].Clone(), p[1].Clone(), p[2].Clone()} }

// Sample is bilinear at (x, y), as that of Plane.
func (p Picture) Sample(x, y float32) (luma, u, v float32) {
	return p[0].Sample(x, y), p[1].Sample(x, y), p[2].Sample(x, y)
}

// FromRGBA converts an opaque picture of 8-bit sRGB.
func FromRGBA(m *image.RGBA) Picture {
	b := m.Bounds()
	out := NewPicture(b.Dx(), b.Dy())
	for y := range b.Dy() {
		row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range b.Dx() {
			o := y*b.Dx() + x
			out[0].Pix[o], out[1].Pix[o], out[2].Pix[o] = frame.ToYUV(float32(row[x*4]), float32(row[x*4+1]), float32(row[x*4+2]))
		}
	}
	return out
}

// FromGray converts bytes 0..255 to 0..1.
func FromGray(m *image.Gray) *Plane {
	b := m.Bounds()
	out := New(b.Dx(), b.Dy())
	for y := range b.Dy() {
		row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range b.Dx() {
			out.Pix[y*b.Dx()+x] = float32(row[x]) / 255
		}
	}
	return out
}
