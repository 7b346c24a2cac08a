package portrait

import (
	"errors"
	"image"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Picture is the persona's crop as a frame, in which the encoder network sees it: chroma halved, at the crop's own
// size less an odd row.
func Picture(p *persona.Persona) (*frame.I420, error) {
	if p.Crop == nil || p.Crop.Rect.Dx() < 2 || p.Crop.Rect.Dy() < 2 {
		return nil, errors.New("portrait: the persona has no picture")
	}
	edge := p.Crop.Rect.Dx() &^ 1
	f, err := frame.NewI420(edge, edge)
	if err != nil {
		return nil, err
	}
	crop, ok := p.Crop.SubImage(image.Rect(0, 0, edge, edge)).(*image.RGBA)
	if !ok {
		return nil, errors.New("portrait: the persona's picture has an odd form")
	}
	return f, f.FromRGBA(crop)
}
