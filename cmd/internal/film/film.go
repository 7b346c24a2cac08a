// Package film makes a film of a portrait that a clip or a performance moves, over exactly the path that runs live.
package film

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Options say which film is made. Networks and Model are the caller's.
type Options struct {
	Networks *face.Networks
	Persona  *persona.Persona
	Model    *portrait.Model // nil: the geometric layer alone
	Driver   string          // as driver.Open takes it
	Out      string          // the film's file, its ending says the format

	Size       int // edge of the portrait, pixels
	Workers    int // cores that draw one picture
	Badge      mesh.BadgePlace
	Background mesh.Background
	Full       bool // pasted back into the whole picture
	SideBySide bool // the driver to the left, where there is a picture of one
	Motion     drive.Options
	Neutral    int // frame of the clip that is the driver's neutral, counted from 0; -1: found

	Progress func(fraction float64) // nil: nobody looks
}

// Report says what a film took.
type Report struct {
	Frames int                      `json:"frames"`
	Lost   int                      `json:"frames_without_face"`
	Notes  []string                 `json:"notes,omitempty"` // sentences about what may disappoint
	Torn   error                    `json:"-"`               // a clip.ErrTorn in a sentence where the clip breaks off; the film goes as far
	Size   int                      `json:"size"`
	Stages map[string]stats.Summary `json:"stages"`
}

// Make makes a film. Where it fails, or ctx ends, no file is left behind.
func Make(ctx context.Context, o *Options) (_ *Report, err error) {
	look := mesh.Options{Size: o.Size, Workers: o.Workers, Badge: o.Badge, Background: o.Background}
	if o.Full {
		look.Badge = mesh.BadgeNone // the whole picture gets it
	}
	cache := compositor.NewCache(look, o.Model, nil)
	defer cache.Close()
	sub, err := cache.Open(ctx, o.Persona)
	if err != nil {
		return nil, err
	}
	defer sub.Close()
	src, err := driver.Open(ctx, o.Networks, o.Driver)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, src)
	m := &maker{Options: o, source: src}
	about := src.About()
	motion := o.Motion
	motion.Retarget.FixedNeutral = o.Neutral >= 0
	gen := compositor.NewParallel(o.Model, compositor.Helpers())
	defer gen.Close()
	m.stepper = pipeline.NewStepper(sub, gen, motion, about.RateNum, about.RateDen)
	if o.Neutral >= 0 {
		err = m.takeNeutral(ctx)
	} else {
		err = m.lookAhead(ctx)
		defer cleanup.Close(&err, &m.ahead)
	}
	if err != nil {
		return nil, err
	}
	if err := m.run(ctx); err != nil {
		return nil, err
	}
	return m.report(), nil
}

// maker makes one film.
type maker struct {
	*Options
	source  driver.Source
	ahead   study
	stepper *pipeline.Stepper

	track, draw, write []time.Duration
	lost               int
}

// takeNeutral looks up the frame that is the driver's neutral.
func (m *maker) takeNeutral(ctx context.Context) (err error) {
	src, err := driver.Open(ctx, m.Networks, m.Driver)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, src)
	var s landmark.Sample
	for n := range m.Neutral + 1 {
		if err := src.Next(&s); errors.Is(err, io.EOF) {
			return fmt.Errorf("neutral frame %d: the clip has only %d frames, counted from 0", m.Neutral, n)
		} else if err != nil {
			return err
		}
	}
	if s.Lost() {
		return fmt.Errorf("neutral frame %d shows no face; take another", m.Neutral)
	}
	m.stepper.Driver().SetNeutral(&s)
	return nil
}

func (m *maker) run(ctx context.Context) (err error) {
	var full *fullFrame
	if m.Full {
		if full, err = newFullFrame(m.Persona, m.Size, m.Badge); err != nil {
			return err
		}
	}
	c, err := newCanvas(m.Size, m.SideBySide && m.source.View() != nil, full)
	if err != nil {
		return err
	}
	about := m.source.About()
	o := clip.WriterOptions{
		Width: c.out.Width, Height: c.out.Height, RateNum: about.RateNum, RateDen: about.RateDen, Sound: about.Sound,
	}
	w, err := clip.Create(ctx, m.Out, o)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := m.frames(c, w); err != nil {
		return err
	}
	if len(m.draw) == m.lost {
		why := m.source.Findings().Why
		return fmt.Errorf("%s shows no face that can be followed in any of its %d frames: %v. %s", m.Driver, m.lost, why, why.Advice())
	}
	return w.Close()
}

// frames goes through the clip.
func (m *maker) frames(c *canvas, w *clip.Writer) error {
	var s landmark.Sample
	for n := 0; ; n++ {
		if err := m.next(&s); errors.Is(err, io.EOF) {
			m.tell(1)
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
		if err := c.compose(m.view()); err != nil {
			return err
		}
		if err := w.Write(c.out); err != nil {
			return cmp.Or(w.Close(), err) // Close knows why
		}
		m.draw, m.write = append(m.draw, t2.Sub(t1)), append(m.write, time.Since(t2))
		if total := m.source.About().Frames; total > 0 {
			m.tell(float64(n+1) / float64(total))
		}
	}
}

func (m *maker) tell(fraction float64) {
	if m.Progress != nil {
		m.Progress(min(fraction, 1)) // how many frames a clip has is an estimate
	}
}

func (m *maker) report() *Report {
	found := m.source.Findings()
	notes := found.Notes
	if m.lost > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d frames show no face that can be followed (%v); the portrait idles there. %s",
			m.lost, len(m.draw), found.Why, found.Why.Advice()))
	}
	return &Report{
		Frames: len(m.draw), Lost: m.lost, Notes: notes, Torn: found.Torn, Size: m.Size,
		Stages: map[string]stats.Summary{
			"decode_and_track": stats.Summarise(m.track), "retarget_and_generate": stats.Summarise(m.draw), "compose_and_write": stats.Summarise(m.write),
		},
	}
}
