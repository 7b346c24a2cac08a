package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
	"github.com/gioconda-live/gioconda/models/persona"
)

func (a *app) datasetCommand() *cobra.Command {
	var f dataset.Options
	cmd := &cobra.Command{
		Use:   "dataset --train DIR -o DIR",
		Short: "Make training samples for the learned layer",
		Long: `Turn clips and pairs of stills into training samples with the very code that runs live:
a frame becomes a persona, other frames of the same person drive it through tracker, wire form,
retargeting and geometric layer, and every region that the learned layer repaints is written down
as geometric picture, true picture and condition maps.

DIR holds video/ID__ANYTHING.EXT (the part before __ names the person) and, if there are any, pairs of
stills with equal names, stills/NAME_neutral_front/*.jpg beside stills/NAME_smiling_front/*.jpg.
Where landmarks are known better than a tracker can see them, they lie beside a clip as CLIP.landmarks.json.
models/train/README.md says what comes out and how it is used.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.dataset(cmd.Context(), &f) },
	}
	chooseScenes(cmd, &f)
	fl := cmd.Flags()
	fl.StringVarP(&f.Out, "output", "o", "", "write the samples to `DIR`")
	fl.IntVar(&f.Size, "size", 512, "edge of the geometric layer's picture")
	fl.IntVar(&f.Views, "views", 1, "make each persona of `N` frames of one half of a clip, and drive it with the other half; what the\nfurther ones add is part of the geometric picture")
	fl.IntVar(&f.Heads, "heads", 0, "write one in `N` samples as a whole head too (0: none)")
	_ = cmd.MarkFlagRequired("output")
	cmd.AddCommand(a.sheetsCommand(), a.landmarksCommand(), a.measureCommand(), a.fewShotCommand())
	return cmd
}

// chooseScenes defines the flags that say which samples are made.
func chooseScenes(cmd *cobra.Command, f *dataset.Options) {
	fl := cmd.Flags()
	fl.StringVar(&f.Train, "train", "", "folder of clips and stills that may be trained on")
	fl.IntVar(&f.PerPerson, "per-person", 360, "about how many samples of one person's clips")
	fl.IntVar(&f.Sources, "sources", 3, "how many frames of a clip become personas")
	fl.Uint64Var(&f.Seed, "seed", 1, "of the choice of frames")
	fl.StringVar(&f.Only, "only", "", "only scenes whose name contains this")
	_ = cmd.MarkFlagRequired("train")
}

func (a *app) dataset(ctx context.Context, f *dataset.Options) (err error) {
	if f.Views < 1 || f.Views > persona.MaxViews {
		return fmt.Errorf("--views %d: use a number from 1 to %d", f.Views, persona.MaxViews)
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	bar := progress.New(a.err, "making samples")
	defer bar.Done()
	f.Networks, f.Maker, f.Progress, f.Note = o.networks, o.maker, bar.Fraction, bar.Note
	return dataset.Make(ctx, f)
}
