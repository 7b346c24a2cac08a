package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// BatchReport is the learned layer alone, with caches as warm as they get.
type BatchReport struct {
	Generator string         `json:"generator"`
	Device    string         `json:"device"`
	Size      int            `json:"size"`
	Rows      []BatchRow     `json:"batches"`
	GPU       *engine.GPUUse `json:"gpu,omitempty"`
}

// BatchRow is one batch size.
type BatchRow struct {
	Batch int           `json:"batch"`
	Run   stats.Summary `json:"run"`
	Frame float64       `json:"ms_per_frame"` // median
}

// Batches times every batch size that is prepared, o.Seconds together. The engine needs a learned layer.
func (b *Bench) Batches(ctx context.Context, o *Options) (*BatchReport, error) {
	m := b.Engine.Model
	if m == nil {
		return nil, errors.New("batches are of a learned layer; name one with --generator")
	}
	r := &BatchReport{Generator: b.Engine.Name, Device: m.Device().String(), Size: b.Pipeline.Size}
	sizes := m.Batches()
	for _, n := range sizes {
		strokes, err := b.strokes(ctx, n)
		if err != nil {
			return nil, err
		}
		var took []time.Duration
		for start := time.Now(); len(took) < 10 || time.Since(start).Seconds() < o.Seconds/float64(len(sizes)); {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t := time.Now()
			m.Paint(strokes)
			took = append(took, time.Since(t))
			if err := strokes[0].Fault; err != nil {
				return nil, err
			}
		}
		s := stats.Summarise(took)
		r.Rows = append(r.Rows, BatchRow{n, s, s.P50 / float64(n)})
	}
	r.GPU = engine.UseOf(ctx, m)
	return r, nil
}

// strokes are n pictures of the persona talking, drawn by the geometric layer.
func (b *Bench) strokes(ctx context.Context, n int) ([]portrait.Stroke, error) {
	play, err := perform.New("talking")
	if err != nil {
		return nil, err
	}
	var out []portrait.Stroke
	for i := range n {
		sub, err := b.cache.Open(ctx, b.Persona)
		if err != nil {
			return nil, err
		}
		dst, err := frame.NewI420(b.cache.Size(), b.cache.Size())
		if err != nil {
			return nil, err
		}
		stepper := pipeline.NewStepper(sub, compositor.Geometric{}, drive.DefaultOptions(), driver.PlayRate, 1)
		var s landmark.Sample
		for k := range 10 {
			play.At(2*time.Second+time.Duration(10*i+k)*time.Second/driver.PlayRate, &s)
			if err := stepper.Step(&s, dst); err != nil {
				return nil, err
			}
		}
		out = append(out, portrait.Stroke{Painter: sub.Painter(), Dst: dst, State: stepper.State()})
		sub.Close()
	}
	return out, nil
}

// Print writes the report as a table.
func (r *BatchReport) Print(out io.Writer) error {
	fmt.Fprintf(out, "%s on %s, pictures of %dx%d, the learned layer alone\n", r.Generator, r.Device, r.Size, r.Size)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "batch\tp50 ms\tp95 ms\tp99 ms\tms a frame\t")
	for _, row := range r.Rows {
		fmt.Fprintf(w, "%d\t%.2f\t%.2f\t%.2f\t%.2f\t\n", row.Batch, row.Run.P50, row.Run.P95, row.Run.P99, row.Frame)
	}
	if r.GPU != nil {
		fmt.Fprintln(w, r.GPU)
	}
	return w.Flush()
}
