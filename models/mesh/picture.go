package mesh

import (
	"image"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// picture is three planes of limited-range BT.601: Y 16..235, U and V around 128, all at full resolution.
type picture [3]*plane

func newPicture(w, h int) picture { return picture{newPlane(w, h), newPlane(w, h), newPlane(w, h)} }

func (p picture) clone() picture { return picture{p[0].clone(), p[1].clone(), p[2].clone()} }

// sample is bilinear at (x, y), as that of plane.
func (p picture) sample(x, y float32) (luma, u, v float32) {
	return p[0].sample(x, y), p[1].sample(x, y), p[2].sample(x, y)
}

// fromRGBA converts an opaque picture.
func fromRGBA(m *image.RGBA) picture {
	b := m.Bounds()
	out := newPicture(b.Dx(), b.Dy())
	for y := range b.Dy() {
		row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range b.Dx() {
			o := y*b.Dx() + x
			out[0].pix[o], out[1].pix[o], out[2].pix[o] = frame.ToYUV(float32(row[x*4]), float32(row[x*4+1]), float32(row[x*4+2]))
		}
	}
	return out
}

// fromGray converts 0..255 to 0..1.
func fromGray(m *image.Gray) *plane {
	b := m.Bounds()
	out := newPlane(b.Dx(), b.Dy())
	for y := range b.Dy() {
		row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range b.Dx() {
			out.pix[y*b.Dx()+x] = float32(row[x]) / 255
		}
	}
	return out
}
