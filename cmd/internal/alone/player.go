package alone

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// player gives a driver's samples at the rate of the film that they come from.
type player struct {
	o   *Options
	src driver.Source // nil while there is none
}

// Close closes the film.
func (p *player) Close() error {
	if p.src == nil {
		return nil
	}
	return p.src.Close()
}

// play puts samples into the mailbox, over their wire form as a browser's, until ctx ends or the film is through.
func (p *player) play(ctx context.Context, to *latest.Slot[landmark.Arrival]) error {
	var smp landmark.Sample
	mail := driver.NewMail(to)
	about := p.src.About()
	step := time.Duration(int64(about.RateDen) * int64(time.Second) / int64(about.RateNum))
	tick := time.NewTimer(0)
	defer tick.Stop()
	due := time.Now()
	for {
		if err := p.next(ctx, &smp); err != nil {
			if ctx.Err() != nil || errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		tick.Reset(time.Until(due))
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := mail.Put(&smp, due, time.Time{}); err != nil {
			return err
		}
		if due = due.Add(step); time.Since(due) > step { // following the face takes longer than the film: go on from here
			due = time.Now()
		}
	}
}

// next reads the next sample, from the start again where that is wanted; io.EOF at the end.
func (p *player) next(ctx context.Context, s *landmark.Sample) error {
	err := p.src.Next(s)
	if !p.o.Repeat || !errors.Is(err, io.EOF) {
		return err
	}
	err = p.src.Close()
	p.src = nil
	if err != nil {
		return err
	}
	src, err := driver.Open(ctx, p.o.Networks, p.o.Driver)
	if err != nil {
		return err
	}
	p.src = src
	return p.src.Next(s)
}
