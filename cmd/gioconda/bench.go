package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/bench"
	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/exits"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
)

type benchFlags struct {
	sessions, viewers      int
	size, workers, fps     int
	seconds                float64
	codec, exit            string
	generator              generatorFlags
	batch, batches, search bool
	json                   bool
	cpuProfile, csv        string
	against, persona       string
	rounds                 int
}

func (a *app) benchCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure every stage, from the landmark datagram to the last RTP packet",
		Long: `Run sessions as serve does, each driven by a performance at the configured frame rate, and
print what every stage took. Frames are compressed and packed into RTP; the packets go nowhere.

"generate" is both layers, "geometric" and "learned" its two parts.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.against != "" {
				return a.benchAgainst(cmd, &f)
			}
			return a.bench(cmd.Context(), &f)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.persona, "persona", "", "draw the persona in `FILE` (default: the Mona Lisa)")
	fl.IntVar(&f.sessions, "sessions", 1, "sessions at once")
	fl.IntVar(&f.viewers, "viewers", 1, "viewers of each session, who share one rendition")
	fl.StringVar(&f.exit, "exit", "", "let the first session go out to `URL` too: file:PATH.webm keeps what a viewer gets")
	fl.IntVar(&f.size, "size", 0, "edge of the picture in pixels (pipeline.size)")
	fl.IntVar(&f.fps, "fps", 0, "pictures and samples a second, of every session (pipeline.fps)")
	fl.IntVar(&f.workers, "workers", 0, "cores that draw one picture (pipeline.workers)")
	fl.Float64Var(&f.seconds, "seconds", 10, "how long to measure")
	fl.StringVar(&f.codec, "codec", rtc.CodecVP8, "vp8 or h264")
	f.generator.add(cmd, "")
	fl.BoolVar(&f.batch, "batch", false, "let all sessions send at the same moment, so that they are drawn as one batch")
	fl.BoolVar(&f.batches, "batches", false, "instead: the learned layer alone, each batch size that is prepared")
	fl.BoolVar(&f.search, "search-sessions", false, "instead: how many sessions hold the frame rate, 99 % of their frames\nfrom datagram to packet within the time of one frame")
	fl.StringVar(&f.csv, "csv", "", "write a line for each measured frame to `FILE`: when each stage ended, and its bytes")
	fl.StringVar(&f.cpuProfile, "cpuprofile", "", "write where processor time went to `FILE`, for go tool pprof")
	fl.StringVar(&f.against, "against", "", "instead: run this program and another build of it, `BINARY`, in turn with the same flags,\nand print the ratios")
	fl.IntVar(&f.rounds, "rounds", 3, "pairs of runs of --against")
	cmd.MarkFlagsMutuallyExclusive("batches", "search-sessions", "csv")
	cmd.MarkFlagsMutuallyExclusive("batches", "against")
	fl.BoolVar(&f.json, "json", false, "print JSON instead of a table")
	return cmd
}

func (a *app) bench(ctx context.Context, f *benchFlags) (err error) {
	if err = f.generator.apply(a); err != nil {
		return err
	}
	cfg := &a.cfg.Pipeline
	if f.size != 0 {
		cfg.Size = f.size
	}
	if f.workers != 0 {
		cfg.Workers = f.workers
	}
	if f.fps != 0 {
		cfg.FPS = f.fps
		cfg.MostFPS = max(cfg.MostFPS, min(cfg.FPS, 60))
	}
	if err = cfg.Validate(); err != nil {
		return err
	}
	if f.sessions < 1 || f.sessions > bench.MostSessions {
		return fmt.Errorf("--sessions %d: use 1 to %d", f.sessions, bench.MostSessions)
	}
	if f.viewers < 1 || f.viewers > pipeline.MaxViewers {
		return fmt.Errorf("--viewers %d: use 1 to %d", f.viewers, pipeline.MaxViewers)
	}
	if f.seconds < 1 || f.seconds > 3600 {
		return fmt.Errorf("--seconds %v: use 1 to 3600", f.seconds)
	}
	if f.codec != rtc.CodecVP8 && f.codec != rtc.CodecH264 {
		return fmt.Errorf("--codec %q: use %s or %s", f.codec, rtc.CodecVP8, rtc.CodecH264)
	}
	b, err := a.openBench(ctx, f.persona)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, b)
	o := &bench.Options{Sessions: f.sessions, Viewers: f.viewers, Seconds: f.seconds, Codec: f.codec, Together: f.batch}
	if f.exit != "" {
		if o.Exit, err = exits.Open(f.exit, exits.Options{Log: a.log}); err != nil {
			return err
		}
	}
	if f.cpuProfile != "" {
		stop, failed := profile(f.cpuProfile)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	if f.csv != "" {
		file, failed := os.Create(f.csv)
		if failed != nil {
			return failed
		}
		defer cleanup.Close(&err, file)
		o.CSV = file
	}
	var r printer
	switch {
	case f.batches:
		r, err = b.Batches(ctx, o)
	case f.search:
		r, err = b.Search(ctx, o)
	default:
		r, err = b.Run(ctx, o)
	}
	if err != nil {
		return err
	}
	return a.report(r, f.json)
}

// openedBench is a bench and what it works with.
type openedBench struct {
	bench.Bench
	opened *opened
}

// openBench opens a persona, "" for the default one, and the generator that the configuration names, or chooses.
func (a *app) openBench(ctx context.Context, path string) (_ *openedBench, err error) {
	o, err := a.open()
	if err != nil {
		return nil, err
	}
	b := &openedBench{opened: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	b.Pipeline, b.Mesh, b.Log, b.Version = a.cfg.Pipeline, a.meshOptions(), a.log, version
	if path != "" {
		b.Persona, err = persona.Load(path)
	} else {
		b.Persona, err = o.maker.MonaLisa(ctx)
	}
	if err != nil {
		return nil, err
	}
	if b.Engine, err = engine.Choose(ctx, o.networks, b.Persona, a.engineOptions()); err != nil {
		return nil, err
	}
	b.Open()
	return b, nil
}

// Close frees what was opened.
func (b *openedBench) Close() error {
	b.Bench.Close()
	var err error
	if b.Engine != nil {
		err = b.Engine.Close()
	}
	return errors.Join(err, b.opened.Close())
}
