package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
)

// workshop is what commands that work on portraits open first: the networks' library, and what makes personas, which is
// opened when the first one has to be made.
type workshop struct {
	app      *app
	networks *face.Networks
	studio   *studio
}

// openNetworks opens what the configuration names.
func (a *app) openNetworks() (*face.Networks, error) {
	n, err := face.OpenNetworks(a.cfg.Models.Library, a.cfg.Models.Dir)
	if err == nil {
		a.log.Debug("ONNX Runtime", "version", n.Runtime.Version(), "library", a.cfg.Models.Library)
	}
	return n, err
}

func (a *app) openWorkshop() (*workshop, error) {
	v, err := a.openNetworks()
	if err != nil {
		return nil, err
	}
	return &workshop{app: a, networks: v}, nil
}

// portrait opens a persona file or makes a persona of a picture; "" is the Mona Lisa. p may be nil.
func (w *workshop) portrait(ctx context.Context, path string, p persona.Progress) (*persona.Persona, error) {
	if filepath.Ext(path) == persona.Extension {
		return persona.Load(path)
	}
	if path != "" {
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		return w.build(ctx, path, &personaliseFlags{name: name}, p)
	}
	if err := w.openStudio(); err != nil {
		return nil, err
	}
	return w.studio.monaLisa(ctx, w.app.builtinDir())
}

// build makes a persona of a picture.
func (w *workshop) build(ctx context.Context, path string, f *personaliseFlags, p persona.Progress) (*persona.Persona, error) {
	if err := w.openStudio(); err != nil {
		return nil, err
	}
	return w.app.buildFrom(ctx, w.studio, path, f, p)
}

func (w *workshop) openStudio() (err error) {
	if w.studio == nil {
		w.studio, err = openStudio(w.networks)
	}
	return err
}

// warn says what the maker of a persona should know.
func (w *workshop) warn(p *persona.Persona) {
	for _, m := range p.Manifest.Warnings {
		w.note(m.Message)
	}
}

// note prints a remark, if there is one.
func (w *workshop) note(text string) {
	if text != "" {
		fmt.Fprintln(w.app.err, "note:", text)
	}
}

// Close frees what was opened.
func (w *workshop) Close() error {
	var err error
	if w.studio != nil {
		err = w.studio.Close()
	}
	return errors.Join(err, w.networks.Close())
}
