package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/weights"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// likeness tells how much a rendered face is still the portrait's. Without the network nothing is known.
type likeness struct {
	network   *face.Identity // nil where it is not installed
	portraits [][]float32    // embeddings of the portraits' own pictures
	current   []float32      // that of the portrait at work, nil if its face is not found
	scratch   []float32
}

// identityEvery is of how many measured frames one is compared: people do not change from frame to frame.
const identityEvery = 5

// openLikeness loads the network; where it is missing but its npm package is not, it is converted first.
func (a *app) openLikeness(ctx context.Context, v *face.Networks) (*likeness, error) {
	l := &likeness{scratch: make([]float32, face.IdentitySize)}
	path := filepath.Join(v.Dir, weights.FaceIdentity)
	if _, err := os.Stat(path); err != nil {
		if err := weights.Build(ctx, a.cfg.Models.NPM, v.Dir, nil); err != nil && !errors.Is(err, weights.ErrNoPackages) {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return l, nil //nolint:nilerr // note says that it is missing
		}
	}
	var err error
	l.network, err = v.Identity()
	return l, err
}

// know takes the portrait's own picture as what rendered faces are compared with.
func (l *likeness) know(t *face.Tracker, picture *image.RGBA) error {
	l.current = nil
	if l.network == nil {
		return nil
	}
	var s landmark.Sample
	t.ResetROI()
	for range face.SettlePasses {
		if err := t.Track(face.FromRGBA(picture), &s); err != nil {
			return err
		}
	}
	if s.Lost() {
		return nil
	}
	own := make([]float32, face.IdentitySize)
	if err := l.network.Embed(face.FromRGBA(picture), &s.Points, own); err != nil {
		return err
	}
	l.current = own
	l.portraits = append(l.portraits, own)
	return nil
}

// compare adds the similarity of a rendered face, whose landmarks are s, to m.
func (l *likeness) compare(picture *image.RGBA, s *landmark.Sample, m *stats.Mean) error {
	if l.network == nil || l.current == nil {
		return nil
	}
	ok, err := l.embed(picture, &s.Points, l.scratch)
	if ok {
		m.Add(face.Similarity(l.current, l.scratch))
	}
	return err
}

// embed reads into dst who is in a picture; false if that cannot be told.
func (l *likeness) embed(picture *image.RGBA, points *[landmark.Count]landmark.Point, dst []float32) (bool, error) {
	err := l.network.Embed(face.FromRGBA(picture), points, dst)
	if errors.Is(err, face.ErrNoEmbedding) {
		return false, nil
	}
	return err == nil, err
}

// note explains the column: what different portraits reach among each other.
func (l *likeness) note() string {
	if l.network == nil {
		return "Identity is not measured: its network is not here; `npm ci --ignore-scripts --prefix models` brings it."
	}
	const what = "Identity is the mean similarity to the portrait's own picture"
	apart := l.apart()
	if !apart.Known() {
		return what + "."
	}
	return fmt.Sprintf("%s; different portraits reach %.3f among each other.", what, float64(apart))
}

// apart is how similar different portraits are among each other.
func (l *likeness) apart() stats.Score {
	var m stats.Mean
	for i, a := range l.portraits {
		for _, b := range l.portraits[:i] {
			m.Add(face.Similarity(a, b))
		}
	}
	return m.Score()
}

// Close frees the network.
func (l *likeness) Close() error {
	if l.network == nil {
		return nil
	}
	return l.network.Close()
}
