package persona

import (
	"image"
	"math"

	"github.com/gioconda-live/gioconda/models/persona/raster"
)

// renderCrop draws the framing s of source with edge x edge pixels, continued where it leaves the picture, and tells
// which pixels came from the picture: those of known.
func renderCrop(source *image.RGBA, s square, edge int) (crop *image.RGBA, in *image.Gray, known image.Rectangle) {
	crop = raster.Resample(source, raster.Area{X: float64(s.x), Y: float64(s.y), W: float64(s.edge), H: float64(s.edge)},
		edge, edge)
	step := float64(s.edge) / float64(edge)
	// A pixel is known when it lies in the picture whole.
	known = image.Rect(
		int(math.Ceil(float64(-s.x)/step-1e-6)), int(math.Ceil(float64(-s.y)/step-1e-6)),
		int(math.Floor(float64(source.Rect.Dx()-s.x)/step+1e-6)), int(math.Floor(float64(source.Rect.Dy()-s.y)/step+1e-6)),
	).Intersect(crop.Rect)
	raster.Continue(crop, known)
	in = image.NewGray(crop.Rect)
	for y := known.Min.Y; y < known.Max.Y; y++ {
		row := in.Pix[y*in.Stride:]
		for x := known.Min.X; x < known.Max.X; x++ {
			row[x] = 255
		}
	}
	return crop, in, known
}
