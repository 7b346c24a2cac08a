package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

const judged = 32 // frames of a film's second half that are measured, in pairs of neighbours

// variant is a persona that FewShot tries: of so many pictures, and tuned to the film's first half or not.
type variant struct {
	pictures int
	tuned    bool
}

func variants() []variant {
	return []variant{{pictures: 1}, {pictures: 4}, {pictures: 8}, {8, true}, {pictures: 32}}
}

// mostPictures is that of the variants.
const mostPictures = 32

// FewShot measures how much better people are served when the persona knows more pictures of them: those are taken from the first
// half of each of their films, and judged on the second. sheets is a folder for pictures to look at, or "".
func FewShot(ctx context.Context, o *Options, sheets string) (_ *Few, err error) {
	scenes, err := dataset.FindScenes(o.Footage)
	if err == nil {
		err = dataset.Missing(o.People, scenes)
	}
	if err == nil {
		scenes = slices.DeleteFunc(scenes, func(s *dataset.Scene) bool { return s.Still })
		scenes, err = o.unseen(scenes)
	}
	if err != nil {
		return nil, err
	}
	like, err := quality.OpenLikeness(ctx, o.Footage.Networks, o.NPM)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, like)
	footage := *o.Footage
	footage.Size = quality.Edge
	f := &fewShot{
		Options: o, like: like, sampler: dataset.NewSampler(&footage, nil), finder: newAreaFinder(quality.Edge),
		similarity: newSimilarity(quality.Edge), sheets: sheets,
		report: &Few{Generator: o.Generator, Size: quality.Edge, LeftOut: []string{}},
	}
	for i, s := range scenes {
		o.Footage.Progress(float64(i)/float64(len(scenes)), s.Name)
		err := f.film(ctx, s)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errMeasuring):
			return nil, err
		case err != nil:
			text := fmt.Sprintf("%s: %v", s.Name, err)
			o.Footage.Note("left out is " + text)
			f.report.LeftOut = append(f.report.LeftOut, text)
		}
	}
	o.Footage.Progress(1, "")
	if len(f.report.Films) == 0 {
		return nil, fmt.Errorf("nothing could be measured in %s", o.Footage.Train)
	}
	f.report.finish()
	return f.report, nil
}

// fewShot measures film by film.
type fewShot struct {
	*Options
	like       *quality.Likeness
	sampler    *dataset.Sampler
	finder     *areaFinder
	similarity *similarity
	sheets     string
	report     *Few
}

// film measures one film.
func (f *fewShot) film(ctx context.Context, s *dataset.Scene) error {
	shots, err := f.sampler.Shots(ctx, s)
	if err != nil {
		return err
	}
	half := len(shots) / 2
	if half < 6 {
		return fmt.Errorf("only %d of its pictures show a face well", len(shots))
	}
	samples := make([]*landmark.Sample, half)
	for i := range samples {
		samples[i] = &shots[i].Sample
	}
	picks := views.Pick(samples, views.Calmest(samples, nil), mostPictures)
	p, others, err := f.sampler.Several(ctx, s, shots, picks)
	if err != nil {
		return err
	}
	t, err := f.open(p, s)
	if err != nil {
		return fmt.Errorf("%w: %w", errMeasuring, err)
	}
	defer t.render.Close()
	if err := t.tune(ctx, shots[:half], picks[0], others); err != nil {
		return fmt.Errorf("%w: %w", errMeasuring, err)
	}
	for _, i := range judgedOf(shots[half:]) {
		if err := t.judge(&shots[half+i]); err != nil {
			return fmt.Errorf("%w: %w", errMeasuring, err)
		}
	}
	f.report.Films = append(f.report.Films, t.out)
	return t.write(f.sheets)
}

// judgedOf chooses pairs of neighbours all over the film.
func judgedOf(shots []dataset.Shot) (out []int) {
	pairs := min(judged/2, len(shots)/2)
	for k := range pairs {
		i := k * (len(shots) - 1) / pairs
		out = append(out, i, i+1)
	}
	return slices.Compact(out)
}
