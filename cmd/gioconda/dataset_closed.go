package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"time"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

const (
	openSmile = 0.06 // gap between the lips, of the eyes' distance, from which a smile shows teeth
	nearShut  = 0.3  // how far the less shut one of the pictures is on its way to the smile
)

// closed makes samples whose truth lies exactly under the portrait: the smile of a pair gets its mouth shut by the
// geometric layer, becomes a persona so, and smiles again. Light, camera and lips are the truth's own, where
// the two photographs of a pair differ in all three.
func (m *sampleMaker) closed(ctx context.Context, s *scene) error {
	calm, smile := &s.shots[0], &s.shots[1]
	if smile.features.MouthOpen < openSmile || calm.features.MouthOpen > openSmile {
		return nil
	}
	p, err := m.persona(ctx, s, smile.view, nil)
	if err != nil {
		return nil //nolint:nilerr // a picture that cannot be a portrait is no source
	}
	sit, err := openSitting(p, m.flags.size)
	if err != nil {
		return err
	}
	defer sit.render.Close()
	own, rest := placeOf(p).apply(&smile.sample), sit.fit(&calm.sample).apply(&calm.sample)
	for k, t := range []float32{0, nearShut} {
		shut := own
		for i := range shut.Points {
			a, b := rest.Points[i], own.Points[i]
			shut.Points[i] = landmark.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y), Z: a.Z + t*(b.Z-a.Z)}
		}
		if err := sit.draw(&shot{sample: shut}, placement{a: 1}, time.Unix(1000, 0)); err != nil {
			return err
		}
		if err := m.again(ctx, s, k, sit, &shut, &own); err != nil {
			return err
		}
	}
	return nil
}

// again makes what was drawn last a persona, its landmarks being shut, and drives it back to own, which is the smile.
func (m *sampleMaker) again(ctx context.Context, s *scene, k int, from *sitting, shut, own *landmark.Sample) error {
	view := image.NewRGBA(image.Rect(0, 0, m.flags.size, m.flags.size))
	if err := from.drawn.ToRGBA(view); err != nil {
		return err
	}
	p, err := m.persona(ctx, s, view, shut)
	if err != nil {
		return nil //nolint:nilerr // a shut mouth that is no face any more is no source
	}
	sit, err := openSitting(p, m.flags.size)
	if err != nil {
		return err
	}
	defer sit.render.Close()
	if err := m.out.source(sit, sourceEntry{Person: s.person, Scene: s.name, Frame: 2 + k, Still: true, Closed: true}); err != nil {
		return err
	}
	target := shot{view: from.persona.Crop, sample: *own, frame: 1}
	place := placeOf(p) // in units of a width, so it does not matter that the crop is larger than what was drawn
	if err := sit.draw(&target, place, time.Unix(1000, 0)); err != nil {
		return err
	}
	return m.out.sample(sit, &target, place)
}

// persona makes a picture a persona; known are its landmarks if nobody needs to look for them.
func (m *sampleMaker) persona(ctx context.Context, s *scene, view *image.RGBA, known *landmark.Sample) (*persona.Persona, error) {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&b, view); err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	deps, err := m.maker.Deps()
	if err != nil {
		return nil, err
	}
	return persona.Build(ctx, b.Bytes(), s.name, deps, persona.Options{Known: known}, nil)
}
