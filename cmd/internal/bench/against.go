package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// Pairs say which two programs are measured in turn.
type Pairs struct {
	Ours, Theirs string   // programs
	Args         []string // of both, such that they print a report as JSON
	Rounds       int      // each has one run of both
}

// outcome is what a program printed: a Report, or a SearchReport.
type outcome struct {
	Report
	Limit float64 `json:"limit_ms"` // of a search
}

// AgainstReport compares two programs. Machines are noisy, but not from one run to the next as much as from day to day: only
// ratios of pairs mean something.
type AgainstReport struct {
	Theirs string `json:"against"`
	Rounds int    `json:"rounds"`
	// Ratios are ours over theirs, the median over the rounds, by stage and quantile.
	Ratios   map[string]Ratio `json:"ratios,omitempty"`
	CPU      Spread           `json:"cpu_cores"`
	Bitrate  Spread           `json:"bits_per_second"`
	Sessions Spread           `json:"sessions,omitzero"` // of a search
	Runs     [2][]outcome     `json:"runs"`              // ours, theirs
}

// Ratio is a stage's.
type Ratio struct {
	P50 Spread `json:"p50"`
	P95 Spread `json:"p95"`
	P99 Spread `json:"p99"`
}

// Spread is the median of a ratio and between what it lay. A ratio to 0 is 0.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
	Ours   float64 `json:"ours"`   // median
	Theirs float64 `json:"theirs"` // median
}

// Against runs both programs o.Rounds times, another one first each time, and compares.
func Against(ctx context.Context, o *Pairs) (*AgainstReport, error) {
	r := &AgainstReport{Theirs: o.Theirs, Rounds: o.Rounds}
	for i := range o.Rounds {
		for k := range 2 {
			who := (k + i) % 2
			out, err := runOne(ctx, [...]string{o.Ours, o.Theirs}[who], o.Args)
			if err != nil {
				return nil, err
			}
			r.Runs[who] = append(r.Runs[who], *out)
		}
	}
	spread := func(of func(*outcome) float64) Spread { return spreadOf(r.Runs[0], r.Runs[1], of) }
	r.CPU, r.Bitrate = spread(func(o *outcome) float64 { return o.CPU }), spread(func(o *outcome) float64 { return o.Bitrate })
	if r.Runs[0][0].Limit > 0 {
		r.Sessions = spread(func(o *outcome) float64 { return float64(o.Sessions) })
		return r, nil
	}
	r.Ratios = map[string]Ratio{}
	for _, name := range Stages() {
		if r.Runs[0][0].Stages[name].Count > 0 && r.Runs[1][0].Stages[name].Count > 0 {
			r.Ratios[name] = Ratio{
				P50: spread(func(o *outcome) float64 { return o.Stages[name].P50 }),
				P95: spread(func(o *outcome) float64 { return o.Stages[name].P95 }),
				P99: spread(func(o *outcome) float64 { return o.Stages[name].P99 }),
			}
		}
	}
	return r, nil
}

// runOne runs a program and reads its report.
func runOne(ctx context.Context, program string, args []string) (*outcome, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // whoever runs bench names the program
	var fault bytes.Buffer
	cmd.Stderr = &fault
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(fault.String()))
	}
	out := new(outcome)
	if err := json.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("%s %s printed no report: %w", program, strings.Join(args, " "), err)
	}
	return out, nil
}

func spreadOf(ours, theirs []outcome, of func(*outcome) float64) Spread {
	var ratios, a, b []float64
	for i := range ours {
		x, y := of(&ours[i]), of(&theirs[i])
		a, b = append(a, x), append(b, y)
		if y != 0 {
			ratios = append(ratios, x/y)
		} else {
			ratios = append(ratios, 0)
		}
	}
	return Spread{median(ratios), slices.Min(ratios), slices.Max(ratios), median(a), median(b)}
}

// median is that of a list that is not empty; it sorts it.
func median(v []float64) float64 {
	slices.Sort(v)
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// String writes the ratio and its range.
func (s Spread) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", s.Median, s.Least, s.Most) }

// Print writes the report as a table.
func (r *AgainstReport) Print(out io.Writer) error {
	fmt.Fprintf(out, "%s over %s, %s in turn, median of the pairs' ratios (least to most)\n", r.Runs[0][0].Version, r.Theirs, stats.Counted(r.Rounds, "pair"))
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	if len(r.Ratios) > 0 {
		fmt.Fprintln(w, "stage\tp50 ms\tagainst\tratio\tp95 ratio\tp99 ms\tagainst\tratio\t")
	}
	for _, name := range Stages() {
		if q, ok := r.Ratios[name]; ok {
			fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%s\t%s\t%.2f\t%.2f\t%s\t\n", name, q.P50.Ours, q.P50.Theirs, q.P50, q.P95, q.P99.Ours, q.P99.Theirs, q.P99)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if s := r.Sessions; s.Theirs > 0 {
		_, err := fmt.Fprintf(out, "sessions %.1f against %.1f: %s\n", s.Ours, s.Theirs, s)
		return err
	}
	_, err := fmt.Fprintf(out, "cores busy %.2f against %.2f: %s; kbit/s %.0f against %.0f: %s\n",
		r.CPU.Ours, r.CPU.Theirs, r.CPU, r.Bitrate.Ours/1000, r.Bitrate.Theirs/1000, r.Bitrate)
	return err
}
