package teach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/tuning"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
)

// tunable tells whether the learned layer can be tuned to these pictures: only what was taken before one camera in one light says how the
// mouth of the shown picture looks in others.
func (c *contact) tunable() bool {
	o := c.options
	return o.Model != nil && o.Base == nil && !c.loose
}

// words are the pictures with an open mouth, but for the one that is shown: further views, which are those of from in their order, and
// such that are no part of the persona.
func (c *contact) words(from []int, built map[int]*persona.Persona) []int {
	var views, others []int
	for i := c.held; i < len(c.seen); i++ {
		switch s := &c.seen[i]; {
		case s.code != "" || !tuning.Opened(&s.sample):
		case slices.Contains(from, i):
			views = append(views, i)
		case built[i] == nil:
			others = append(others, i)
		}
	}
	return tuning.Choose(views, others)
}

// tune fits the learned layer of p, whose further views are those of from, to all pictures with an open mouth, and keeps what came of it
// in p where that is better.
func (c *contact) tune(ctx context.Context, a album, p *persona.Persona, from []int, built map[int]*persona.Persona) (out *persona.Persona, err error) {
	o := c.options
	words := c.words(from, built)
	if len(words) < tuning.LeastFrames {
		o.tuned(&tuning.Result{Frames: len(words), Why: tuning.TooFew})
		return p, nil
	}
	within := ctx
	if end, ok := ctx.Deadline(); ok { // the persona is not lost because tuning takes too long
		var cancel context.CancelFunc
		within, cancel = context.WithDeadlineCause(ctx, end.Add(-keeping), errNoTime)
		defer cancel()
	}
	r, err := c.fitted(within, a, p, from, words)
	switch {
	case errors.Is(err, portrait.ErrNoTuning):
		return p, nil
	case err != nil && ctx.Err() == nil && errors.Is(context.Cause(within), errNoTime):
		r = &tuning.Result{Frames: len(words), Why: errNoTime.Error()}
	case err != nil:
		return nil, err
	}
	o.tuned(r)
	return o.Model.KeepTuned(p, r.Look), nil
}

// keeping is how much of the time that a persona may take is left for keeping it.
const keeping = 20 * time.Second

var errNoTime = errors.New("there was not enough time")

// fitted adds the pictures of words, and fits to them.
func (c *contact) fitted(ctx context.Context, a album, p *persona.Persona, from, words []int) (r *tuning.Result, err error) {
	o := c.options
	var film *tuning.Film
	err = o.turn(ctx, func() (err error) { film, err = tuning.Open(p, o.Model, o.Who); return err })
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, film)
	report := func(done float64) { o.Progress(making+(1-making)*done, "Learning how this mouth looks") }
	number := make([]int, len(words))
	for k, i := range words {
		number[k] = i - c.held
	}
	at := 0
	err = a.fetch(ctx, number, func(n int, picture *picked) error {
		at++
		report(gathering * float64(at) / float64(len(words)))
		n += c.held
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return film.Add(picture.image, &c.seen[n].sample, slices.Index(from, n)) // None where it is no view
	})
	if err != nil {
		return nil, err
	}
	return film.Fit(ctx, tuning.Options{Turn: o.Turn, Progress: func(done float64) { report(gathering + (1-gathering)*done) }})
}

func (o *Options) tuned(r *tuning.Result) {
	if o.Tuned != nil {
		o.Tuned(r)
	}
}

// gathering is the share of the tuning that reading its pictures takes.
const gathering = 0.4

// Said is what came of tuning, in a sentence.
func Said(r *tuning.Result) string {
	if r.Look == nil {
		return "the mouth is not tuned to this person: " + r.Why
	}
	return fmt.Sprintf("the mouth is tuned to this person: in %d frames that were kept out its inside is %.0f %% nearer to the truth", r.Kept, 100*(1-r.After/r.Before))
}
