package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/portrait"
)

type measureFlags struct {
	datasetFlags
	people    []string
	every     int
	generator generatorFlags
}

// measureCommand judges what is served by people that training never saw.
func (a *app) measureCommand() *cobra.Command {
	var f measureFlags
	cmd := &cobra.Command{
		Use:   "measure --train DIR [--generator NAME|DIR] [--people A,B | --every N] [-o FILE.json]",
		Short: "Measure what is served against true frames of people held out",
		Long: `Go through footage as ` + "`gioconda dataset`" + ` does and measure the whole pictures that are served, networks,
blending and trust included, against the true frames: the still portrait, the geometric layer alone, and with the learned layer;
around the mouth, between the lips, around the eyes, over the whole face. Everything is measured in the pixels of a 512x512
picture, as R, G, B after having been I420, the truth like the rest.

Only people are measured whom training has not seen: those of --people, and of pairs of stills those whose number
--every divides; without either, those that the generator's manifest says it never saw.

L1, PSNR, SSIM and sharpness (gradient energy over the truth's) are means over samples. "worse" is the share of the samples in
which the learned layer adds to the geometric one's L1. Flicker is how much more or less than the truth's a picture
changes from one frame to the next. Kinds: smiles (of a pair of stills the neutral one is the portrait, the smile the truth), neutrals (the
other way round), closed (the portrait is the smile itself, its mouth shut by the geometric layer), talk (clips), heads (rendered
ones: clips of people called head...). The portrait follows the driver's landmarks as they are, without the smoothing that
a live driver gets, so that every picture lies over its true frame; pairs of stills are laid over each other by their rigid landmarks.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.measure(cmd.Context(), &f) },
	}
	f.choose(cmd)
	f.generator.add(cmd, engine.Small)
	fl := cmd.Flags()
	fl.StringSliceVar(&f.people, "people", nil, "people to measure, by the names of their clips")
	fl.IntVar(&f.every, "every", 0, "of pairs of stills, people whose number `N` divides (0: none)")
	fl.StringVarP(&f.out, "output", "o", "", "write the figures to `FILE` as JSON")
	return cmd
}

func (f *measureFlags) check() error {
	switch {
	case f.generator.use == engine.MeshOnly || f.generator.use == configs.Auto:
		return fmt.Errorf("--generator %s: name one, to measure it beside the geometric layer", f.generator.use)
	case f.every < 0:
		return fmt.Errorf("--every %d: use a number from 1, or 0 for nobody", f.every)
	case f.perIdentity < 1 || f.each < 1:
		return errors.New("--per-person and --sources have to be at least 1")
	}
	return nil
}

// measure wires one measurement and prints it.
func (a *app) measure(ctx context.Context, f *measureFlags) (err error) {
	f.size = judgeSize
	if err := errors.Join(f.check(), f.generator.apply(a)); err != nil {
		return err
	}
	scenes, err := findScenes(&f.datasetFlags)
	if err == nil {
		err = missing(f.people, scenes)
	}
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	l, err := engine.Load(o.networks, a.engineOptions())
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, l)
	a.note(l.Note)
	if scenes, err = f.unseen(a, scenes, l.Model.Manifest); err != nil {
		return err
	}
	like, err := a.openLikeness(ctx, o.networks)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, like)
	t := &tally{Generator: l.Name, Device: l.Model.Device().String(), Size: f.size, Seed: f.seed, LeftOut: []string{}}
	m, err := newMeasurer(l.Model, like, f.size, t)
	if err != nil {
		return err
	}
	if err := a.measureScenes(ctx, f, o, scenes, m); err != nil {
		return err
	}
	t.finish()
	if err := t.print(a.out); err != nil {
		return err
	}
	fmt.Fprintln(a.out, "\n"+likenessNote(like))
	if f.out == "" {
		return nil
	}
	return t.write(f.out)
}

// unseen leaves the scenes that are to be measured, and says where training may have seen them.
func (f *measureFlags) unseen(a *app, scenes []*scene, m *portrait.Manifest) ([]*scene, error) {
	own := heldOutOf(m)
	rules := own
	if len(f.people) > 0 || f.every > 0 {
		rules = []heldOut{{f.people, f.every}}
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("the manifest of %s does not say whom training never saw; name them with --people or --every", m.Name)
	}
	kept := keepHeldOut(scenes, rules)
	if len(kept) == 0 {
		return nil, fmt.Errorf("nobody in %s was held out; name people with --people or --every", f.train)
	}
	if len(keepHeldOut(kept, own)) < len(kept) {
		a.note(fmt.Sprintf("the manifest of %s does not hold all of these people out: if training saw them, the figures say little", m.Name))
	}
	return kept, nil
}

// measureScenes goes through the scenes. What cannot be used is left out and said; what fails in measuring ends it.
func (a *app) measureScenes(ctx context.Context, f *measureFlags, o *opened, scenes []*scene, to *measurer) error {
	m := &sampleMaker{flags: &f.datasetFlags, networks: o.networks, maker: o.maker, out: to, log: a.err}
	bar := newBar(a.err, "measuring")
	defer bar.done()
	for i, s := range scenes {
		bar.fraction(float64(i)/float64(len(scenes)), s.name)
		m.random = rand.New(rand.NewPCG(f.seed, nameHash(s.name))) // whatever else is measured
		err := m.scene(ctx, s)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errMeasuring):
			return err
		case err != nil:
			fmt.Fprintf(a.err, "\n%s is left out: %v\n", s.name, err)
			to.tally.LeftOut = append(to.tally.LeftOut, fmt.Sprintf("%s: %v", s.name, err))
		}
	}
	bar.fraction(1, "")
	if len(to.tally.Groups) == 0 {
		return fmt.Errorf("nothing could be measured in %s", f.train)
	}
	return nil
}

func nameHash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return h.Sum64()
}

// kindOf is the row of the table that a picture of a scene belongs to; source is the frame that became the portrait.
func kindOf(e *sourceEntry) string {
	switch {
	case e.Closed:
		return kindClosed
	case e.Still && e.Frame == 0:
		return kindSmiles
	case e.Still:
		return kindCalm
	case strings.HasPrefix(e.Person, "head"):
		return kindHeads
	default:
		return kindTalk
	}
}

// likenessNote says what identity figures mean.
func likenessNote(l *likeness) string {
	apart := l.apart()
	if l.network == nil || !apart.Known() {
		return l.note()
	}
	return fmt.Sprintf("Identity is the mean cosine of embeddings; the portraits of different people here reach %.3f among each other.", apart)
}
