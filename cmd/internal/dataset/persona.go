package dataset

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// persona makes a picture a persona; known are its landmarks if nobody needs to look for them.
func (m *Sampler) persona(ctx context.Context, s *Scene, view *image.RGBA, known *landmark.Sample) (*persona.Persona, error) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, view); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	deps, err := m.Maker.Deps()
	if err != nil {
		return nil, err
	}
	if known != nil {
		deps.Faces = &knownFace{*known}
	}
	return persona.Build(ctx, b.Bytes(), s.Name, deps, persona.Options{}, nil)
}
