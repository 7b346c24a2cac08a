package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset/measure"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
	"github.com/gioconda-live/gioconda/configs"
)

type measureFlags struct {
	dataset.Options
	people    []string
	every     int
	against   string
	generator generatorFlags
}

// measureCommand judges what is served by people that training never saw.
func (a *app) measureCommand() *cobra.Command {
	var f measureFlags
	cmd := &cobra.Command{
		Use:   "measure --train DIR [--generator NAME|DIR] [--people A,B | --every N] [--against FILE.json] [-o FILE.json]",
		Short: "Measure what is served against true frames of people held out",
		Long: `Go through footage as ` + "`gioconda dataset`" + ` does and measure the whole pictures that are served, networks,
blending and trust included, against the true frames: the still portrait, the geometric layer alone, and with the learned layer;
around the mouth, between the lips, around the eyes, over the whole face, in a box of 1.5 mouth widths,
there around the lips, and over the face beside it. Everything is measured in the pixels of a 512x512
picture, as R, G, B after having been I420, the truth like the rest.

Only people are measured whom training has not seen: those of --people, and of pairs of stills those whose number
--every divides; without either, those that the generator's manifest says it never saw.

L1, PSNR, SSIM and sharpness (gradient energy over the truth's) are means over samples. "worse" is the share of the samples in
which the learned layer adds to the geometric one's L1. Flicker is how much more or less than the truth's a picture
changes from one frame to the next. Kinds: smiles (of a pair of stills the neutral one is the portrait, the smile the truth), neutrals (the
other way round), closed (the portrait is the smile itself, its mouth shut by the geometric layer), talk (clips), heads (rendered
ones: clips of people called head...).

Then, class by class (closed, talk, smile, laugh, yell: by the true lips), what lies between the lips beside the truth: the share of
pixels as bright as teeth in that light, how far below the upper lip they begin and end, mean luma and its 10 and 90 %; and film by film
L1 of open mouths, the median over films and the worst film named. --against compares with an earlier run's -o.

The portrait follows the driver's landmarks as they are, without the smoothing that
a live driver gets, so that every picture lies over its true frame; pairs of stills are laid over each other by their rigid landmarks.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.measure(cmd.Context(), &f) },
	}
	chooseScenes(cmd, &f.Options)
	f.generator.add(cmd, engine.Small)
	fl := cmd.Flags()
	fl.StringSliceVar(&f.people, "people", nil, "people to measure, by the names of their clips")
	fl.IntVar(&f.every, "every", 0, "of pairs of stills, people whose number `N` divides (0: none)")
	fl.StringVar(&f.against, "against", "", "compare film by film with the figures in `FILE`")
	fl.StringVarP(&f.Out, "output", "o", "", "write the figures to `FILE` as JSON")
	return cmd
}

func (f *measureFlags) check() error {
	switch {
	case f.generator.use == engine.MeshOnly || f.generator.use == configs.Auto:
		return fmt.Errorf("--generator %s: name one, to measure it beside the geometric layer", f.generator.use)
	case f.every < 0:
		return fmt.Errorf("--every %d: use a number from 1, or 0 for nobody", f.every)
	case f.PerPerson < 1 || f.Sources < 1:
		return errors.New("--per-person and --sources have to be at least 1")
	}
	return nil
}

// earlier reads the figures to compare with, nil without.
func (f *measureFlags) earlier() (*measure.Against, error) {
	if f.against == "" {
		return nil, nil //nolint:nilnil // nothing to compare with
	}
	b, err := os.ReadFile(f.against)
	if err != nil {
		return nil, err
	}
	return measure.ReadAgainst(b)
}

// measure wires one measurement and prints it.
func (a *app) measure(ctx context.Context, f *measureFlags) (err error) {
	if err = errors.Join(f.check(), f.generator.apply(a)); err != nil {
		return err
	}
	earlier, err := f.earlier()
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	e, err := engine.Load(o.networks, a.engineOptions())
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, e)
	a.note(e.Note)
	bar := progress.New(a.err, "measuring")
	f.Networks, f.Maker, f.Progress, f.Note = o.networks, o.maker, bar.Fraction, bar.Note
	report, err := measure.People(ctx, &measure.Options{
		Footage: &f.Options, Model: e.Model, Generator: e.Name, NPM: a.cfg.Models.NPM, People: f.people, Every: f.every,
	})
	bar.Done()
	if err != nil {
		return err
	}
	if err := errors.Join(report.Print(a.out), report.PrintFilms(a.out, earlier)); err != nil || f.Out == "" {
		return err
	}
	return writeJSON(f.Out, report)
}
