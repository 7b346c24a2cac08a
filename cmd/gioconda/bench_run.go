package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
)

// benchSink is the end of the line: RTP packets that go nowhere, and the stamps kept.
type benchSink struct {
	out     *rtc.Output
	session *pipeline.Session

	mu     sync.Mutex
	on     bool
	traces []trace.Frame
}

func (s *benchSink) WriteFrame(f *frame.Encoded) error {
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

func (s *benchSink) record(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = on
}

// bench is what every run needs, opened once.
type bench struct {
	app     *app
	shop    *workshop
	persona *persona.Persona
	layer   *layer
	easel   *easel
}

// openBench opens the default persona and the generator that the configuration names, or chooses.
func (a *app) openBench(ctx context.Context) (b *bench, err error) {
	b = &bench{app: a}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if b.shop, err = a.openWorkshop(); err != nil {
		return b, err
	}
	if b.persona, err = b.shop.portrait(ctx, "", nil); err != nil {
		return b, err
	}
	if b.layer, err = a.openLayer(ctx, b.shop.vision, b.persona); err != nil {
		return b, err
	}
	b.easel = &easel{options: a.meshOptions(), model: b.layer.model}
	return b, nil
}

// Close frees what was opened.
func (b *bench) Close() error {
	var err error
	if b.easel != nil {
		b.easel.Close()
	}
	if b.layer != nil {
		err = b.layer.Close()
	}
	if b.shop != nil {
		err = errors.Join(err, b.shop.Close())
	}
	return err
}

// run runs the sessions and measures them.
func (b *bench) run(ctx context.Context, f *benchFlags) (*benchReport, error) {
	cfg := &b.app.cfg.Pipeline
	loop := pipeline.NewLoop(*cfg, newGenerator(b.layer.model, clock.System{}), clock.System{}, b.app.log)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { loop.Run(ctx) })
	sinks := make([]*benchSink, f.sessions)
	for i := range sinks {
		sub, err := b.easel.sit(b.persona)
		if err != nil {
			return nil, err
		}
		s, err := loop.Open(sub, drive.New(sub.Rest(), drive.DefaultOptions(), rand.New(rand.NewPCG(uint64(i), 1)), nil))
		if err != nil {
			return nil, err
		}
		defer s.Close()
		enc, err := newEncoder(f.codec, cfg)
		if err != nil {
			return nil, err
		}
		sinks[i] = &benchSink{out: rtc.DiscardOutput(f.codec), session: s, traces: make([]trace.Frame, 0, int(f.seconds*float64(cfg.FPS)*2)+100)}
		s.Attach(enc, sinks[i])
		play, err := perform.New("talking")
		if err != nil {
			return nil, err
		}
		phase := time.Duration(i) * time.Second / time.Duration(cfg.FPS*f.sessions)
		if f.batch {
			phase = 0
		}
		running.Go(func() { drivePerformance(ctx, play, s, cfg.FPS, phase) })
	}
	r, err := watchBench(ctx, cfg, f, sinks)
	if err != nil {
		return nil, err
	}
	r.Generator = b.layer.name
	if m := b.layer.model; m != nil {
		r.Device = m.Device().String()
		r.GPU = useOf(ctx, m)
	}
	if g := r.Stages["geometric"]; g.P50 > 0 {
		r.Ratio = r.Stages["learned"].P50 / g.P50
	}
	return r, nil
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

// watchBench lets the sessions run in, measures, and sums up.
func watchBench(ctx context.Context, cfg *pipeline.Config, f *benchFlags, sinks []*benchSink) (*benchReport, error) {
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
	if err := pause(time.Duration(f.seconds * float64(time.Second))); err != nil {
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
	r := &benchReport{
		Version: version, Cores: runtime.NumCPU(), Sessions: f.sessions, Size: cfg.Size, FPS: cfg.FPS, Codec: f.codec,
		Seconds: took.Seconds(), CPU: cpu.Seconds() / took.Seconds(),
		FramesPS: float64(len(all)) / took.Seconds() / float64(f.sessions),
		AllocsPF: float64(m1.Mallocs-m0.Mallocs) / float64(len(all)),
		BytesPF:  float64(m1.TotalAlloc-m0.TotalAlloc) / float64(len(all)),
		Stages:   stagesOf(all), Overwrote: overwritten,
	}
	for i := range all {
		r.Bitrate += float64(all[i].Bytes*8) / took.Seconds() / float64(f.sessions)
	}
	return r, nil
}
