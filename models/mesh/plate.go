package mesh

import (
	"image"
	"image/draw"

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
		y, u, v := toYUV(float32(b.Colour.R), float32(b.Colour.G), float32(b.Colour.B))
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
	copy(f.Y, bytesOf(pic[0], 1))
	copy(f.U, bytesOf(pic[1].half(), 1))
	copy(f.V, bytesOf(pic[2].half(), 1))
	return f, nil
}

// cover scales a picture so that it fills the square, its middle in the middle.
func cover(m image.Image, size int) picture {
	b := m.Bounds()
	rgba, ok := m.(*image.RGBA)
	if !ok {
		rgba = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(rgba, rgba.Bounds(), m, b.Min, draw.Src)
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
