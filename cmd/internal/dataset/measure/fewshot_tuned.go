package measure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/dataset"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/cmd/internal/tuning"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// tune fits the learned layer of the persona of the tuned variant's pictures to what else its half of the film shows. Generators that
// cannot be tuned are measured as they are.
// first is the shot that is shown, others are those of all further views.
func (t *trial) tune(ctx context.Context, shots []dataset.Shot, first int, others []int) (err error) {
	begin := time.Now()
	k := slices.IndexFunc(variants(), func(v variant) bool { return v.tuned })
	pictures := variants()[k].pictures
	p := t.of(pictures)
	film, err := tuning.Open(p, t.Model, t.like)
	if errors.Is(err, portrait.ErrNoTuning) {
		return nil
	} else if err != nil {
		return err
	}
	defer cleanup.Close(&err, film)
	others = others[:len(p.Others)]
	var known, rest []int
	for i := range shots {
		switch {
		case i == first || !tuning.Opened(&shots[i].Sample):
		case slices.Contains(others, i):
			known = append(known, i)
		default:
			rest = append(rest, i)
		}
	}
	for _, i := range tuning.Choose(known, rest) {
		if err = film.Add(shots[i].View, &shots[i].Sample, slices.Index(others, i)); err != nil {
			return err
		}
	}
	r, err := film.Fit(ctx, tuning.Options{})
	if err != nil {
		return err
	}
	t.out.Tuning = &tuned{
		Accepted: r.Look != nil, Why: r.Why, Frames: r.Frames, Kept: r.Kept, Steps: r.Steps, Share: r.Share, Alike: r.Alike, Seconds: time.Since(begin).Seconds(),
	}
	if r.Before > 0 {
		t.out.Tuning.Gain = 1 - r.After/r.Before
	}
	if r.Look == nil {
		return nil
	}
	if t.tuned.painter, err = t.Model.NewPainter(r.Look, quality.Edge); err != nil {
		return err
	}
	t.tuned.known, err = t.study(pictures, t.render.Render)
	return err
}

// serveTuned shows what is served of the tuned variant, the k-th: the learned layer over what views add to the geometric one.
func (t *trial) serveTuned(k int) error {
	if err := t.render.Render(t.picture, &t.sit.State); err != nil {
		return err
	}
	if t.tuned.known != nil {
		start := time.Now()
		if err := t.tuned.known.Paint(t.picture, &t.sit.State, 0); err != nil {
			return err
		}
		t.out.Rows[k].millis.Add(time.Since(start).Seconds() * 1000)
	}
	if err := t.tuned.painter.Paint(t.picture, &t.sit.State); err != nil {
		return err
	}
	return t.picture.ToRGBA(t.shown)
}
