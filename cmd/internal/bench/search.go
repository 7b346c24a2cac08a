package bench

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/gioconda-live/gioconda/cmd/internal/stats"
)

// SearchReport says how many sessions hold the frame rate.
type SearchReport struct {
	Sessions int       `json:"sessions"`
	LimitMS  float64   `json:"limit_ms"`
	Runs     []*Report `json:"runs"`
}

// MostSessions is how many sessions are tried at most.
const MostSessions = 256

const heldRate = 0.98 // share of the frame rate that still counts as held

// Search doubles the sessions until they no longer hold, then narrows down.
func (b *Bench) Search(ctx context.Context, o *Options) (*SearchReport, error) {
	r := &SearchReport{LimitMS: 1000 / float64(b.Pipeline.FPS)}
	holds := func(n int) (bool, error) {
		p := *o
		p.Sessions = n
		one, err := b.Run(ctx, &p)
		if err != nil {
			return false, err
		}
		r.Runs = append(r.Runs, one)
		return one.Stages["total"].P99 < r.LimitMS && one.FramesPS >= heldRate*float64(one.FPS), nil
	}
	low, high := 0, 1 // low holds, high does not
	for {
		ok, err := holds(high)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		if low = high; low == MostSessions {
			r.Sessions = low
			return r, nil
		}
		high *= 2
	}
	for high-low > 1 {
		mid := (low + high) / 2
		ok, err := holds(mid)
		if err != nil {
			return nil, err
		}
		if ok {
			low = mid
		} else {
			high = mid
		}
	}
	r.Sessions = low
	return r, nil
}

// Print writes the report as a table.
func (r *SearchReport) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "sessions\ttotal p50 ms\tp95 ms\tp99 ms\tframes/s\tcores busy\t")
	for _, one := range r.Runs {
		t := one.Stages["total"]
		fmt.Fprintf(w, "%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.2f\t\n", one.Sessions, t.P50, t.P95, t.P99, one.FramesPS, one.CPU)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s at %d fps with %s: 99 %% of the frames within %.1f ms\n",
		stats.Counted(r.Sessions, "session"), r.Runs[0].FPS, r.Runs[0].Generator, r.LimitMS)
	return err
}
