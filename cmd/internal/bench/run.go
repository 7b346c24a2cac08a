// Package bench measures every stage, from the landmark datagram to the last RTP packet.
package bench

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/encode"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
)

// sink is the end of the line: RTP packets that go nowhere, and the stamps kept.
type sink struct {
	out     *rtc.Output
	session *pipeline.Session

	mu     sync.Mutex
	on     bool
	traces []trace.Frame
}

func (s *sink) WriteFrame(f *frame.Encoded) error {
	if err := s.out.WriteFrame(f); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on && len(s.traces) < cap(s.traces) {
		s.traces = append(s.traces, f.Trace)
	}
	return nil
}

func (s *sink) record(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = on
}

// Options say what one run measures.
type Options struct {
	Sessions int     // at once, 1 to MostSessions
	Viewers  int     // of each session, 1 to pipeline.MaxViewers; they share one rendition
	Seconds  float64 // measured, after three seconds that are not
	Codec    string
	Exit     pipeline.Exit // the first session goes out there too; nil: nowhere
	CSV      io.Writer     // gets a line for each frame, see writeCSV; nil: nothing
	Together bool          // all sessions send at the same moment, so that they are drawn as one batch
}

// Bench is what every run needs. Persona and Engine are the caller's.
type Bench struct {
	Persona  *persona.Persona
	Engine   *engine.Engine
	Pipeline pipeline.Config
	Mesh     mesh.Options
	Log      *slog.Logger
	Version  string

	cache *compositor.Cache
}

// Open makes b ready for runs. The caller closes it before the engine.
func (b *Bench) Open() { b.cache = compositor.NewCache(b.Mesh, b.Engine.Model, nil) }

// Close frees what Open made.
func (b *Bench) Close() {
	if b.cache != nil {
		b.cache.Close()
	}
}

// Run runs the sessions and measures them.
func (b *Bench) Run(ctx context.Context, o *Options) (*Report, error) {
	cfg := &b.Pipeline
	loop := pipeline.NewLoop(*cfg, compositor.NewParallel(b.Engine.Model, compositor.Helpers()), encode.New(*cfg), b.Log)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { loop.Run(ctx) })
	sinks := make([]*sink, o.Sessions)
	exited := make(chan error, 1)
	for i := range sinks {
		sub, err := b.cache.Open(ctx, b.Persona)
		if err != nil {
			return nil, err
		}
		s, err := loop.Open(sub, drive.New(sub.Rest(), drive.DefaultOptions(), rand.New(rand.NewPCG(uint64(i), 1)), nil))
		if err != nil {
			return nil, err
		}
		defer s.Close()
		sinks[i] = &sink{out: rtc.DiscardOutput(o.Codec), session: s, traces: make([]trace.Frame, 0, int(o.Seconds*float64(cfg.FPS)*2)+100)}
		if err = watchBy(s, o, sinks[i]); err != nil {
			return nil, err
		}
		if o.Exit != nil && i == 0 {
			running.Go(func() { exited <- o.Exit.Run(ctx, s) })
		}
		play, err := perform.New("talking")
		if err != nil {
			return nil, err
		}
		phase := time.Duration(i) * time.Second / time.Duration(cfg.FPS*o.Sessions)
		if o.Together {
			phase = 0
		}
		running.Go(func() { drivePerformance(ctx, play, s, cfg.FPS, phase) })
	}
	r, err := watch(ctx, cfg, o, sinks)
	if err == nil && o.Exit != nil {
		cancel()
		err = <-exited
	}
	if err != nil {
		return nil, err
	}
	if o.CSV != nil {
		if err := writeCSV(o.CSV, sinks); err != nil {
			return nil, err
		}
	}
	r.Version, r.Generator = b.Version, b.Engine.Name
	if m := b.Engine.Model; m != nil {
		r.Device = m.Device().String()
		r.GPU = engine.UseOf(ctx, m)
	}
	if g := r.Stages["geometric"]; g.P50 > 0 {
		r.Ratio = r.Stages["learned"].P50 / g.P50
	}
	return r, nil
}

// watchBy has a session watched by all its viewers. The stamps of the last are kept, to whom each frame comes last.
func watchBy(s *pipeline.Session, o *Options, last *sink) error {
	for n := range o.Viewers {
		var to pipeline.Sink = last
		if n < o.Viewers-1 {
			to = rtc.DiscardOutput(o.Codec)
		}
		if _, err := s.View(pipeline.Rendition{Codec: o.Codec}, to); err != nil {
			return err
		}
	}
	return nil
}

// drivePerformance sends a performance's datagrams at the frame rate until ctx ends, as a browser would.
func drivePerformance(ctx context.Context, play *perform.Performance, s *pipeline.Session, fps int, phase time.Duration) {
	codec := landmark.NewCodec()
	wire := make([]byte, landmark.MaxWireSize)
	var smp landmark.Sample
	var a landmark.Arrival
	start := time.Now().Add(phase)
	tick := time.NewTimer(0)
	defer tick.Stop()
	for i := 0; ; i++ {
		at := time.Duration(i) * time.Second / time.Duration(fps)
		play.At(at, &smp)
		smp.Seq, smp.CaptureMicros = uint32(i+1), uint64(at.Microseconds()+1)
		n, err := codec.Encode(wire, &smp)
		if err != nil {
			continue
		}
		tick.Reset(time.Until(start.Add(at)))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		a.Received = time.Now()
		if codec.Decode(&a.Sample, wire[:n]) == nil {
			s.Mailbox().Put(&a)
		}
	}
}

// watch lets the sessions run in, measures, and sums up.
func watch(ctx context.Context, cfg *pipeline.Config, o *Options, sinks []*sink) (*Report, error) {
	pause := func(d time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
	if err := pause(3 * time.Second); err != nil {
		return nil, err
	}
	var m0, m1 runtime.MemStats
	runtime.ReadMemStats(&m0)
	cpu0, t0 := cpuTime(), time.Now()
	for _, s := range sinks {
		s.record(true)
	}
	if err := pause(time.Duration(o.Seconds * float64(time.Second))); err != nil {
		return nil, err
	}
	for _, s := range sinks {
		s.record(false)
	}
	cpu, took := cpuTime()-cpu0, time.Since(t0)
	runtime.ReadMemStats(&m1)
	var all []trace.Frame
	var overwritten uint64
	for _, s := range sinks {
		all = append(all, s.traces...)
		overwritten += s.session.Counts().Overwritten
	}
	if len(all) == 0 {
		return nil, errors.New("bench: not one frame came out")
	}
	r := &Report{
		Cores: runtime.NumCPU(), Sessions: o.Sessions, Viewers: o.Viewers, Size: cfg.Size, FPS: cfg.FPS, Codec: o.Codec,
		Seconds: took.Seconds(), CPU: cpu.Seconds() / took.Seconds(),
		FramesPS: float64(len(all)) / took.Seconds() / float64(o.Sessions),
		AllocsPF: float64(m1.Mallocs-m0.Mallocs) / float64(len(all)),
		BytesPF:  float64(m1.TotalAlloc-m0.TotalAlloc) / float64(len(all)),
		Stages:   stagesOf(all), First: stagesOf(sinks[0].traces)["total"], Overwrote: overwritten,
	}
	for i := range all {
		r.Bitrate += float64(all[i].Bytes*8) / took.Seconds() / float64(o.Sessions)
	}
	return r, nil
}
