package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
)

type sheetFlags struct {
	portraits, clips, generator, out string
	limit                            int
}

// sheetsCommand looks at a generator where there is no truth to measure against.
func (a *app) sheetsCommand() *cobra.Command {
	var f sheetFlags
	cmd := &cobra.Command{
		Use:   "sheets --portraits DIR --clips DIR --generator DIR -o DIR",
		Short: "Show what a learned layer makes of portraits, beside the geometric layer",
		Long: `Move every portrait by every clip along the path that runs live and write one sheet for each
portrait: the driver at the extremes of the clip, the geometric layer's picture, the learned layer's,
both as close-ups of mouth and eyes. Where the identity network is installed, print how similar to the portrait
both stay.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sheets(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.portraits, "portraits", "", "folder of pictures")
	fl.StringVar(&f.clips, "clips", "", "folder of clips")
	fl.StringVar(&f.generator, "generator", "", "folder with a generator's manifest.json")
	fl.StringVarP(&f.out, "output", "o", "", "write the sheets (PNG) to `DIR`")
	fl.IntVar(&f.limit, "frames", 0, "stop each clip after `N` frames (0: whole clips)")
	for _, name := range []string{"portraits", "clips", "generator", "output"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func (a *app) sheets(ctx context.Context, f *sheetFlags) (err error) {
	portraits, err := files.In(f.portraits, ".jpg", ".jpeg", ".png", ".webp")
	if err != nil {
		return err
	}
	clips, err := files.In(f.clips, ".mp4", ".webm", ".mov", ".mkv")
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	bar := progress.New(a.err, "drawing sheets")
	lines, err := quality.Sheets(ctx, &quality.SheetOptions{
		Networks: o.networks, Maker: o.maker, NPM: a.cfg.Models.NPM, Portraits: portraits, Clips: clips,
		Generator: f.generator, Out: f.out, Limit: f.limit, Progress: bar.Fraction, Note: bar.Note,
	})
	bar.Done()
	if err != nil {
		return err
	}
	for _, l := range lines {
		fmt.Fprintln(a.out, l)
	}
	return nil
}
