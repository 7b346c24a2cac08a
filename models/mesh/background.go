package mesh

import (
	"image"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// newBackground turns the portrait's own background, with the person painted out, or what replaces it into an I420 picture.
func newBackground(own planar.Picture, b Background, size int) (*frame.I420, error) {
	pic := own
	switch b.Mode {
	case BackgroundBlur:
		for k := range 3 {
			pic[k] = own[k].Blur(size / 40)
		}
	case BackgroundColour:
		y, u, v := frame.ToYUV(float32(b.Colour.R), float32(b.Colour.G), float32(b.Colour.B))
		pic = planar.NewPicture(size, size)
		for o := range pic[0].Pix {
			pic[0].Pix[o], pic[1].Pix[o], pic[2].Pix[o] = y, u, v
		}
	case BackgroundImage:
		pic = cover(b.Image, size)
	}
	f, err := frame.NewI420(size, size)
	if err != nil {
		return nil, err
	}
	copy(f.Y, pic[0].Bytes(1))
	copy(f.U, pic[1].Half().Bytes(1))
	copy(f.V, pic[2].Half().Bytes(1))
	return f, nil
}

// cover scales a picture so that it fills the square, its middle in the middle.
func cover(m image.Image, size int) planar.Picture {
	b := m.Bounds()
	raw := planar.FromRGBA(rgba(m))
	step := float64(min(b.Dx(), b.Dy())) / float64(size)
	x, y := (float64(b.Dx())-step*float64(size))/2, (float64(b.Dy())-step*float64(size))/2
	var out planar.Picture
	for k := range 3 {
		out[k] = raw[k].Resample(size, size, x, y, step)
	}
	return out
}
