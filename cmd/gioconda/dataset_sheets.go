package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

type sheetFlags struct {
	portraits, clips, generator, out string
	limit                            int
}

// sheetsCommand looks at a generator where there is no truth to measure against.
func (a *app) sheetsCommand() *cobra.Command {
	var f sheetFlags
	cmd := &cobra.Command{
		Use:   "sheets --portraits DIR --clips DIR --generator DIR -o DIR",
		Short: "Show what a learned layer makes of portraits, beside the geometric layer",
		Long: `Move every portrait by every clip along the path that runs live and write one sheet for each
portrait: the driver at the extremes of the clip, the geometric layer's picture, the learned layer's,
both as close-ups of mouth and eyes. Where the identity network is installed, print how similar to the portrait
both stay.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.sheets(cmd.Context(), &f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.portraits, "portraits", "", "folder of pictures")
	fl.StringVar(&f.clips, "clips", "", "folder of clips")
	fl.StringVar(&f.generator, "generator", "", "folder with a generator's manifest.json")
	fl.StringVarP(&f.out, "output", "o", "", "write the sheets (PNG) to `DIR`")
	fl.IntVar(&f.limit, "frames", 0, "stop each clip after `N` frames (0: whole clips)")
	for _, name := range []string{"portraits", "clips", "generator", "output"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func (a *app) sheets(ctx context.Context, f *sheetFlags) (err error) {
	portraits, err := files.In(f.portraits, ".jpg", ".jpeg", ".png", ".webp")
	if err != nil {
		return err
	}
	clips, err := files.In(f.clips, ".mp4", ".webm", ".mov", ".mkv")
	if err != nil {
		return err
	}
	o, err := a.open()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, o)
	v := o.networks
	model, err := portrait.Load(v.Runtime, f.generator)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, model)
	var drivers []*driver.Recording
	for _, c := range clips {
		r, err := driver.Record(ctx, v, c, f.limit)
		if err != nil {
			return err
		}
		if err := r.KeepViews(ctx, c); err != nil {
			return err
		}
		drivers = append(drivers, r)
	}
	like, err := a.openLikeness(ctx, v)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, like)
	t, err := v.Tracker()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, t)
	m := &sheetMaker{app: a, maker: o.maker, model: model, flags: f, drivers: drivers, like: like, tracker: t}
	bar := newBar(a.err, "drawing sheets")
	defer bar.done()
	for i, path := range portraits {
		bar.fraction(float64(i)/float64(len(portraits)), filepath.Base(path))
		if err := m.sheet(ctx, path); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.out, like.note())
	return nil
}

// sheetMaker draws the sheets of one generator.
type sheetMaker struct {
	app      *app
	maker    *personas.Maker
	model    *portrait.Model
	flags    *sheetFlags
	drivers  []*driver.Recording
	like     *likeness
	tracker  *face.Tracker
	identity [2]stats.Mean // of the portrait at work, without and with the learned layer
}

// sheet draws one portrait moved by all drivers and prints how much it stays itself.
func (m *sheetMaker) sheet(ctx context.Context, path string) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	p, err := m.maker.Portrait(ctx, path, nil)
	if err != nil {
		fmt.Fprintf(m.app.err, "%s cannot be served: %v\n", name, err)
		return nil
	}
	look, err := m.model.Appearance(p)
	if err != nil {
		return err
	}
	painter, err := m.model.NewPainter(look, judgeSize)
	if err != nil {
		return err
	}
	if err := m.like.know(m.tracker, p.Crop); err != nil {
		return err
	}
	m.identity = [2]stats.Mean{}
	e := compositor.NewCache(mesh.Options{Size: judgeSize, Badge: mesh.BadgeNone}, nil, nil)
	defer e.Close()
	sub, err := e.Open(p)
	if err != nil {
		return err
	}
	defer sub.Close()
	out := newSheet(name)
	for _, d := range m.drivers {
		if err := m.compare(sub, painter, &p.Face, d, out); err != nil {
			return err
		}
	}
	if m.identity[0].Count > 0 {
		fmt.Fprintf(m.app.out, "%s: identity %.3f geometric, %.3f learned\n", name, float64(m.identity[0].Score()), float64(m.identity[1].Score()))
	}
	return out.write(m.flags.out)
}

// compare adds the clip's extremes to the sheet, the drivers first, then what became of them.
func (m *sheetMaker) compare(sub *compositor.Subject, painter *portrait.Painter, rest *motion.Rest, d *driver.Recording, out *sheet) error {
	stepper := pipeline.NewStepper(sub, compositor.Geometric{}, drive.DefaultOptions(), d.Rate[0], d.Rate[1])
	dst, err := frame.NewI420(judgeSize, judgeSize)
	if err != nil {
		return err
	}
	last := 0
	for at := range d.Picks {
		last = max(last, at)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, judgeSize, judgeSize))
	for i := range d.Samples[:min(last+1, len(d.Samples))] {
		s := d.Samples[i]
		if err := stepper.Step(&s, dst); err != nil {
			return err
		}
		label, ok := d.Picks[i]
		if !ok || slices.Contains([]string{"yaw right", "yaw left", "down"}, label) {
			continue
		}
		cell := image.NewRGBA(image.Rect(0, 0, driver.ViewEdge, 2*driver.ViewEdge))
		draw.ApproxBiLinear.Scale(cell, image.Rect(0, 0, driver.ViewEdge/2, driver.ViewEdge/2), d.Views[i], d.Views[i].Bounds(), draw.Src, nil)
		for k := range m.identity {
			if k == 1 {
				if err := painter.Paint(dst, stepper.State()); err != nil {
					return err
				}
			}
			if err := errors.Join(dst.ToRGBA(rgba), m.recognise(rgba, k)); err != nil {
				return err
			}
			closeUps(cell, k, dst, stepper.State(), rest)
		}
		draw.ApproxBiLinear.Scale(cell, image.Rect(driver.ViewEdge/2, 0, driver.ViewEdge, driver.ViewEdge/2), rgba, rgba.Bounds(), draw.Src, nil)
		text := font.Drawer{Dst: cell, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(4, 14)}
		text.DrawString(label)
		out.cells = append(out.cells, cell)
	}
	return nil
}

// recognise adds the similarity of a picture to the portrait, if there is a face in it.
func (m *sheetMaker) recognise(picture *image.RGBA, k int) error {
	var s landmark.Sample
	m.tracker.ResetROI()
	for range face.SettlePasses {
		if err := m.tracker.Track(face.FromRGBA(picture), &s); err != nil {
			return err
		}
	}
	if s.Lost() {
		return nil
	}
	return m.like.compare(picture, &s, &m.identity[k])
}

// closeUps draws mouth and eyes of row k, the geometric layer's above the learned one's.
func closeUps(cell *image.RGBA, k int, src *frame.I420, st *motion.State, rest *motion.Rest) {
	const mouth, eye = 150, 42 // rows
	top := driver.ViewEdge/2 + k*mouth
	draw.Draw(cell, image.Rect(0, top, driver.ViewEdge, top+mouth), closeUp(portrait.Mouth(), driver.ViewEdge, src, st, rest), image.Pt(0, 34), draw.Src)
	top = driver.ViewEdge/2 + 2*mouth + k*eye
	for n, r := range portrait.Eyes() {
		r.Mirror = false
		at := image.Rect(n*driver.ViewEdge/2, top, (n+1)*driver.ViewEdge/2, top+eye)
		draw.Draw(cell, at, closeUp(r, driver.ViewEdge/2, src, st, rest), image.Pt(0, driver.ViewEdge/4-eye/2), draw.Src)
	}
}

// closeUp enlarges a region to edge pixels.
func closeUp(r portrait.Region, edge int, src *frame.I420, st *motion.State, rest *motion.Rest) *image.RGBA {
	r.Edge = edge
	a := r.Align(&st.Head, r.Anchor(rest)).Scaled(float32(src.Width))
	planes := make([]float32, 3*r.Edge*r.Edge)
	r.Read(planes, src, &a)
	img := image.NewRGBA(image.Rect(0, 0, r.Edge, r.Edge))
	n := r.Edge * r.Edge
	for i := range n {
		for k := range 3 {
			img.Pix[4*i+k] = byte(planes[k*n+i]*255 + 0.5)
		}
		img.Pix[4*i+3] = 255
	}
	return img
}
