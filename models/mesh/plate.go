package mesh

import (
	"image"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// makePlate turns the painted-in background, or what replaces it, into an I420 picture.
func makePlate(own picture, b Background, size int) (*frame.I420, error) {
	pic := own
	switch b.Mode {
	case BackgroundBlur:
		for k := range 3 {
			pic[k] = own[k].blur(size / 40)
		}
	case BackgroundColour:
		y, u, v := frame.ToYUV(float32(b.Colour.R), float32(b.Colour.G), float32(b.Colour.B))
		pic = newPicture(size, size)
		for o := range pic[0].pix {
			pic[0].pix[o], pic[1].pix[o], pic[2].pix[o] = y, u, v
		}
	case BackgroundImage:
		pic = cover(b.Image, size)
	}
	f, err := frame.NewI420(size, size)
	if err != nil {
		return nil, err
	}
	copy(f.Y, pic[0].bytes(1))
	copy(f.U, pic[1].half().bytes(1))
	copy(f.V, pic[2].half().bytes(1))
	return f, nil
}

// cover scales a picture so that it fills the square, its middle in the middle.
func cover(m image.Image, size int) picture {
	b := m.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			rgba.Set(x, y, m.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	raw := fromRGBA(rgba)
	step := float64(min(b.Dx(), b.Dy())) / float64(size)
	x, y := (float64(b.Dx())-step*float64(size))/2, (float64(b.Dy())-step*float64(size))/2
	var out picture
	for k := range 3 {
		out[k] = raw[k].resample(size, size, x, y, step)
	}
	return out
}
