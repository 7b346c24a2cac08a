// Package personas makes personas of pictures.
package personas

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
)

// Maker makes personas, one picture at a time. The networks that it needs are opened by the first picture, or by Open.
// It is safe for concurrent use.
type Maker struct {
	networks *face.Networks
	builtin  string

	mu      sync.Mutex // guards the following
	deps    persona.Deps
	tracker *face.Tracker // nil until opened
	matte   *face.Matte
}

// NewMaker makes personas with networks, which the caller closes after it. The personas that come with the program are kept in the folder builtin.
func NewMaker(n *face.Networks, builtin string) *Maker { return &Maker{networks: n, builtin: builtin} }

// Open loads the networks, unless they are loaded.
func (m *Maker) Open() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tracker != nil {
		return nil
	}
	mean, err := face.LoadCanonical(m.networks.Dir)
	if err != nil {
		return err
	}
	tracker, err := m.networks.Tracker()
	if err != nil {
		return err
	}
	matte, err := m.networks.Matte()
	if err != nil {
		return errors.Join(err, tracker.Close())
	}
	m.tracker, m.matte = tracker, matte
	m.deps = persona.Deps{Analyser: face.NewStill(tracker, matte), Triangles: mean.Triangles}
	return nil
}

// Deps are what persona.Build needs. It opens the networks.
func (m *Maker) Deps() (persona.Deps, error) {
	err := m.Open()
	return m.deps, err
}

// Tracker is the tracker of the maker, to be used while it makes nothing. It opens the networks.
func (m *Maker) Tracker() (*face.Tracker, error) {
	err := m.Open()
	return m.tracker, err
}

// Make builds a persona from a picture's bytes. p may be nil.
func (m *Maker) Make(ctx context.Context, src []byte, name string, o persona.Options, p persona.Progress) (*persona.Persona, error) {
	deps, err := m.Deps()
	if err != nil {
		return nil, err
	}
	return persona.Build(ctx, src, name, deps, o, p)
}

// Faces lists the faces of a picture's bytes, as persona.FaceBoxes does.
func (m *Maker) Faces(ctx context.Context, src []byte, limits intake.Limits) (size [2]int, boxes []persona.FaceBox, err error) {
	deps, err := m.Deps()
	if err != nil {
		return size, nil, err
	}
	return persona.FaceBoxes(ctx, src, deps, persona.Options{Limits: limits})
}

// FromFile builds a persona of a picture file, of which o.SourceName keeps the name. p may be nil.
func (m *Maker) FromFile(ctx context.Context, path, name string, o persona.Options, p persona.Progress) (*persona.Persona, error) {
	src, err := files.ReadPicture(path)
	if err != nil {
		return nil, err
	}
	o.SourceName, o.Foreign = filepath.Base(path), files.Foreign(ctx, path)
	return m.Make(ctx, src, name, o, p)
}

// Portrait opens a persona file or makes a persona of a picture, for which o counts; "" is the Mona Lisa. p may be nil.
func (m *Maker) Portrait(ctx context.Context, path string, o persona.Options, p persona.Progress) (*persona.Persona, error) {
	switch {
	case path == "":
		return m.MonaLisa(ctx)
	case filepath.Ext(path) == persona.Extension:
		return persona.Load(path)
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	return m.FromFile(ctx, path, name, o, p)
}

// MonaLisa returns the default persona.
func (m *Maker) MonaLisa(ctx context.Context) (*persona.Persona, error) {
	lisa := configs.MonaLisa()
	return m.painting(ctx, &lisa)
}

// Paintings returns the personas that come with the program, all of them or the default alone, which is the first.
func (m *Maker) Paintings(ctx context.Context, all bool) ([]*persona.Persona, error) {
	from := configs.Paintings()
	if !all {
		from = from[:1]
	}
	var list []*persona.Persona
	for _, painting := range from {
		p, err := m.painting(ctx, &painting)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// painting returns the persona of a painting: made once, then kept beside the networks under a name that says from what.
func (m *Maker) painting(ctx context.Context, from *configs.Painting) (*persona.Persona, error) {
	sum := sha256.Sum256(from.Picture)
	stem := strings.ReplaceAll(strings.ToLower(from.Name), " ", "-")
	path := filepath.Join(m.builtin, fmt.Sprintf("%s-%s-v%d%s", stem, hex.EncodeToString(sum[:4]), persona.FormatVersion, persona.Extension))
	p, err := persona.Load(path)
	if err == nil {
		return p, nil
	}
	p, err = m.Make(ctx, from.Picture, from.Name, persona.Options{
		SourceName: from.File, Credit: from.Credit, Attested: true, AttestedAs: "the painting is in the public domain",
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("making a persona of %s: %w", from.Name, err)
	}
	if err := os.MkdirAll(m.builtin, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // a cache folder
		return nil, err
	}
	return p, p.Save(path)
}

// Close frees the networks.
func (m *Maker) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tracker == nil {
		return nil
	}
	return errors.Join(m.tracker.Close(), m.matte.Close())
}
