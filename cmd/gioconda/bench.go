package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
)

type benchFlags struct {
	sessions, size, workers int
	seconds                 float64
	codec                   string
	json                    bool
}

func (a *app) benchCommand() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure every stage, from the landmark datagram to the last RTP packet",
		Long: `Run sessions as serve does, each driven by a performance at the configured frame rate, and
print what every stage took. Frames are compressed and packed into RTP; the packets go nowhere.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.bench(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.IntVar(&f.sessions, "sessions", 1, "sessions at once")
	fl.IntVar(&f.size, "size", 0, "edge of the picture in pixels (pipeline.size)")
	fl.IntVar(&f.workers, "workers", 0, "cores that draw one picture (pipeline.workers)")
	fl.Float64Var(&f.seconds, "seconds", 10, "how long to measure")
	fl.StringVar(&f.codec, "codec", rtc.CodecVP8, "vp8 or h264")
	fl.BoolVar(&f.json, "json", false, "print JSON instead of a table")
	return cmd
}

// benchReport is what bench prints.
type benchReport struct {
	Version   string             `json:"version"`
	Cores     int                `json:"cores"`
	Sessions  int                `json:"sessions"`
	Size      int                `json:"size"`
	FPS       int                `json:"fps"`
	Codec     string             `json:"codec"`
	Seconds   float64            `json:"seconds"`
	FramesPS  float64            `json:"frames_per_second"` // per session
	CPU       float64            `json:"cpu_cores"`         // of the process, 1 is one core busy
	AllocsPF  float64            `json:"allocations_per_frame"`
	BytesPF   float64            `json:"allocated_bytes_per_frame"`
	Bitrate   float64            `json:"bits_per_second"` // per session
	Overwrote uint64             `json:"samples_overwritten"`
	Stages    map[string]summary `json:"stages"`
}

func (a *app) bench(ctx context.Context, f *benchFlags) error {
	cfg := a.cfg.Pipeline
	cfg.MaxSessions = f.sessions
	if f.size != 0 {
		cfg.Size = f.size
	}
	if f.workers != 0 {
		cfg.Workers = f.workers
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	if f.seconds < 1 || f.seconds > 3600 {
		return fmt.Errorf("--seconds %v: use 1 to 3600", f.seconds)
	}
	r, err := a.measure(ctx, &cfg, f)
	if err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return a.printBench(r)
}

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

// measure runs the sessions.
func (a *app) measure(ctx context.Context, cfg *pipeline.Config, f *benchFlags) (r *benchReport, err error) {
	v, err := a.openVision()
	if err != nil {
		return nil, err
	}
	defer closeInto(&err, v)
	st, err := openStudio(v)
	if err != nil {
		return nil, err
	}
	defer closeInto(&err, st)
	p, err := st.monaLisa(ctx, a.builtinDir())
	if err != nil {
		return nil, err
	}
	e := &easel{options: mesh.Options{Size: cfg.Size, Workers: cfg.Workers}}
	defer e.Close()
	loop := pipeline.NewLoop(*cfg, geometric{}, clock.System{}, a.log)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { loop.Run(ctx) })
	sinks := make([]*benchSink, f.sessions)
	for i := range sinks {
		sub, err := e.sit(p)
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
		sinks[i] = &benchSink{out: rtc.Dry(f.codec, clock.System{}), session: s, traces: make([]trace.Frame, 0, int(f.seconds*float64(cfg.FPS)*2)+100)}
		s.Attach(enc, sinks[i])
		play, err := perform.New("talking")
		if err != nil {
			return nil, err
		}
		phase := time.Duration(i) * time.Second / time.Duration(cfg.FPS*f.sessions)
		running.Go(func() { drivePerformance(ctx, play, s, cfg.FPS, phase) })
	}
	return watchBench(ctx, cfg, f, sinks)
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

// benchStages names the stages of a report in the order in which a frame passes them.
func benchStages() []string {
	return []string{"wait", "retarget", "generate", "encode", "packetise", "total"}
}

func stagesOf(all []trace.Frame) map[string]summary {
	series := map[string][]time.Duration{}
	for i := range all {
		t := &all[i]
		if !t.HasSample {
			continue
		}
		for name, span := range map[string][2]trace.Stage{
			"wait": {trace.Received, trace.Taken}, "retarget": {trace.Taken, trace.Retargeted},
			"generate": {trace.Retargeted, trace.Generated}, "encode": {trace.Generated, trace.Encoded},
			"packetise": {trace.Encoded, trace.Sent}, "total": {trace.Received, trace.Sent},
		} {
			series[name] = append(series[name], t.Between(span[0], span[1]))
		}
	}
	out := map[string]summary{}
	for name, d := range series {
		out[name] = summarise(d)
	}
	return out
}

func (a *app) printBench(r *benchReport) error {
	fmt.Fprintf(a.out, "%d session(s), %dx%d, %d fps, %s, %d cores, %.0f s\n", r.Sessions, r.Size, r.Size, r.FPS, r.Codec, r.Cores, r.Seconds)
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "stage\tp50 ms\tp95 ms\tp99 ms\tmax ms\t")
	for _, name := range benchStages() {
		s := r.Stages[name]
		fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t\n", name, s.P50, s.P95, s.P99, s.Max)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "%.1f frames/s a session, %.0f kbit/s, %.2f cores busy, %.2f allocations (%.0f bytes) a frame, %d samples overwritten\n",
		r.FramesPS, r.Bitrate/1000, r.CPU, r.AllocsPF, r.BytesPF, r.Overwrote)
	return err
}
