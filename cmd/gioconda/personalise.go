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
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
)

type personaliseFlags struct {
	out, name, credit string
	attest            bool
	generator         string
	face              int
}

func (a *app) personaliseCommand() *cobra.Command {
	var f personaliseFlags
	cmd := &cobra.Command{
		Use:     "personalise IMAGE -o FILE.persona",
		Aliases: []string{"personalize"},
		Short:   "Make a persona from one picture",
		Long: `Make a portrait ready: find the face, frame head and shoulders, separate person and
background, and save everything as one file that serve and render open at once.

By giving --i-may-use-this-picture you say that you may; it is noted in the file.`,
		Example: "  gioconda personalise ann.jpg -o ann.persona --i-may-use-this-picture",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%d pictures: give one, for example: gioconda personalise ann.jpg -o ann.persona", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.personalise(cmd.Context(), args[0], &f) },
	}
	cmd.Flags().StringVarP(&f.out, "output", "o", "", "write the persona to `FILE` (default: the image's name with .persona)")
	cmd.Flags().StringVar(&f.name, "name", "", "what people read (default: the image's name)")
	cmd.Flags().IntVar(&f.face, "face", 0, "of several faces take number `N`, counted from the left (default: the largest)")
	cmd.Flags().StringVar(&f.credit, "credit", "", "whom the picture is from")
	cmd.Flags().StringVar(&f.generator, "generator", engine.Small, "keep in the file what this learned layer finds in the portrait; mesh: nothing")
	cmd.Flags().BoolVar(&f.attest, "i-may-use-this-picture", false, persona.Attestation+" (noted in the file)")
	return cmd
}

func (a *app) personalise(ctx context.Context, path string, f *personaliseFlags) (err error) {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if f.name == "" {
		f.name = base
	}
	if f.out == "" {
		f.out = base + persona.Extension
	}
	if f.face < 0 {
		return errFaceNumber(f.face)
	}
	if err = errors.Join(files.CheckInput(path), files.CheckOutput("-o", f.out, path)); err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	bar := progress.New(a.err, "making the persona")
	p, err := o.maker.FromFile(ctx, path, f.name, persona.Options{Credit: f.credit, Attested: f.attest, Face: f.face}, bar.Fraction)
	bar.Done()
	if err != nil {
		return err
	}
	if p, err = a.withAppearance(o.networks, p, f.generator); err != nil {
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

func errFaceNumber(n int) error {
	return fmt.Errorf("--face %d: faces are counted from the left, from 1", n)
}

// withAppearance adds what a generator finds in the portrait; mesh finds nothing.
func (a *app) withAppearance(n *face.Networks, p *persona.Persona, generator string) (_ *persona.Persona, err error) {
	o := a.engineOptions()
	o.Use, o.Device = generator, "cpu" // where portraits are looked at in any case
	e, err := engine.Load(n, o)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, e)
	return compositor.KeepAppearance(e.Model, p)
}
