package driver

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Recording is a clip tracked once, to move many portraits.
type Recording struct {
	Name     string
	Rate     [2]int // frames a second, a fraction
	Samples  []landmark.Sample
	Features []motion.Features   // of the samples
	Picks    map[int]string      // frames that sheets show, with their labels; empty without sheets
	Views    map[int]*image.RGBA // small pictures of those
}

// ViewEdge is the edge of a recording's Views, in pixels.
const ViewEdge = 256

// Record tracks a clip, or its first limit frames where limit is not 0.
func Record(ctx context.Context, v *face.Networks, path string, limit int) (r *Recording, err error) {
	p, err := Open(ctx, v, path)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, p)
	r = &Recording{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	about := p.About()
	r.Rate = [2]int{about.RateNum, about.RateDen}
	fitter := motion.NewFitter()
	for limit == 0 || len(r.Samples) < limit {
		var s landmark.Sample
		if err := p.Next(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		r.Samples = append(r.Samples, s)
		r.Features = append(r.Features, fitter.Measure(&s.Points))
	}
	return r, nil
}

// KeepViews picks the frames worth a look and reads the clip a second time for their pictures, so that the others are
// never held.
func (r *Recording) KeepViews(ctx context.Context, path string) (err error) {
	r.Picks, r.Views = pickFrames(r), map[int]*image.RGBA{}
	film, err := clip.Open(ctx, path)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, film)
	whole := film.NewFrame()
	for i := 0; len(r.Views) < len(r.Picks); i++ {
		if err := film.Read(whole); err != nil {
			return fmt.Errorf("reading frame %d of %s again: %w", i, path, err)
		}
		if _, ok := r.Picks[i]; ok {
			r.Views[i] = image.NewRGBA(image.Rect(0, 0, ViewEdge, ViewEdge))
			imaging.Fit(r.Views[i], whole)
		}
	}
	return nil
}

// pickFrames chooses the frames of a clip that are worth a look: the extremes of every motion.
func pickFrames(d *Recording) map[int]string {
	picks := map[int]string{}
	best := func(label string, score func(*motion.Features) float64) {
		at, most := -1, 0.0
		for i := range d.Features {
			if d.Samples[i].Lost() {
				continue
			}
			if v := score(&d.Features[i]); at < 0 || v > most {
				at, most = i, v
			}
		}
		if at >= 0 {
			picks[at] = label
		}
	}
	best("open mouth", func(f *motion.Features) float64 { return f.MouthOpen })
	best("closed eyes", func(f *motion.Features) float64 { return -f.EyeOpen[0] - f.EyeOpen[1] })
	best("wide mouth", func(f *motion.Features) float64 { return f.MouthWidth - 0.1*f.MouthOpen })
	best("yaw right", func(f *motion.Features) float64 { return f.Yaw })
	best("yaw left", func(f *motion.Features) float64 { return -f.Yaw })
	best("down", func(f *motion.Features) float64 { return f.Pitch })
	best("up", func(f *motion.Features) float64 { return -f.Pitch })
	return picks
}
