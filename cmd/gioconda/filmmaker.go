package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// filmMaker makes one film.
type filmMaker struct {
	flags     *renderFlags
	badge     mesh.BadgePlace
	persona   *persona.Persona
	performer driver.Source
	stepper   *pipeline.Stepper
	log       io.Writer

	track, draw, write []time.Duration
	lost               int
}

// takeNeutral looks up the frame that --neutral-frame names.
func (m *filmMaker) takeNeutral(ctx context.Context, v *face.Networks) (err error) {
	if m.flags.neutral < 0 {
		return nil
	}
	perf, err := driver.Open(ctx, v, m.flags.driver)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, perf)
	var s landmark.Sample
	for n := range m.flags.neutral + 1 {
		if err := perf.Next(&s); errors.Is(err, io.EOF) {
			return fmt.Errorf("--neutral-frame %d: the clip has only %d frames, counted from 0", m.flags.neutral, n)
		} else if err != nil {
			return err
		}
	}
	if s.Lost() {
		return fmt.Errorf("--neutral-frame %d shows no face; take another", m.flags.neutral)
	}
	m.stepper.Driver().SetNeutral(&s)
	return nil
}

func (m *filmMaker) run(ctx context.Context) (err error) {
	var full *fullFrame
	if m.flags.framing == framingFull {
		if full, err = newFullFrame(m.persona, m.flags.size, m.badge); err != nil {
			return err
		}
	}
	c, err := newCanvas(m.flags.size, m.flags.sideBySide && m.performer.View() != nil, full)
	if err != nil {
		return err
	}
	o := clip.WriterOptions{Width: c.out.Width, Height: c.out.Height}
	o.RateNum, o.RateDen = m.performer.Rate()
	if !strings.HasPrefix(m.flags.driver, driver.SamplePrefix) {
		o.Sound = m.flags.driver
	}
	w, err := clip.Create(ctx, m.flags.out, o)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := m.frames(c, w); err != nil {
		return err
	}
	if len(m.draw) == m.lost {
		return fmt.Errorf("%s shows no face in any of its %d frames; use a clip that shows one from the front", m.flags.driver, m.lost)
	}
	if err := w.Close(); err != nil {
		return err
	}
	return m.report()
}

// frames goes through the clip.
func (m *filmMaker) frames(c *canvas, w *clip.Writer) error {
	bar := newBar(m.log, "rendering")
	defer bar.done()
	var s landmark.Sample
	for n := 0; ; n++ {
		t0 := time.Now()
		if err := m.performer.Next(&s); errors.Is(err, io.EOF) {
			bar.fraction(1, "")
			return nil
		} else if err != nil {
			return err
		}
		if s.Lost() {
			m.lost++
		}
		t1 := time.Now()
		if err := m.stepper.Step(&s, c.crop); err != nil {
			return err
		}
		t2 := time.Now()
		if err := c.compose(m.performer.View()); err != nil {
			return err
		}
		if err := w.Write(c.out); err != nil {
			return cmp.Or(w.Close(), err) // Close knows why
		}
		m.track, m.draw, m.write = append(m.track, t1.Sub(t0)), append(m.draw, t2.Sub(t1)), append(m.write, time.Since(t2))
		if total := m.performer.Frames(); total > 0 {
			bar.fraction(float64(n+1)/float64(total), "")
		}
	}
}

// report prints a line and writes the statistics where they are wanted.
func (m *filmMaker) report() error {
	stats := map[string]any{
		"frames": len(m.draw), "frames_without_face": m.lost, "size": m.flags.size,
		"stages": map[string]stats.Summary{
			"decode_and_track": stats.Summarise(m.track), "retarget_and_generate": stats.Summarise(m.draw), "compose_and_write": stats.Summarise(m.write),
		},
	}
	if m.lost > 0 {
		fmt.Fprintf(m.log, "note: %d of %d frames show no face; the portrait idles there\n", m.lost, len(m.draw))
	}
	if m.flags.stats == "" {
		return nil
	}
	b, err := json.MarshalIndent(stats, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(m.flags.stats, append(b, '\n'), 0o644) //nolint:gosec // a report to read
}
