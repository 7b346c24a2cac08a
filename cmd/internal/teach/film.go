package teach

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"slices"

	"golang.org/x/image/draw"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/clip"
)

// Film makes a persona of the frames of a film. Frames that do not help are left out and said; it may have cuts.
func Film(ctx context.Context, n *face.Networks, path string, o *Options) (*persona.Persona, error) {
	return assemble(ctx, &film{networks: n, path: path}, o)
}

// mostFrames is how many frames of a film are looked at, about.
const mostFrames = 300

// film is an album of a film's frames.
type film struct {
	networks *face.Networks
	path     string
	rate     float64
	frames   []int // the number of each that was shown
}

func (a *film) look(ctx context.Context, o *Options, see seer) error {
	info, err := clip.Probe(ctx, a.path)
	if err != nil {
		return err
	}
	a.rate = info.FPS()
	total, every := 0, 1
	step := func(frames int) int {
		total, every = frames, max(1, (frames+mostFrames-1)/mostFrames)
		return every
	}
	for f, err := range driver.Follow(ctx, a.networks, a.path, nil, step) {
		if err != nil {
			return err
		}
		o.Progress(seeing*float64(f.Number)/float64(max(total, 1)), "Looking at "+filepath.Base(a.path))
		if f.Sample.Lost() || len(a.frames) >= 2*mostFrames { // what a film says of its length may be wrong
			continue
		}
		a.frames = append(a.frames, f.Number)
		if err := see(f.Number, fmt.Sprintf("the frame at %.1f s", float64(f.Number)/max(a.rate, 1)), f.View, f.Sample); err != nil {
			return err
		}
	}
	return nil
}

func (a *film) fetch(ctx context.Context, numbers []int, take func(int, *picked) error) (err error) {
	r, err := clip.Open(ctx, a.path)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, r)
	wanted := map[int]int{}
	for _, n := range numbers {
		wanted[a.frames[n]] = n
	}
	last := a.frames[slices.Max(numbers)]
	view := r.NewFrame()
	for k := 0; k <= last; k++ {
		if err := r.Read(view); errors.Is(err, io.EOF) {
			return fmt.Errorf("%s ended earlier when it was read again", a.path)
		} else if err != nil {
			return err
		}
		n, ok := wanted[k]
		if !ok {
			continue
		}
		img := image.NewRGBA(image.Rect(0, 0, view.Rect.Dx(), view.Rect.Dy())) // the persona keeps it
		draw.Copy(img, image.Point{}, view, view.Rect, draw.Src, nil)
		if err := take(n, &picked{image: img, source: filepath.Base(a.path)}); err != nil {
			return err
		}
	}
	return nil
}

func (a *film) loose() bool { return false }

func (a *film) beside(int) bool { return false }
