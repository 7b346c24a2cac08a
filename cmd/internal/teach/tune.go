package teach

import (
	"context"
	"errors"
	"fmt"

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

// spare are the pictures with an open mouth that are not part of the persona, tuning.MostFrames at most, all over the film.
func (c *contact) spare(taken map[int]*persona.Persona) (numbers []int) {
	for i := c.held; i < len(c.seen); i++ {
		if s := &c.seen[i]; s.code == "" && taken[i] == nil && tuning.Opened(&s.sample) {
			numbers = append(numbers, i)
		}
	}
	return tuning.Spread(numbers)
}

// tune fits the learned layer of p to the pictures that are not part of it, and keeps what came of it in p where that is better.
func (c *contact) tune(ctx context.Context, a album, p *persona.Persona, built map[int]*persona.Persona) (out *persona.Persona, err error) {
	o := c.options
	spare := c.spare(built)
	if len(spare) < tuning.LeastFrames {
		o.tuned(&tuning.Result{Frames: len(spare), Why: tuning.TooFew})
		return p, nil
	}
	var film *tuning.Film
	err = o.turn(ctx, func() (err error) { film, err = tuning.Open(p, o.Model, o.Who); return err })
	if errors.Is(err, portrait.ErrNoTuning) {
		return p, nil
	} else if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, film)
	report := func(done float64) { o.Progress(making+(1-making)*done, "Learning how this mouth looks") }
	number := make([]int, len(spare))
	for k, i := range spare {
		number[k] = i - c.held
	}
	at := 0
	err = a.fetch(ctx, number, func(n int, picture *picked) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		at++
		report(gathering * float64(at) / float64(len(spare)))
		return film.Add(picture.image, &c.seen[n+c.held].sample)
	})
	if err != nil {
		return nil, err
	}
	r, err := film.Fit(ctx, tuning.Options{Turn: o.Turn, Progress: func(done float64) { report(gathering + (1-gathering)*done) }})
	if err != nil {
		return nil, err
	}
	o.tuned(r)
	return o.Model.KeepTuned(p, r.Look), nil
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
