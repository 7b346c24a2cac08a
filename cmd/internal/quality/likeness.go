package quality

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

// Likeness tells how much a rendered face is still the portrait's. Without the network nothing is known.
type Likeness struct {
	network   *face.Identity // nil where it is not installed
	portraits [][]float32    // embeddings of the portraits' own pictures
	current   []float32      // that of the portrait at work, nil if its face is not found
	scratch   []float32
}

// IdentityEvery is of how many measured frames one is compared: people do not change from frame to frame.
const IdentityEvery = 5

// OpenLikeness loads the network; where it is missing but its npm package is not, which is looked for in the folder npm, it
// is converted first. The caller closes it before v.
func OpenLikeness(ctx context.Context, v *face.Networks, npm string) (*Likeness, error) {
	l := &Likeness{scratch: make([]float32, face.IdentitySize)}
	path := filepath.Join(v.Dir, weights.FaceIdentity)
	if _, err := os.Stat(path); err != nil {
		if err := weights.Build(ctx, npm, v.Dir, nil); err != nil && !errors.Is(err, weights.ErrNoPackages) {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return l, nil //nolint:nilerr // Note says that it is missing
		}
	}
	var err error
	l.network, err = v.Identity()
	return l, err
}

// know takes the portrait's own picture as what rendered faces are compared with.
func (l *Likeness) know(t *face.Tracker, picture *image.RGBA) error {
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
func (l *Likeness) compare(picture *image.RGBA, s *landmark.Sample, m *stats.Mean) error {
	if l.network == nil || l.current == nil {
		return nil
	}
	ok, err := l.Embed(picture, &s.Points, l.scratch)
	if ok {
		m.Add(face.Similarity(l.current, l.scratch))
	}
	return err
}

// Embed reads into dst who is in a picture; false if that cannot be told.
func (l *Likeness) Embed(picture *image.RGBA, points *[landmark.Count]landmark.Point, dst []float32) (bool, error) {
	err := l.network.Embed(face.FromRGBA(picture), points, dst)
	if errors.Is(err, face.ErrNoEmbedding) {
		return false, nil
	}
	return err == nil, err
}

// Known tells whether the network is there.
func (l *Likeness) Known() bool { return l.network != nil }

// Meet counts the picture of one more person for Apart; embedding is kept.
func (l *Likeness) Meet(embedding []float32) { l.portraits = append(l.portraits, embedding) }

// Note explains the column: what different portraits reach among each other.
func (l *Likeness) Note() string {
	if l.network == nil {
		return "Identity is not measured: its network is not here; `npm ci --ignore-scripts --prefix models` brings it."
	}
	const what = "Identity is the mean similarity to the portrait's own picture"
	apart := l.Apart()
	if !apart.Known() {
		return what + "."
	}
	return fmt.Sprintf("%s; different portraits reach %.3f among each other.", what, float64(apart))
}

// Apart is how similar different portraits are among each other.
func (l *Likeness) Apart() stats.Score {
	var m stats.Mean
	for i, a := range l.portraits {
		for _, b := range l.portraits[:i] {
			m.Add(face.Similarity(a, b))
		}
	}
	return m.Score()
}

// Close frees the network.
func (l *Likeness) Close() error {
	if l.network == nil {
		return nil
	}
	return l.network.Close()
}
