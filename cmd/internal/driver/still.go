package driver

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// stillSeconds is how long a picture is held that drives a portrait.
const stillSeconds = 3

// still is a picture as a driver: its face, held.
type still struct {
	view   *image.RGBA
	sample landmark.Sample
	frame  int
	why    face.Reason
	notes  []string
}

func openStill(ctx context.Context, v *face.Networks, path string) (_ *still, err error) {
	p, err := files.DecodePicture(ctx, path)
	if err != nil {
		return nil, err
	}
	t, err := v.Tracker()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	s := &still{view: p.Image, notes: []string{fmt.Sprintf("the driver is a picture: its face is held for %d s", stillSeconds)}}
	t.Windows = face.EveryWindow
	m := face.FromRGBA(p.Image)
	if err = t.Track(m, &s.sample); err != nil {
		return nil, err
	}
	s.why = t.Reason()
	if !s.sample.Lost() {
		err = settle(t, m, &s.sample)
	}
	return s, err
}

// settle looks at the face again until it stands: the detector's box is rough.
func settle(t *face.Tracker, m face.Image, s *landmark.Sample) error {
	for range face.SettlePasses - 1 {
		if err := t.Track(m, s); err != nil || s.Lost() {
			return err
		}
	}
	return nil
}

func (s *still) Next(to *landmark.Sample) error {
	if s.frame >= stillSeconds*PlayRate {
		return io.EOF
	}
	s.frame++
	*to = s.sample
	return nil
}

func (s *still) View() *image.RGBA { return s.view }

func (s *still) About() About {
	return About{RateNum: PlayRate, RateDen: 1, Frames: stillSeconds * PlayRate}
}

func (s *still) Findings() Findings {
	out := Findings{Why: face.Nothing, Notes: s.notes}
	if s.sample.Lost() {
		out.Why = s.why
	}
	return out
}

func (s *still) Close() error { return nil }
