package dataset

import (
	"context"
	"fmt"
	"image"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// viewEdge is that of further views, pixels, as personalise keeps them.
const viewEdge = 448

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

// Several makes a persona of the first of picks, numbers of shots, whose further views are those of the others, in their order: of the shots that come back, since what cannot be a portrait is no view.
func (m *Sampler) Several(ctx context.Context, s *Scene, shots []Shot, picks []int) (p *persona.Persona, others []int, err error) {
	for k, i := range picks {
		o := persona.Options{}
		if s.known {
			o.Known = &shots[i].Sample
		}
		if k == 0 {
			if p, err = m.Persona(ctx, s, shots[i].View, o); err != nil {
				return nil, nil, err
			}
			continue
		}
		if len(p.Others) == persona.MaxViews-1 {
			break
		}
		o.MaxEdge = viewEdge
		q, err := m.Persona(ctx, s, shots[i].View, o)
		if err != nil {
			continue
		}
		p.Others, others = append(p.Others, q.View), append(others, i)
	}
	return p, others, nil
}

const (
	fewest = 6 // pictures of half a film that views are chosen from
	aside  = 8 // frames that lie between a view and what is drawn with it
)

// apart chooses the views of a persona whose face is the picture at, that first, from its own half of the film, and tells
// which pictures may be drawn with them: those of the other half that are no neighbours.
func (m *Sampler) apart(s *Scene, at int) (picks []int, may func(i int) bool, err error) {
	from, to := 0, (len(s.shots)+1)/2
	if at >= to {
		from, to = to, len(s.shots)
	}
	if to-from < fewest {
		return nil, nil, fmt.Errorf("only %d of its pictures show a face well", len(s.shots))
	}
	samples := make([]*landmark.Sample, to-from)
	for i := range samples {
		samples[i] = &s.shots[from+i].Sample
	}
	near := map[int]bool{}
	for _, i := range views.Pick(samples, at-from, m.Views) {
		picks = append(picks, from+i)
		for d := -aside; d <= aside; d++ {
			near[s.shots[from+i].Frame+d] = true
		}
	}
	return picks, func(i int) bool { return (i < from || i >= to) && !near[s.shots[i].Frame] }, nil
}
