package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
)

func (a *app) landmarksCommand() *cobra.Command {
	var clips, out string
	cmd := &cobra.Command{
		Use:   "landmarks --clips DIR -o DIR",
		Short: "Write down what the tracker sees in clips",
		Long: `Track the face in every clip of a folder and write CLIP.landmarks.json: for each frame x, y and z of 478 points
in units of the picture's width, or null where there is no face.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.landmarks(cmd.Context(), clips, out) },
	}
	cmd.Flags().StringVar(&clips, "clips", "", "folder of clips")
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the files to `DIR`")
	_ = cmd.MarkFlagRequired("clips")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

func (a *app) landmarks(ctx context.Context, dir, out string) (err error) {
	clips, err := files.In(dir, ".mp4", ".webm", ".mov", ".mkv", ".mpg")
	if err != nil {
		return err
	}
	if err = os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // a folder like any other
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	bar := progress.New(a.err, "tracking")
	defer bar.Done()
	for i, path := range clips {
		bar.Fraction(float64(i)/float64(len(clips)), filepath.Base(path))
		if err := driver.WriteLandmarks(ctx, o.networks, path, filepath.Join(out, filepath.Base(path)+driver.LandmarksSuffix)); err != nil {
			return err
		}
	}
	bar.Fraction(1, "")
	return nil
}
