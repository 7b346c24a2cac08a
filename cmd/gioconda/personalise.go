package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/progress"
	"github.com/gioconda-live/gioconda/cmd/internal/quality"
	"github.com/gioconda-live/gioconda/cmd/internal/teach"
	"github.com/gioconda-live/gioconda/cmd/internal/tuning"
	"github.com/gioconda-live/gioconda/models/behind"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
)

type personaliseFlags struct {
	out, name, credit string
	attest            bool
	generator         string
	face              int
	film, add         string
	tune              bool
}

func (a *app) personaliseCommand() *cobra.Command {
	var f personaliseFlags
	cmd := &cobra.Command{
		Use:     "personalise [--add FILE.persona] IMAGE... | --film FILM -o FILE.persona",
		Aliases: []string{"personalize"},
		Short:   "Make a persona from one picture, or from several or a film",
		Long: `Make a portrait ready: find the face, frame head and shoulders, separate person and
background, and save everything as one file that serve and render open at once.

Several pictures of one person, or a short film, make it truer: the calmest is shown, up to 15 others say what it lacks, such as
the person's own teeth. Good ones are: a smile, a laugh, "aah", shut eyes, raised brows, in one light and one place. Pictures of
other people, out of focus, in another light, in a mirror, with glasses, a beard or make-up that most lack are left out, and said.

Where they were taken by a camera that stood still, and the head moved aside, what is behind it is taken from them, too.

The learned layer is tuned to a film: to frames with an open mouth, views as what is drawn without them. Every fourth of them is kept out,
and if those do not come nearer to the truth by 3 % the persona stays as it is, and that is said.

--add adds pictures, or those of a film, to a persona that there is: what it shows stays, and other pictures are judged by that.

By giving --i-may-use-this-picture you say that you may; it is noted in the file.`,
		Example: "  gioconda personalise ann.jpg -o ann.persona --i-may-use-this-picture\n  gioconda personalise --film ann.mp4 -o ann.persona\n" +
			"  gioconda personalise --add ann.persona laugh.jpg -o ann.persona",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case f.film != "" && len(args) > 0:
				return errors.New("give pictures or --film, not both")
			case f.film == "" && len(args) == 0:
				return errors.New("0 pictures: give one or more, for example: gioconda personalise ann.jpg -o ann.persona")
			case f.face != 0 && (f.film != "" || f.add != "" || len(args) > 1):
				return errors.New("--face is for one picture; of several the largest face of each is taken")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.personalise(cmd.Context(), args, &f) },
	}
	cmd.Flags().StringVarP(&f.out, "output", "o", "", "write the persona to `FILE` (default: the image's name with .persona, or what --add names)")
	cmd.Flags().StringVar(&f.film, "film", "", "take the pictures from the frames of `FILE`")
	cmd.Flags().StringVar(&f.add, "add", "", "add to the persona in `FILE`, which -o may name again")
	cmd.Flags().StringVar(&f.name, "name", "", "what people read (default: the image's name)")
	cmd.Flags().IntVar(&f.face, "face", 0, "of several faces take number `N`, counted from the left (default: the largest)")
	cmd.Flags().StringVar(&f.credit, "credit", "", "whom the picture is from")
	cmd.Flags().StringVar(&f.generator, "generator", engine.Small, "keep in the file what this learned layer finds in the portrait; mesh: nothing")
	cmd.Flags().BoolVar(&f.tune, "tune", true, "tune the learned layer to the film")
	cmd.Flags().BoolVar(&f.attest, "i-may-use-this-picture", false, persona.Attestation+" (noted in the file)")
	return cmd
}

func (a *app) personalise(ctx context.Context, paths []string, f *personaliseFlags) (err error) {
	if f.film != "" {
		paths = []string{f.film}
	}
	path := paths[0]
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if f.name == "" && f.add == "" {
		f.name = base
	}
	if f.out == "" && f.add != "" {
		f.out = f.add
	} else if f.out == "" {
		f.out = base + persona.Extension
	}
	if f.face < 0 {
		return errFaceNumber(f.face)
	}
	for _, p := range paths {
		err = errors.Join(err, files.CheckInput(p), files.CheckOutput("-o", f.out, p))
	}
	if f.add != "" {
		err = errors.Join(err, files.CheckInput(f.add))
	}
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	model, err := a.model(o.networks, f.generator)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, model)
	bar := progress.New(a.err, "making the persona")
	p, err := a.portray(ctx, o, model.Model, paths, f, bar)
	bar.Done()
	if err != nil {
		return err
	}
	if p, err = compositor.KeepAppearance(model.Model, p); err != nil {
		return err
	}
	if err := p.Save(f.out); err != nil {
		return err
	}
	a.warn(p)
	if !f.attest {
		fmt.Fprintf(a.err, "note: the file does not say %q; add --i-may-use-this-picture if you may.\n", persona.Attestation)
	}
	fmt.Fprintln(a.out, f.out)
	return nil
}

// portray makes a persona of one picture, or of what several show.
func (a *app) portray(ctx context.Context, o *opened, model *portrait.Model, paths []string, f *personaliseFlags, bar *progress.Bar) (_ *persona.Persona, err error) {
	options := persona.Options{Credit: f.credit, Attested: f.attest, Face: f.face}
	base, err := f.base()
	if err != nil {
		return nil, err
	}
	if f.film == "" && len(paths) == 1 && base == nil {
		return o.maker.FromFile(ctx, paths[0], f.name, options, bar.Fraction)
	}
	who, err := quality.OpenLikeness(ctx, o.networks, a.cfg.Models.NPM)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, who)
	if !who.Known() {
		bar.Note("other people are not told apart: the network for that is not here; `npm ci --ignore-scripts --prefix models` brings it")
	}
	t := &teach.Options{Name: f.name, Persona: options, Base: base, Maker: o.maker, Who: who, Progress: bar.Fraction, Note: bar.Note}
	t.Revealed = func(f behind.Found) { bar.Note(teach.SaidBehind(f)) }
	if f.film != "" {
		if f.tune {
			t.Model, t.Tuned = model, func(r *tuning.Result) { bar.Note(teach.Said(r)) }
		}
		return teach.Film(ctx, o.networks, f.film, t)
	}
	return teach.Pictures(ctx, paths, t)
}

// base is the persona that pictures are added to, under the name that is wanted; nil: there is none.
func (f *personaliseFlags) base() (*persona.Persona, error) {
	if f.add == "" {
		return nil, nil //nolint:nilnil // a new one is made
	}
	p, err := persona.Load(f.add)
	if err != nil {
		return nil, err
	}
	if f.name != "" {
		p.Manifest.Name = f.name
	}
	if f.credit != "" {
		p.Manifest.Credit = f.credit
	}
	return p, nil
}

func errFaceNumber(n int) error {
	return fmt.Errorf("--face %d: faces are counted from the left, from 1", n)
}

// model opens the generator whose learned layer looks at portraits; mesh has none. The caller closes it.
func (a *app) model(n *face.Networks, generator string) (*engine.Engine, error) {
	o := a.engineOptions()
	o.Use, o.Device = generator, "cpu" // where portraits are looked at in any case
	return engine.Load(n, o)
}
