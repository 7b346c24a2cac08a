package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

const landmarksSuffix = ".landmarks.json"

// clipLandmarks is a file beside a clip: x, y, z of landmark.Count points for every frame, as package landmark has
// them; null where there is no face.
type clipLandmarks struct {
	Frames [][]float32 `json:"frames"`
}

// at fills one with the landmarks of frame n.
func (c *clipLandmarks) at(n int, one *landmark.Sample) {
	*one = landmark.Sample{Flags: landmark.FlagLost}
	if n >= len(c.Frames) || c.Frames[n] == nil {
		return
	}
	one.Flags, one.Score = 0, 1
	for i := range one.Points {
		p := c.Frames[n][3*i : 3*i+3]
		one.Points[i] = landmark.Point{X: p[0], Y: p[1], Z: p[2]}
	}
}

// readLandmarks returns what lies beside a clip, nil where there is nothing.
func readLandmarks(path string) (*clipLandmarks, error) {
	b, err := os.ReadFile(path + landmarksSuffix) //nolint:gosec // beside the caller's clip
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // most clips have none
	} else if err != nil {
		return nil, err
	}
	var c clipLandmarks
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%s%s is no list of landmarks: %w", path, landmarksSuffix, err)
	}
	for n, f := range c.Frames {
		if f != nil && len(f) != 3*landmark.Count {
			return nil, fmt.Errorf("%s%s, frame %d: %d numbers instead of 3 for each of %d landmarks", path, landmarksSuffix, n, len(f), landmark.Count)
		}
	}
	return &c, nil
}

// knownFace is a face whose landmarks need no looking for; in units of the first picture that is asked about, and
// not looked for again in a crop of it.
type knownFace struct{ sample landmark.Sample }

func (k *knownFace) Faces(*image.RGBA) ([]landmark.Sample, error) {
	one := k.sample
	k.sample = landmark.Sample{}
	if one.Score == 0 {
		return nil, nil
	}
	return []landmark.Sample{one}, nil
}

// followClip tells of the face in every frame that wanted wants; known, where there is one, in place of the tracker.
// view and the sample are valid until tell returns.
func followClip(ctx context.Context, v *face.Networks, path string, wanted func(n int, info clip.Info) bool, known *clipLandmarks,
	tell func(n int, view *image.RGBA, one *landmark.Sample) error,
) (err error) {
	r, err := clip.Open(ctx, path)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, r)
	t, err := v.Tracker()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, t)
	view := r.NewFrame()
	var one landmark.Sample
	for n := 0; ; n++ {
		if err := r.Read(view); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if !wanted(n, r.Info) {
			continue
		}
		if known != nil {
			known.at(n, &one)
		} else if err := t.Track(face.FromRGBA(view), &one); err != nil {
			return err
		}
		if err := tell(n, view, &one); err != nil {
			return err
		}
	}
}

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
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // a folder like any other
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	bar := newBar(a.err, "tracking")
	defer bar.done()
	for i, path := range clips {
		bar.fraction(float64(i)/float64(len(clips)), filepath.Base(path))
		var c clipLandmarks
		every := func(int, clip.Info) bool { return true }
		err := followClip(ctx, o.networks, path, every, nil, func(_ int, _ *image.RGBA, one *landmark.Sample) error {
			c.Frames = append(c.Frames, numbers(one))
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, filepath.Base(path)+landmarksSuffix), b, 0o644); err != nil { //nolint:gosec // nothing secret
			return err
		}
	}
	bar.fraction(1, "")
	return nil
}

// numbers is a sample as a clip's file has it.
func numbers(one *landmark.Sample) []float32 {
	if one.Lost() {
		return nil
	}
	f := make([]float32, 0, 3*landmark.Count)
	for _, p := range one.Points {
		f = append(f, p.X, p.Y, p.Z)
	}
	return f
}
