package dataset

import (
	"context"
	"image"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// persona makes a picture a persona, which keeps it; known are its landmarks if nobody needs to look for them.
func (m *Sampler) persona(ctx context.Context, s *Scene, view *image.RGBA, known *landmark.Sample) (*persona.Persona, error) {
	return m.Persona(ctx, s, view, persona.Options{Known: known})
}

// Persona makes a picture of a scene a persona, which keeps it.
func (m *Sampler) Persona(ctx context.Context, s *Scene, view *image.RGBA, o persona.Options) (*persona.Persona, error) {
	deps, err := m.Maker.Deps()
	if err != nil {
		return nil, err
	}
	return persona.BuildImage(ctx, view, s.Name, deps, o, nil)
}
