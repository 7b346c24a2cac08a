package virtualcamera

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// slateWords are what is shown while no session is.
const slateWords = "Gioconda is not on"

// newSlate draws the slate, as the planes of an I420.
func newSlate(width, height int) ([]byte, error) {
	small := image.NewRGBA(image.Rect(0, 0, width/slateScale, height/slateScale))
	draw.Draw(small, small.Rect, image.NewUniform(color.RGBA{R: 24, G: 22, B: 20, A: 255}), image.Point{}, draw.Src)
	face := basicfont.Face7x13
	d := font.Drawer{Dst: small, Src: image.NewUniform(color.RGBA{R: 200, G: 190, B: 170, A: 255}), Face: face}
	wide := d.MeasureString(slateWords).Round()
	d.Dot = fixed.P((small.Rect.Dx()-wide)/2, (small.Rect.Dy()+face.Ascent)/2)
	d.DrawString(slateWords)

	large := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			large.SetRGBA(x, y, small.RGBAAt(x/slateScale, y/slateScale))
		}
	}
	img, err := frame.NewI420(width, height)
	if err != nil {
		return nil, err
	}
	if err := img.FromRGBA(large); err != nil {
		return nil, err
	}
	return append(append(append([]byte(nil), img.Y...), img.U...), img.V...), nil
}

// slateScale is how many pixels one of the letters is wide.
const slateScale = 2
