package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/alone"
	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
)

// aloneFlags describe a session that needs no server: who moves whom, and for how long.
type aloneFlags struct {
	driver, persona string
	size            int
	seconds         float64
	generator       generatorFlags
}

// add defines the flags.
func (f *aloneFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.driver, "driver", "", "without a server: the `CLIP` that moves the portrait, or "+strings.Join(driver.Performances(), ", "))
	fl.StringVar(&f.persona, "persona", "", "with --driver: the persona `FILE` to move (default: the Mona Lisa)")
	fl.IntVar(&f.size, "size", 0, "with --driver: edge of the picture in pixels (pipeline.size)")
	fl.Float64Var(&f.seconds, "seconds", 0, "end after `N` seconds (default: when the driver is through, or with Ctrl-C)")
	f.generator.add(cmd, "")
}

// check says early what cannot be.
func (f *aloneFlags) check() error {
	if f.seconds < 0 || f.seconds > 1e6 {
		return fmt.Errorf("--seconds %v: use a number above 0", f.seconds)
	}
	if f.driver == "" {
		if f.persona != "" || f.size != 0 {
			return errors.New("--persona and --size belong to --driver; a running session has them already")
		}
		return nil
	}
	if err := checkDriver(f.driver); err != nil {
		return err
	}
	if f.persona != "" {
		return checkInput(f.persona)
	}
	return nil
}

// length is how long the session lasts, 0: as long as its driver.
func (f *aloneFlags) length() time.Duration { return time.Duration(f.seconds * float64(time.Second)) }

// runAlone carries a session of its own out through exit. repeat begins anew when the driver is through.
func (a *app) runAlone(ctx context.Context, f *aloneFlags, exit pipeline.Exit, repeat bool) (err error) {
	if f.size != 0 {
		a.cfg.Pipeline.Size = f.size
	}
	if err = f.generator.apply(a); err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	var p *persona.Persona
	if f.persona != "" {
		p, err = persona.Load(f.persona)
	} else {
		p, err = o.maker.MonaLisa(ctx)
	}
	if err != nil {
		return err
	}
	return alone.Run(ctx, &alone.Options{
		Networks: o.networks, Persona: p, Engine: a.engineOptions(), Driver: f.driver, Repeat: repeat, Length: f.length(),
		Chosen: func(s string) { fmt.Fprintln(a.out, s) }, Log: a.log,
	}, exit)
}
