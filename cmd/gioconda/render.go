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

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/clock"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

type renderFlags struct {
	portrait, persona, driver string
	out, stats                string
	size, neutral             int
	sideBySide, noBadge       bool
	motion, framing           string
	background                string
	strength                  map[string]string
	generator                 generatorFlags
}

func (a *app) renderCommand() *cobra.Command {
	var f renderFlags
	cmd := &cobra.Command{
		Use:   "render (--portrait IMAGE | --persona FILE) --driver CLIP -o OUT.mp4",
		Short: "Make a film: a portrait moved by a clip",
		Long: `Move a portrait by a clip, offline, over exactly the path that runs live: the server's
tracker, the landmarks' wire form, smoothing, retargeting, the generator. The clip's sound is kept.

The learned layer paints whatever the machine's speed: gioconda-s unless --generator names another,
or mesh for the geometric layer alone. generators.use is not looked at.

Instead of a clip, --driver sample:NAME plays a performance written by program
(talking, moods, looking-around; a wrong name lists them).`,
		Example: `  gioconda render --portrait ann.jpg --driver me.mp4 -o ann.mp4
  gioconda render --driver sample:talking --side-by-side -o monalisa.mp4`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.render(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.portrait, "portrait", "", "the picture to move (default: the Mona Lisa)")
	fl.StringVar(&f.persona, "persona", "", "or a persona made by `gioconda personalise`")
	fl.StringVar(&f.driver, "driver", "", "the clip that moves it, or sample:NAME")
	fl.StringVarP(&f.out, "output", "o", "", "write the film to `FILE` (.mp4, .mov, .mkv, .webm)")
	fl.IntVar(&f.size, "size", 0, "edge of the portrait in pixels (default: pipeline.size)")
	fl.BoolVar(&f.sideBySide, "side-by-side", false, "show the driver to the left")
	fl.StringVar(&f.motion, "motion", "relative", "relative: what differs from the driver's neutral; absolute: the driver's\nlandmarks as they are, for a driver and a portrait of the same person")
	fl.IntVar(&f.neutral, "neutral-frame", -1, "take frame `N` of the clip as the driver's neutral (default: found by itself)")
	fl.StringVar(&f.framing, "framing", "portrait", "portrait: head and shoulders; full: pasted back into the whole picture")
	fl.StringVar(&f.stats, "stats", "", "write time per stage and frame counts to `FILE` as JSON")
	fl.StringVar(&f.background, "background", "original", "original, blur, green, a colour as #rrggbb, or a picture's path")
	fl.StringToStringVar(&f.strength, "strength", nil, "how strongly to move, 0 to 2, for example head=0.5,mouth=1.2 (also eyes, brows)")
	f.generator.add(cmd, smallGenerator)
	fl.BoolVar(&f.noBadge, "no-badge", false, "leave out the \"AI\" badge")
	_ = cmd.MarkFlagRequired("driver")
	_ = cmd.MarkFlagRequired("output")
	cmd.MarkFlagsMutuallyExclusive("portrait", "persona")
	return cmd
}

func (f *renderFlags) check(size int) error {
	if f.size == 0 {
		f.size = size
	}
	switch {
	case f.size < 256 || f.size > 1024 || f.size%2 != 0:
		return fmt.Errorf("--size %d: use an even number from 256 to 1024", f.size)
	case f.motion != "relative" && f.motion != "absolute":
		return fmt.Errorf("--motion %q: use relative or absolute", f.motion)
	case f.framing != "portrait" && f.framing != "full":
		return fmt.Errorf("--framing %q: use portrait or full", f.framing)
	case f.generator.use == configs.Auto:
		return errors.New("--generator auto is for live pictures, which have to keep a frame rate; name one, or mesh")
	case f.neutral >= 0 && strings.HasPrefix(f.driver, samplePrefix):
		return errors.New("--neutral-frame belongs to clips; performances begin in their neutral")
	}
	return nil
}

// render wires one film and makes it.
func (a *app) render(ctx context.Context, f *renderFlags) (err error) {
	if err := f.check(a.cfg.Pipeline.Size); err != nil {
		return err
	}
	if err := f.generator.apply(a); err != nil {
		return err
	}
	w, err := a.openWorkshop()
	if err != nil {
		return err
	}
	defer closeInto(&err, w)
	p, err := w.portraitFor(ctx, f)
	if err != nil {
		return err
	}
	// Offline there is no frame rate to hold: nothing is measured, the film does not depend on the machine's speed.
	l := &layer{name: meshOnly}
	if f.generator.use != meshOnly {
		if err := a.loadInto(l, w.vision, f.generator.use); err != nil {
			return err
		}
		defer closeInto(&err, l)
		w.note(l.note)
	}
	e := &easel{
		options: mesh.Options{Size: f.size, Workers: a.cfg.Pipeline.Workers, Badge: badgePlace(a.cfg.Picture.Badge)}, model: l.model,
	}
	if f.noBadge {
		e.options.Badge = mesh.BadgeNone
	}
	if e.options.Background, err = backgroundFor(f.background); err != nil {
		return err
	}
	o, err := f.motionOptions(p)
	if err != nil {
		return err
	}
	defer e.Close()
	sub, err := e.sit(p)
	if err != nil {
		return err
	}
	defer sub.Close()
	perf, err := openPerformer(ctx, w.vision, f.driver)
	if err != nil {
		return err
	}
	defer closeInto(&err, perf)
	m := &filmMaker{flags: f, persona: p, performer: perf, log: a.err}
	num, den := perf.Rate()
	m.puppet = newPuppet(sub, newGenerator(l.model, clock.System{}), o, num, den)
	if err := m.takeNeutral(ctx, w.vision); err != nil {
		return err
	}
	return m.run(ctx)
}

// portraitFor loads or makes the persona that the flags name.
func (w *workshop) portraitFor(ctx context.Context, f *renderFlags) (*persona.Persona, error) {
	if f.persona != "" {
		return persona.Load(f.persona)
	}
	bar := newBar(w.app.err, "making the persona")
	defer bar.done()
	p, err := w.portrait(ctx, f.portrait, bar.fraction)
	if err == nil {
		w.warn(p)
	}
	return p, err
}

func (f *renderFlags) motionOptions(p *persona.Persona) (drive.Options, error) {
	o := drive.DefaultOptions()
	if err := setStrength(&o.Retarget.Strength, f.strength); err != nil {
		return o, err
	}
	o.Retarget.FixedNeutral = f.neutral >= 0
	if f.motion == "absolute" {
		o.Retarget.Mode = retarget.Absolute
		// The driver's image and the portrait's whole picture share coordinates.
		w := float64(p.Manifest.SourceSize[0])
		if p.Full != nil {
			fw, _ := p.Full.Size()
			w = float64(fw)
		}
		o.Retarget.Placement = retarget.Placement{
			X: float32(p.Place.X / w), Y: float32(p.Place.Y / w), Scale: float32(w / p.Place.Edge),
		}
		o.Life.Off = true
	}
	return o, nil
}

// filmMaker makes one film.
type filmMaker struct {
	flags     *renderFlags
	persona   *persona.Persona
	performer performer
	puppet    *puppet
	log       io.Writer

	track, draw, write []time.Duration
	lost               int
}

// takeNeutral looks up the frame that --neutral-frame names.
func (m *filmMaker) takeNeutral(ctx context.Context, v *vision) (err error) {
	if m.flags.neutral < 0 {
		return nil
	}
	perf, err := openPerformer(ctx, v, m.flags.driver)
	if err != nil {
		return err
	}
	defer closeInto(&err, perf)
	var s landmark.Sample
	for range m.flags.neutral + 1 {
		if err := perf.Next(&s); errors.Is(err, io.EOF) {
			return fmt.Errorf("--neutral-frame %d: the clip is shorter", m.flags.neutral)
		} else if err != nil {
			return err
		}
	}
	if s.Lost() {
		return fmt.Errorf("--neutral-frame %d shows no face; take another", m.flags.neutral)
	}
	m.puppet.driver.SetNeutral(&s)
	return nil
}

func (m *filmMaker) run(ctx context.Context) (err error) {
	var full *fullFrame
	if m.flags.framing == "full" {
		if full, err = newFullFrame(m.persona, m.flags.size); err != nil {
			return err
		}
	}
	c, err := newCanvas(m.flags.size, m.flags.sideBySide && m.performer.View() != nil, full)
	if err != nil {
		return err
	}
	o := clip.WriterOptions{Width: c.out.Width, Height: c.out.Height}
	o.RateNum, o.RateDen = m.performer.Rate()
	if !strings.HasPrefix(m.flags.driver, samplePrefix) {
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
		if err := m.puppet.step(&s, c.crop); err != nil {
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
		"stages": map[string]summary{
			"decode_and_track": summarise(m.track), "retarget_and_generate": summarise(m.draw), "compose_and_write": summarise(m.write),
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
