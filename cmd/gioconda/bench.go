package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
)

type benchFlags struct {
	sessions, size, workers int
	seconds                 float64
	codec                   string
	generator               generatorFlags
	batch, batches, search  bool
	json                    bool
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
		RunE: func(cmd *cobra.Command, _ []string) error { return a.bench(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.IntVar(&f.sessions, "sessions", 1, "sessions at once")
	fl.IntVar(&f.size, "size", 0, "edge of the picture in pixels (pipeline.size)")
	fl.IntVar(&f.workers, "workers", 0, "cores that draw one picture (pipeline.workers)")
	fl.Float64Var(&f.seconds, "seconds", 10, "how long to measure")
	fl.StringVar(&f.codec, "codec", rtc.CodecVP8, "vp8 or h264")
	f.generator.add(cmd, "")
	fl.BoolVar(&f.batch, "batch", false, "let all sessions send at the same moment, so that they are drawn as one batch")
	fl.BoolVar(&f.batches, "batches", false, "instead: the learned layer alone, each batch size that is prepared")
	fl.BoolVar(&f.search, "search-sessions", false, "instead: how many sessions hold the frame rate, 99 % of their frames\nfrom datagram to packet within the time of one frame")
	cmd.MarkFlagsMutuallyExclusive("batches", "search-sessions")
	fl.BoolVar(&f.json, "json", false, "print JSON instead of a table")
	return cmd
}

// benchReport is what bench prints.
type benchReport struct {
	Version   string                   `json:"version"`
	Generator string                   `json:"generator"`
	Device    string                   `json:"device"`
	Cores     int                      `json:"cores"`
	Sessions  int                      `json:"sessions"`
	Size      int                      `json:"size"`
	FPS       int                      `json:"fps"`
	Codec     string                   `json:"codec"`
	Seconds   float64                  `json:"seconds"`
	FramesPS  float64                  `json:"frames_per_second"` // per session
	CPU       float64                  `json:"cpu_cores"`         // of the process, 1 is one core busy
	AllocsPF  float64                  `json:"allocations_per_frame"`
	BytesPF   float64                  `json:"allocated_bytes_per_frame"`
	Bitrate   float64                  `json:"bits_per_second"` // per session
	Overwrote uint64                   `json:"samples_overwritten"`
	Stages    map[string]stats.Summary `json:"stages"`
	// Ratio is learned / geometric of the same frames, at the median; 0 without a learned layer.
	Ratio float64 `json:"learned_over_geometric"`
	// GPU is what the learned layer does with the device; nil on a CPU.
	GPU *engine.GPUUse `json:"gpu,omitempty"`
}

func (a *app) bench(ctx context.Context, f *benchFlags) (err error) {
	if err := f.generator.apply(a); err != nil {
		return err
	}
	cfg := &a.cfg.Pipeline
	if f.size != 0 {
		cfg.Size = f.size
	}
	if f.workers != 0 {
		cfg.Workers = f.workers
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	if f.sessions < 1 || f.sessions > mostSearched {
		return fmt.Errorf("--sessions %d: use 1 to %d", f.sessions, mostSearched)
	}
	if f.seconds < 1 || f.seconds > 3600 {
		return fmt.Errorf("--seconds %v: use 1 to 3600", f.seconds)
	}
	if f.codec != rtc.CodecVP8 && f.codec != rtc.CodecH264 {
		return fmt.Errorf("--codec %q: use %s or %s", f.codec, rtc.CodecVP8, rtc.CodecH264)
	}
	b, err := a.openBench(ctx)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, b)
	var r any
	switch {
	case f.batches:
		r, err = b.batches(ctx, f)
	case f.search:
		r, err = b.search(ctx, f)
	default:
		r, err = b.run(ctx, f)
	}
	if err != nil {
		return err
	}
	if f.json {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.(interface{ print(io.Writer) error }).print(a.out)
}

// benchStages names the stages of a report in the order in which a frame passes them.
func benchStages() []string {
	return []string{"wait", "retarget", "generate", "geometric", "learned", "encode", "packetise", "total"}
}

func stagesOf(all []trace.Frame) map[string]stats.Summary {
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
		if !t.At[trace.Drawn].IsZero() {
			series["geometric"] = append(series["geometric"], t.Between(trace.Retargeted, trace.Drawn))
			series["learned"] = append(series["learned"], t.Between(trace.Drawn, trace.Generated))
		}
	}
	out := map[string]stats.Summary{}
	for name, d := range series {
		out[name] = stats.Summarise(d)
	}
	return out
}

func (r *benchReport) print(out io.Writer) error {
	on := ""
	if r.Device != "" {
		on = " on " + r.Device
	}
	fmt.Fprintf(out, "%s, %s%s, %dx%d, %d fps, %s, %s, %.0f s\n", stats.Counted(r.Sessions, "session"), r.Generator, on, r.Size, r.Size, r.FPS, r.Codec, stats.Counted(r.Cores, "core"), r.Seconds)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "stage\tp50 ms\tp95 ms\tp99 ms\tmax ms\t")
	for _, name := range benchStages() {
		if s := r.Stages[name]; s.Count > 0 {
			fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t\n", name, s.P50, s.P95, s.P99, s.Max)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if r.Ratio > 0 {
		fmt.Fprintf(out, "the learned layer takes %.2f times what the geometric one takes\n", r.Ratio)
	}
	if r.GPU != nil {
		fmt.Fprintln(out, r.GPU)
	}
	_, err := fmt.Fprintf(out, "%.1f frames/s a session, %.0f kbit/s, %.2f cores busy, %.2f allocations (%.0f bytes) a frame, %d samples overwritten\n",
		r.FramesPS, r.Bitrate/1000, r.CPU, r.AllocsPF, r.BytesPF, r.Overwrote)
	return err
}
