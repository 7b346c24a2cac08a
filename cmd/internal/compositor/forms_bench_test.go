package compositor

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/meshtest"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// counting is a sink that counts.
type counting struct{ frames atomic.Int64 }

func (c *counting) WriteFrame(*frame.Encoded) error { c.frames.Add(1); return nil }

// cpuTime is what the process has used so far, of all cores.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkForms is a session of the Mona Lisa at 512 with one viewer of each of some forms, VP8, drawn and compressed as live:
// CPU time of all cores for each picture. An iteration is a picture.
func BenchmarkForms(b *testing.B) {
	square, alpha, wide := pipeline.Form{}, pipeline.Form{Alpha: true}, pipeline.Form{Wide: true}
	for _, c := range []struct {
		name  string
		forms []pipeline.Form
	}{
		{"square", []pipeline.Form{square}},
		{"alpha", []pipeline.Form{alpha}},
		{"wide", []pipeline.Form{wide}},
		{"square+alpha", []pipeline.Form{square, alpha}},
		{"square+wide", []pipeline.Form{square, wide}},
		{"all", []pipeline.Form{square, alpha, wide}},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkForms(b, c.forms) })
	}
}

func benchmarkForms(b *testing.B, forms []pipeline.Form) {
	cfg := pipeline.DefaultConfig()
	cache := NewCache(mesh.Options{Size: cfg.Size}, nil, nil)
	defer cache.Close()
	sub, err := cache.Open(b.Context(), meshtest.MonaLisa(b))
	if err != nil {
		b.Fatal(err)
	}
	loop := pipeline.NewLoop(cfg, Geometric{}, encode.New(cfg), slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { loop.Run(ctx) })
	s, err := loop.Open(sub, drive.New(sub.Rest(), drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var last *counting
	for _, f := range forms {
		last = &counting{}
		if _, err := s.View(pipeline.Rendition{Codec: pipeline.VP8, Form: f}, last); err != nil {
			b.Fatal(err)
		}
	}
	for last.frames.Load() == 0 { // until its sides are made
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(500 * time.Millisecond) // the first keyframes are over
	before, drawn := cpuTime(b), s.Counts().Generated
	b.ResetTimer()
	for s.Counts().Generated < drawn+uint64(b.N) {
		time.Sleep(10 * time.Millisecond)
	}
	b.StopTimer()
	n := s.Counts().Generated - drawn
	b.ReportMetric((cpuTime(b)-before).Seconds()*1000/float64(n), "cpu-ms/frame")
	b.ReportMetric(float64(s.Counts().Skipped), "skipped")
}
