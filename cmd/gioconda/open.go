package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
)

// opened is what commands that work on portraits open first: the networks, and what makes personas with them.
type opened struct {
	networks *face.Networks
	maker    *personas.Maker
}

// open opens what the configuration names; the caller closes it.
func (a *app) open() (*opened, error) {
	n, err := face.OpenNetworks(a.cfg.Models.Library, a.cfg.Models.Dir)
	if err != nil {
		return nil, err
	}
	a.log.Debug("ONNX Runtime", "version", n.Runtime.Version(), "library", a.cfg.Models.Library)
	// The default persona is kept beside the networks.
	return &opened{n, personas.NewMaker(n, filepath.Join(filepath.Dir(a.cfg.Models.Dir), "builtin"))}, nil
}

// Close frees what was opened.
func (o *opened) Close() error { return errors.Join(o.maker.Close(), o.networks.Close()) }

// warn says what the maker of a persona should know.
func (a *app) warn(p *persona.Persona) {
	for _, w := range p.Manifest.Warnings {
		a.note(w.Message)
	}
}

// note prints a remark, if there is one.
func (a *app) note(text string) {
	if text != "" {
		fmt.Fprintln(a.err, "note:", text)
	}
}

// writeJSON keeps a report.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644) //nolint:gosec // a report to read
}
