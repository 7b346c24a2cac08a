// Package alone runs one session without a server and without a browser: a clip or a performance moves a portrait in real
// time, and an exit carries it out.
package alone

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
)

// Options say who moves what. Networks and Persona are the caller's.
type Options struct {
	Networks *face.Networks
	Persona  *persona.Persona
	Engine   *engine.Options // its Pipeline is that of the session
	Driver   string          // a clip, or sample:NAME
	Repeat   bool            // from the start when the driver is through; otherwise that ends the session
	Length   time.Duration   // ends the session; 0: it has no end of its own
	Chosen   func(string)    // hears once what draws, for people; nil: nobody
	Log      *slog.Logger
}

// Run lets exit carry the session until ctx ends, its length is over, the driver is through or the exit gives up. Only the
// last is an error, and what kept the session from beginning.
func Run(ctx context.Context, o *Options, exit pipeline.Exit) (err error) {
	src, err := driver.Open(ctx, o.Networks, o.Driver)
	if err != nil {
		return err
	}
	d := &player{o: o, src: src}
	defer cleanup.Close(&err, d)
	e, err := engine.Choose(ctx, o.Networks, o.Persona, o.Engine)
	if e != nil {
		defer cleanup.Close(&err, e)
	}
	if err != nil {
		return err
	}
	if o.Chosen != nil {
		o.Chosen(e.String())
	}
	cache := compositor.NewCache(o.Engine.Mesh, e.Model, nil)
	defer cache.Close()
	sub, err := cache.Open(ctx, o.Persona)
	if err != nil {
		return err
	}
	cfg := o.Engine.Pipeline
	loop := pipeline.NewLoop(cfg, compositor.NewParallel(e.Model, compositor.Helpers()), encode.New(cfg), o.Log)
	drawing, stopDrawing := context.WithCancel(context.WithoutCancel(ctx)) // the exit may want the end of its film
	var running sync.WaitGroup
	defer running.Wait()
	defer stopDrawing()
	running.Go(func() { loop.Run(drawing) })
	s, err := loop.Open(sub, drive.New(sub.Rest(), drive.DefaultOptions(), rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), nil))
	if err != nil {
		return err
	}
	defer s.Close()
	return d.carry(ctx, s, exit)
}

// carry drives the session while the exit runs.
func (p *player) carry(ctx context.Context, s *pipeline.Session, exit pipeline.Exit) error {
	driving, stop := context.WithCancel(ctx)
	if p.o.Length > 0 {
		driving, stop = context.WithTimeout(ctx, p.o.Length)
	}
	defer stop()
	through := make(chan error, 1)
	go func() {
		defer stop()
		through <- p.play(driving, s.Mailbox())
	}()
	err := exit.Run(driving, s)
	stop()
	return errors.Join(err, <-through)
}
