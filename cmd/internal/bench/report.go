package bench

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// Report is what one run measured.
type Report struct {
	Version   string                   `json:"version"`
	Generator string                   `json:"generator"`
	Device    string                   `json:"device"`
	Cores     int                      `json:"cores"`
	Sessions  int                      `json:"sessions"`
	Viewers   int                      `json:"viewers"` // of each session
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
	First     stats.Summary            `json:"first"` // total, of the first session alone
	// Ratio is learned / geometric of the same frames, at the median; 0 without a learned layer.
	Ratio float64 `json:"learned_over_geometric"`
	// GPU is what the learned layer does with the device; nil on a CPU.
	GPU *engine.GPUUse `json:"gpu,omitempty"`
}

// Stages names the stages of a report in the order in which a frame passes them.
func Stages() []string {
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

// Print writes the report as a table.
func (r *Report) Print(out io.Writer) error {
	on := ""
	if r.Device != "" {
		on = " on " + r.Device
	}
	fmt.Fprintf(out, "%s, %s%s, %dx%d, %d fps, %s, %s, %.0f s\n", stats.Counted(r.Sessions, "session")+" watched by "+strconv.Itoa(r.Viewers), r.Generator, on, r.Size, r.Size, r.FPS, r.Codec, stats.Counted(r.Cores, "core"), r.Seconds)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "stage\tp50 ms\tp95 ms\tp99 ms\tmax ms\t")
	row := func(name string, s stats.Summary) {
		if s.Count > 0 {
			fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t\n", name, s.P50, s.P95, s.P99, s.Max)
		}
	}
	for _, name := range Stages() {
		row(name, r.Stages[name])
	}
	if r.Sessions > 1 {
		row("of the first", r.First)
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
