package driver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// LandmarksSuffix ends the name of the file beside a clip.
const LandmarksSuffix = ".landmarks.json"

// Landmarks is the content of a file beside a clip: x, y, z of landmark.Count points for every frame, as package landmark has
// them; null where there is no face.
type Landmarks struct {
	Frames [][]float32 `json:"frames"`
}

// at fills one with the landmarks of frame n.
func (c *Landmarks) at(n int, one *landmark.Sample) {
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

// ReadLandmarks returns what lies beside a clip, nil where there is nothing.
func ReadLandmarks(path string) (*Landmarks, error) {
	b, err := os.ReadFile(path + LandmarksSuffix) //nolint:gosec // beside the caller's clip
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // most clips have none
	} else if err != nil {
		return nil, err
	}
	var c Landmarks
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%s%s is no list of landmarks: %w", path, LandmarksSuffix, err)
	}
	for n, f := range c.Frames {
		if f != nil && len(f) != 3*landmark.Count {
			return nil, fmt.Errorf("%s%s, frame %d: %d numbers instead of 3 for each of %d landmarks", path, LandmarksSuffix, n, len(f), landmark.Count)
		}
	}
	return &c, nil
}

// Frame is a picture of a clip with the face in it. View and Sample are valid until the next one.
type Frame struct {
	Number int
	View   *image.RGBA
	Sample *landmark.Sample
}

// Follow reads a clip and follows its face; known landmarks, where there are any, take the place of the tracker. Of the
// clip's frames, whose number step is told (an estimate, 0 if unknown), only every step-th comes; nil: all.
func Follow(ctx context.Context, n *face.Networks, path string, known *Landmarks, step func(frames int) int) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		left := false // the reader has heard enough, also of errors
		err := follow(ctx, n, path, known, step, func(f Frame) bool {
			left = !yield(f, nil)
			return !left
		})
		if err != nil && !left {
			yield(Frame{}, err)
		}
	}
}

// follow does Follow's work; it ends early where yield says so.
func follow(ctx context.Context, n *face.Networks, path string, known *Landmarks, step func(frames int) int,
	yield func(Frame) bool,
) (err error) {
	r, err := clip.Open(ctx, path)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, r)
	t, err := n.Tracker()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, t)
	every := 1
	if step != nil {
		every = step(r.Info.Frames)
	}
	f := Frame{View: r.NewFrame(), Sample: &landmark.Sample{}}
	for ; ; f.Number++ {
		if err := r.Read(f.View); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if f.Number%every != 0 {
			continue
		}
		if known != nil {
			known.at(f.Number, f.Sample)
		} else if err := t.Track(face.FromRGBA(f.View), f.Sample); err != nil {
			return err
		}
		if !yield(f) {
			return nil
		}
	}
}

// WriteLandmarks tracks the face in every frame of a clip and keeps what the tracker sees in the file at out.
func WriteLandmarks(ctx context.Context, n *face.Networks, path, out string) error {
	var c Landmarks
	for f, err := range Follow(ctx, n, path, nil, nil) {
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		c.Frames = append(c.Frames, numbers(f.Sample))
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(out, b, 0o644) //nolint:gosec // nothing secret
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
