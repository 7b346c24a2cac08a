package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset/measure"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
)

// fewShotCommand judges what further pictures of a person bring.
func (a *app) fewShotCommand() *cobra.Command {
	f := measureFlags{}
	var sheets string
	cmd := &cobra.Command{
		Use:   "fewshot --train DIR [--people A,B] [--sheets DIR] [-o FILE.json]",
		Short: "Measure what 4, 8 and 32 pictures of a person bring over one",
		Long: `For each film of people held out (see dataset measure) make personas of 1, 4, 8 and 32 frames of its first half, chosen as
personalise --film chooses, and measure what is served against 32 frames of its second half, in pairs of neighbours: between the
lips, in a square of 1.5 mouth widths, around the eyes, over the whole face; and between the lips the share of tooth-bright pixels and
the luma beside the truth, as dataset measure has them. A persona keeps 16 views at most. That of 8 frames is measured a second time
with its learned layer tuned to all of the first half, as personalise --film tunes it, where that is accepted.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fewShot(cmd.Context(), &f, sheets) },
	}
	chooseScenes(cmd, &f.Options)
	f.generator.add(cmd, engine.Small)
	fl := cmd.Flags()
	fl.StringSliceVar(&f.people, "people", nil, "people to measure, by the names of their clips")
	fl.StringVar(&sheets, "sheets", "", "write for each film truth, 1, 4, 8, 8 tuned and 32 pictures side by side (PNG) to `DIR`")
	fl.StringVarP(&f.Out, "output", "o", "", "write the figures to `FILE` as JSON")
	return cmd
}

func (a *app) fewShot(ctx context.Context, f *measureFlags, sheets string) (err error) {
	if err = errors.Join(f.check(), f.generator.apply(a)); err != nil {
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
	bar := progress.New(a.err, "measuring")
	f.Networks, f.Maker, f.Progress, f.Note = o.networks, o.maker, bar.Fraction, bar.Note
	report, err := measure.FewShot(ctx, &measure.Options{
		Footage: &f.Options, Model: e.Model, Generator: e.Name, NPM: a.cfg.Models.NPM, People: f.people,
	}, sheets)
	bar.Done()
	if err != nil {
		return err
	}
	if err := report.Print(a.out); err != nil || f.Out == "" {
		return err
	}
	return writeJSON(f.Out, report)
}
