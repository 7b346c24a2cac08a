package persona

import (
	"bytes"
	"image/jpeg"

	"github.com/gioconda-live/gioconda/models/persona/raster"
)

// Thumbnail is the crop as a JPEG of edge x edge pixels; edge is held to 32..1024.
func (p *Persona) Thumbnail(edge int) ([]byte, error) {
	edge = max(32, min(edge, maxCropEdge))
	img := p.Crop
	if n := img.Rect.Dx(); n != edge {
		img = raster.Resample(img, raster.Area{W: float64(n), H: float64(n)}, edge, edge)
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 88})
	return b.Bytes(), err
}
