package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/film"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

type renderFlags struct {
	portrait, persona, driver string
	out, stats                string
	size, neutral             int
	sideBySide, noBadge       bool
	motion, framing           string
	background                string
	strength                  []string
	generator                 generatorFlags
}

const framingFull = "full"

func (a *app) renderCommand() *cobra.Command {
	var f renderFlags
	cmd := &cobra.Command{
		Use:   "render (--portrait IMAGE | --persona FILE) --driver CLIP -o OUT.mp4",
		Short: "Make a film: a portrait moved by a clip",
		Long: `Move a portrait by a clip, offline, over exactly the path that runs live: the server's
tracker, the landmarks' wire form, smoothing, retargeting, the generator. The clip's sound is kept.

The learned layer paints whatever the machine's speed: gioconda-s unless --generator names another,
or mesh for the geometric layer alone. generators.use is not looked at.

Instead of a clip, --driver sample:NAME plays a performance written by program:
` + strings.Join(driver.Performances(), ", ") + ".",
		Example: `  gioconda render --portrait ann.jpg --driver me.mp4 -o ann.mp4
  gioconda render --driver sample:talking --side-by-side -o monalisa.mp4`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.render(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.portrait, "portrait", "", "the `IMAGE` to move (default: the Mona Lisa)")
	fl.StringVar(&f.persona, "persona", "", "or a persona `FILE`, made by gioconda personalise")
	fl.StringVar(&f.driver, "driver", "", "the `CLIP` that moves it, or sample:NAME")
	fl.StringVarP(&f.out, "output", "o", "", "write the film to `FILE` (.mp4, .mov, .mkv, .webm)")
	fl.IntVar(&f.size, "size", 0, "edge of the portrait in pixels (default: pipeline.size)")
	fl.BoolVar(&f.sideBySide, "side-by-side", false, "show the driver to the left")
	fl.StringVar(&f.motion, "motion", "relative", "relative: what differs from the driver's neutral; absolute: the driver's\nlandmarks as they are, for a driver and a portrait of the same person")
	fl.IntVar(&f.neutral, "neutral-frame", -1, "take frame `N` of the clip as the driver's neutral (default: found by itself)")
	fl.Lookup("neutral-frame").DefValue = "0" // which help leaves out; the words say it
	fl.StringVar(&f.framing, "framing", "portrait", "portrait: head and shoulders; full: pasted back into the whole picture")
	fl.StringVar(&f.stats, "stats", "", "write time per stage and frame counts to `FILE` as JSON")
	fl.StringVar(&f.background, "background", "original", "original, blur, green, a colour as #rrggbb, or a picture's path")
	fl.StringSliceVar(&f.strength, "strength", nil, "how strongly to move, 0 to 2, for example `head=0.5,mouth=1.2` (also eyes, brows)")
	f.generator.add(cmd, engine.Small)
	fl.BoolVar(&f.noBadge, "no-badge", false, "leave out the \"AI\" badge")
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
	case f.framing != "portrait" && f.framing != framingFull:
		return fmt.Errorf("--framing %q: use portrait or full", f.framing)
	case f.generator.use == configs.Auto:
		return errors.New("--generator auto is for live pictures, which have to keep a frame rate; name one, or mesh")
	case f.portrait != "" && f.persona != "":
		return errors.New("give either --portrait or --persona")
	case f.neutral < -1:
		return fmt.Errorf("--neutral-frame %d: frames are counted from 0", f.neutral)
	case f.neutral >= 0 && strings.HasPrefix(f.driver, driver.SamplePrefix):
		return errors.New("--neutral-frame belongs to clips; performances begin in their neutral")
	}
	return f.checkFiles()
}

// checkFiles says what is missing before minutes go into a film.
func (f *renderFlags) checkFiles() error {
	if err := checkDriver(f.driver); err != nil {
		return err
	}
	if f.portrait != "" {
		if err := checkInput(f.portrait); err != nil {
			return err
		}
	}
	if f.out == "" {
		return errors.New("-o is missing: name the film to write, for example -o out.mp4")
	}
	if err := clip.CheckName(f.out); err != nil {
		return err
	}
	reads := []string{f.driver, f.portrait, f.persona, f.background}
	if err := checkOutput("-o", f.out, reads...); err != nil {
		return err
	}
	if f.stats == "" {
		return nil
	}
	return checkOutput("--stats", f.stats, append(reads, f.out)...)
}

// render wires one film and makes it.
func (a *app) render(ctx context.Context, f *renderFlags) (err error) {
	defer stoppedInto(&err, ctx)
	if err = f.check(a.cfg.Pipeline.Size); err != nil {
		return err
	}
	if err = f.generator.apply(a); err != nil {
		return err
	}
	opened, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, opened)
	p, err := a.portraitFor(ctx, opened.maker, f)
	if err != nil {
		return err
	}
	l, err := engine.Load(opened.networks, a.engineOptions())
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, l)
	a.note(l.Note)
	o, err := a.filmOptions(f, p) //nolint:contextcheck // one picture, read at once
	if err != nil {
		return err
	}
	o.Networks, o.Model = opened.networks, l.Model
	bar := progress.New(a.err, "rendering")
	o.Progress = func(fraction float64) { bar.Fraction(fraction, "") }
	report, err := film.Make(ctx, o)
	bar.Done()
	if err != nil {
		return err
	}
	if report.Lost > 0 {
		a.note(fmt.Sprintf("%d of %d frames show no face; the portrait idles there", report.Lost, report.Frames))
	}
	if f.stats == "" {
		return nil
	}
	return writeJSON(f.stats, report)
}

// filmOptions turns flags and configuration into those of the film.
func (a *app) filmOptions(f *renderFlags, p *persona.Persona) (*film.Options, error) {
	o := &film.Options{
		Persona: p, Driver: f.driver, Out: f.out, Size: f.size, Workers: a.cfg.Pipeline.Workers,
		Badge: compositor.BadgePlace(a.cfg.Picture.Badge), Full: f.framing == framingFull, SideBySide: f.sideBySide, Neutral: f.neutral,
	}
	if f.noBadge {
		o.Badge = mesh.BadgeNone
	}
	var err error
	if o.Background, err = backgroundFor(f.background); err != nil {
		return nil, err
	}
	o.Motion, err = f.motionOptions(p)
	return o, err
}

// portraitFor loads or makes the persona that the flags name.
func (a *app) portraitFor(ctx context.Context, m *personas.Maker, f *renderFlags) (*persona.Persona, error) {
	if f.persona != "" {
		return persona.Load(f.persona)
	}
	bar := progress.New(a.err, "making the persona")
	defer bar.Done()
	p, err := m.Portrait(ctx, f.portrait, bar.Fraction)
	if err == nil {
		a.warn(p)
	}
	return p, err
}

func (f *renderFlags) motionOptions(p *persona.Persona) (drive.Options, error) {
	o := drive.DefaultOptions()
	if err := setStrength(&o.Retarget.Strength, f.strength); err != nil {
		return o, err
	}
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
