package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/models/portrait"
)

// meshOnly is the name of no generator: the geometric layer alone.
const meshOnly = "mesh"

// generatorFlags choose the learned layer.
type generatorFlags struct{ use, device string }

// add defines the flags; use is what --generator is without being given, "" for the configuration's.
func (f *generatorFlags) add(cmd *cobra.Command, use string) {
	fl := cmd.Flags()
	fl.StringVar(&f.use, "generator", use, "learned layer: auto, mesh (none), gioconda-s, gioconda-l, or another's name or folder")
	fl.StringVar(&f.device, "device", "", "what it computes on: auto, cpu, cuda or cuda:N (generators.device);\nno GPU has been tried yet")
}

// apply lets the flags win over the configuration.
func (f *generatorFlags) apply(a *app) error {
	if f.use != "" {
		a.cfg.Generators.Use = f.use
	}
	if f.device != "" {
		a.cfg.Generators.Device = f.device
	}
	return a.cfg.Validate()
}

// source is a generator's folder.
type source struct {
	name string
	dir  fs.FS
	from string // where it is, for people
}

// sources lists the generators: those inside the program, and those of generators.dir, which stand in for one inside of
// the same name.
func (a *app) sources() ([]source, error) {
	var out []source
	shipped := portrait.Shipped()
	inside, err := fs.ReadDir(shipped, ".")
	if err != nil {
		return nil, err
	}
	for _, d := range inside {
		dir, err := fs.Sub(shipped, d.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, source{d.Name(), dir, "built in"})
	}
	entries, err := os.ReadDir(a.cfg.Generators.Dir)
	if err != nil && a.cfg.Generators.Dir != "" && !os.IsNotExist(err) {
		return nil, fmt.Errorf("generators.dir: %w", err)
	}
	for _, d := range entries {
		path := filepath.Join(a.cfg.Generators.Dir, d.Name())
		if _, err := os.Stat(filepath.Join(path, portrait.ManifestName)); err != nil {
			continue
		}
		s := source{d.Name(), os.DirFS(path), path}
		if i := slices.IndexFunc(out, func(o source) bool { return o.name == s.name }); i >= 0 {
			out[i] = s
		} else {
			out = append(out, s)
		}
	}
	return out, nil
}

// source finds a generator by its name, or by its folder's path, which holds a separator.
func (a *app) source(name string) (source, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return source{filepath.Base(name), os.DirFS(name), name}, nil
	}
	list, err := a.sources()
	if err != nil {
		return source{}, err
	}
	names := []string{meshOnly}
	for _, s := range list {
		if s.name == name {
			return s, nil
		}
		names = append(names, s.name)
	}
	where := ""
	if a.cfg.Generators.Dir != "" {
		where = "; others belong into " + a.cfg.Generators.Dir
	}
	return source{}, fmt.Errorf("there is no generator %q; there are %s (auto chooses)%s", name, strings.Join(names, ", "), where)
}
