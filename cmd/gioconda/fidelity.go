package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/models/persona"
)

type fidelityFlags struct {
	portraits, clips, sheets, json string
	every, limit                   int
}

func (a *app) fidelityCommand() *cobra.Command {
	var f fidelityFlags
	cmd := &cobra.Command{
		Use:   "fidelity --portraits DIR --clips DIR",
		Short: "Measure how faithfully portraits follow their drivers",
		Long: `Render every clip on every portrait, track the rendered pictures again with the same
tracker, and print how well what comes out follows what went in: correlation of mouth opening
and width, eye closure, yaw, pitch, roll and gaze; the smallest eye and lip opening reached; how still
the background and a still driver are; how much the rendered face is still the portrait's. A correlation is
printed only where the driver moves by more than three times the tracker's own noise. Breath and other life of its own is off.
--sheets writes contact sheets to look at.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fidelity(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.portraits, "portraits", "", "folder of pictures")
	fl.StringVar(&f.clips, "clips", "", "folder of clips")
	fl.StringVar(&f.sheets, "sheets", "", "write contact sheets (PNG) to `DIR`")
	fl.StringVar(&f.json, "json", "", "write the table to `FILE` as JSON")
	fl.IntVar(&f.every, "every", 1, "measure every `N`th frame of a clip (all frames are rendered)")
	fl.IntVar(&f.limit, "frames", 0, "stop each clip after `N` frames (0: whole clips)")
	_ = cmd.MarkFlagRequired("portraits")
	_ = cmd.MarkFlagRequired("clips")
	return cmd
}

func (a *app) fidelity(ctx context.Context, f *fidelityFlags) (err error) {
	portraits, err := files.In(f.portraits, ".jpg", ".jpeg", ".png", ".webp", persona.Extension)
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
	bar := progress.New(a.err, "measuring")
	report, err := quality.Measure(ctx, &quality.Options{
		Networks: o.networks, Maker: o.maker, NPM: a.cfg.Models.NPM, Portraits: portraits, Clips: clips,
		Sheets: f.sheets, Every: f.every, Limit: f.limit, Progress: bar.Fraction, Note: bar.Note,
	})
	bar.Done()
	if err != nil {
		return err
	}
	if err := report.Print(a.out); err != nil || f.json == "" {
		return err
	}
	return writeJSON(f.json, report.Rows)
}
