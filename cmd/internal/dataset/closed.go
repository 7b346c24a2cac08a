package dataset

import (
	"context"
	"image"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

const (
	openSmile = 0.06 // gap between the lips, of the eyes' distance, from which a smile shows teeth
	nearShut  = 0.3  // how far the less shut one of the pictures is on its way to the smile
)

// closed makes samples whose truth lies exactly under the portrait: the smile of a pair gets its mouth shut by the
// geometric layer, becomes a persona so, and smiles again. Light, camera and lips are the truth's own, where
// the two photographs of a pair differ in all three.
func (m *Sampler) closed(ctx context.Context, s *Scene) error {
	calm, smile := &s.shots[0], &s.shots[1]
	if smile.features.MouthOpen < openSmile || calm.features.MouthOpen > openSmile {
		return nil
	}
	p, err := m.persona(ctx, s, smile.View, nil)
	if err != nil {
		return nil // a picture that cannot be a portrait is no source
	}
	sit, err := reenact.Open(p, m.Size, nil)
	if err != nil {
		return err
	}
	defer sit.Close()
	own, rest := reenact.PlaceOf(p).Apply(&smile.Sample), sit.Fit(&calm.Sample).Apply(&calm.Sample)
	for k, t := range []float32{0, nearShut} {
		shut := own
		for i := range shut.Points {
			a, b := rest.Points[i], own.Points[i]
			shut.Points[i] = landmark.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y), Z: a.Z + t*(b.Z-a.Z)}
		}
		if err := sit.Draw(&shut, reenact.Placement{A: 1}, time.Unix(1000, 0)); err != nil {
			return err
		}
		if err := m.again(ctx, s, k, sit, &shut, &own); err != nil {
			return err
		}
	}
	return nil
}

// again makes what was drawn last a persona, its landmarks being shut, and drives it back to own, which is the smile.
func (m *Sampler) again(ctx context.Context, s *Scene, k int, from *reenact.Reenactor, shut, own *landmark.Sample) error {
	view := image.NewRGBA(image.Rect(0, 0, m.Size, m.Size))
	if err := from.Drawn.ToRGBA(view); err != nil {
		return err
	}
	p, err := m.persona(ctx, s, view, shut)
	if err != nil {
		return nil // a shut mouth that is no face any more is no source
	}
	sit, err := reenact.Open(p, m.Size, nil)
	if err != nil {
		return err
	}
	defer sit.Close()
	if err := m.out.Source(sit, SourceEntry{Person: s.Person, Scene: s.Name, Frame: 2 + k, Still: true, Closed: true}); err != nil {
		return err
	}
	target := Shot{View: from.Persona.Crop, Sample: *own, Frame: 1}
	place := reenact.PlaceOf(p) // in units of a width, so it does not matter that the crop is larger than what was drawn
	if err := sit.Draw(&target.Sample, place, time.Unix(1000, 0)); err != nil {
		return err
	}
	return m.out.Sample(sit, &target, place)
}
