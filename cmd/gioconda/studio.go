package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// studio makes personas. It is safe for concurrent use; one picture at a time.
type studio struct {
	deps    persona.Deps
	tracker *face.Tracker
	matte   *face.Matte
}

// openStudio loads the networks that a new persona needs.
func openStudio(v *face.Networks) (*studio, error) {
	mean, err := face.LoadCanonical(v.Dir)
	if err != nil {
		return nil, err
	}
	tracker, err := v.Tracker()
	if err != nil {
		return nil, err
	}
	matte, err := v.Matte()
	if err != nil {
		return nil, errors.Join(err, tracker.Close())
	}
	nets := face.NewStill(tracker, matte)
	return &studio{
		tracker: tracker, matte: matte,
		deps: persona.Deps{
			Faces: nets, Matte: nets, Rest: retarget.NewRest, Triangles: mean.Triangles, Now: time.Now,
		},
	}, nil
}

// make builds a persona from a picture's bytes.
func (s *studio) make(ctx context.Context, src []byte, name string, o persona.Options, p persona.Progress) (*persona.Persona, error) {
	return persona.Build(ctx, src, name, s.deps, o, p)
}

// Close frees the networks.
func (s *studio) Close() error { return errors.Join(s.tracker.Close(), s.matte.Close()) }

const monaLisaCredit = "Leonardo da Vinci, public domain; reproduction from the examples of github.com/fogleman/primitive"

// monaLisa returns the default persona: made once, then kept beside the networks under a name that says from what.
func (s *studio) monaLisa(ctx context.Context, dir string) (*persona.Persona, error) {
	sum := sha256.Sum256(configs.MonaLisa)
	path := filepath.Join(dir, fmt.Sprintf("mona-lisa-%s-v%d%s", hex.EncodeToString(sum[:4]), persona.FormatVersion, persona.Extension))
	p, err := persona.Load(path)
	if err == nil {
		return p, nil
	}
	p, err = s.make(ctx, configs.MonaLisa, "Mona Lisa", persona.Options{
		SourceName: "monalisa.png", Credit: monaLisaCredit, Attested: true, AttestedAs: "the painting is in the public domain",
	}, nil)
	if err != nil {
		return nil, fmt.Errorf("making the default persona: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // a cache folder
		return nil, err
	}
	return p, p.Save(path)
}

// builtinDir is where the default persona is kept once made.
func (a *app) builtinDir() string { return filepath.Join(filepath.Dir(a.cfg.Models.Dir), "builtin") }
