package main

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

// batchReport is the learned layer alone, with caches as warm as they get.
type batchReport struct {
	Generator string         `json:"generator"`
	Device    string         `json:"device"`
	Size      int            `json:"size"`
	Rows      []batchRow     `json:"batches"`
	GPU       *engine.GPUUse `json:"gpu,omitempty"`
}

type batchRow struct {
	Batch int           `json:"batch"`
	Run   stats.Summary `json:"run"`
	Frame float64       `json:"ms_per_frame"` // median
}

// batches times every batch size that is prepared, --seconds together.
func (b *bench) batches(ctx context.Context, f *benchFlags) (*batchReport, error) {
	m := b.engine.Model
	if m == nil {
		return nil, errors.New("--batches measures a learned layer; name one with --generator")
	}
	r := &batchReport{Generator: b.engine.Name, Device: m.Device().String(), Size: b.app.cfg.Pipeline.Size}
	sizes := m.Batches()
	for _, n := range sizes {
		strokes, err := b.strokes(n)
		if err != nil {
			return nil, err
		}
		var took []time.Duration
		for start := time.Now(); len(took) < 10 || time.Since(start).Seconds() < f.seconds/float64(len(sizes)); {
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
		r.Rows = append(r.Rows, batchRow{n, s, s.P50 / float64(n)})
	}
	r.GPU = engine.UseOf(ctx, m)
	return r, nil
}

// strokes are n pictures of the persona talking, drawn by the geometric layer.
func (b *bench) strokes(n int) ([]portrait.Stroke, error) {
	play, err := perform.New("talking")
	if err != nil {
		return nil, err
	}
	var out []portrait.Stroke
	for i := range n {
		sub, err := b.easel.Open(b.persona)
		if err != nil {
			return nil, err
		}
		dst, err := frame.NewI420(b.easel.Size(), b.easel.Size())
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

func (r *batchReport) print(out io.Writer) error {
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
