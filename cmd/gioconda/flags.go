package main

import (
	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/mesh"
)

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

// catalog is where generators are found.
func (a *app) catalog() engine.Catalog { return engine.Catalog{Dir: a.cfg.Generators.Dir} }

// meshOptions are those of the geometric layer as sessions begin with it.
func (a *app) meshOptions() mesh.Options {
	return mesh.Options{
		Size: a.cfg.Pipeline.Size, Workers: a.cfg.Pipeline.Workers, Badge: compositor.BadgePlace(a.cfg.Picture.Badge),
	}
}

// engineOptions are what the configuration says of the generator.
func (a *app) engineOptions() *engine.Options {
	return &engine.Options{
		Use: a.cfg.Generators.Use, Device: a.cfg.Generators.Device, Catalog: a.catalog(),
		Pipeline: a.cfg.Pipeline, Mesh: a.meshOptions(), Log: a.log,
	}
}
