package main

import (
	"context"
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

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
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
both as close-ups of the mouth.`,
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
	portraits, err := filesIn(f.portraits, ".jpg", ".jpeg", ".png", ".webp")
	if err != nil {
		return err
	}
	clips, err := filesIn(f.clips, ".mp4", ".webm", ".mov", ".mkv")
	if err != nil {
		return err
	}
	v, err := a.openVision()
	if err != nil {
		return err
	}
	defer closeInto(&err, v)
	st, err := openStudio(v)
	if err != nil {
		return err
	}
	defer closeInto(&err, st)
	model, err := portrait.Load(v.runtime, f.generator)
	if err != nil {
		return err
	}
	defer closeInto(&err, model)
	var drivers []*recording
	for _, c := range clips {
		r, err := record(ctx, v, c, f.limit)
		if err != nil {
			return err
		}
		if err := r.keepViews(ctx, c); err != nil {
			return err
		}
		drivers = append(drivers, r)
	}
	bar := newBar(a.err, "drawing sheets")
	defer bar.done()
	for i, path := range portraits {
		bar.fraction(float64(i)/float64(len(portraits)), filepath.Base(path))
		if err := a.sheetOf(ctx, st, model, f, path, drivers); err != nil {
			return err
		}
	}
	return nil
}

// sheetOf draws one portrait moved by all drivers.
func (a *app) sheetOf(ctx context.Context, st *studio, model *portrait.Model, f *sheetFlags, path string, drivers []*recording) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	p, err := a.buildFrom(ctx, st, path, &personaliseFlags{name: name}, nil)
	if err != nil {
		fmt.Fprintf(a.err, "%s cannot be served: %v\n", name, err)
		return nil
	}
	look, err := model.Appearance(p)
	if err != nil {
		return err
	}
	painter, err := model.NewPainter(look, judgeSize)
	if err != nil {
		return err
	}
	e := &easel{options: mesh.Options{Size: judgeSize, Badge: mesh.BadgeNone}}
	defer e.Close()
	sub, err := e.sit(p)
	if err != nil {
		return err
	}
	defer sub.Close()
	out := newSheet(name)
	for _, d := range drivers {
		if err := compare(sub, painter, &p.Face, d, out); err != nil {
			return err
		}
	}
	return out.write(f.out)
}

// compare adds the clip's extremes to the sheet, the drivers first, then what became of them.
func compare(sub *sitter, painter *portrait.Painter, rest *motion.Rest, d *recording, out *sheet) error {
	pup := newPuppet(sub, geometric{}, drive.DefaultOptions(), d.rate[0], d.rate[1])
	dst, err := frame.NewI420(judgeSize, judgeSize)
	if err != nil {
		return err
	}
	want := d.picks
	last := 0
	for at := range want {
		last = max(last, at)
	}
	for i := range d.samples[:min(last+1, len(d.samples))] {
		s := d.samples[i]
		if err := pup.step(&s, dst); err != nil {
			return err
		}
		label, ok := want[i]
		if !ok || slices.Contains([]string{"yaw right", "yaw left", "down"}, label) {
			continue
		}
		calm := closeUp(dst, &pup.state, rest)
		if err := painter.Paint(dst, &pup.state); err != nil {
			return err
		}
		cell := image.NewRGBA(image.Rect(0, 0, viewEdge, 2*viewEdge))
		draw.ApproxBiLinear.Scale(cell, image.Rect(0, 0, viewEdge/2, viewEdge/2), d.views[i], d.views[i].Bounds(), draw.Src, nil)
		rgba := image.NewRGBA(image.Rect(0, 0, judgeSize, judgeSize))
		if err := dst.ToRGBA(rgba); err != nil {
			return err
		}
		draw.ApproxBiLinear.Scale(cell, image.Rect(viewEdge/2, 0, viewEdge, viewEdge/2), rgba, rgba.Bounds(), draw.Src, nil)
		half := image.Rect(0, viewEdge/2, viewEdge, viewEdge/2+viewEdge*3/4)
		draw.Draw(cell, half, calm, image.Pt(0, viewEdge/8), draw.Src)
		draw.Draw(cell, half.Add(image.Pt(0, viewEdge*3/4)), closeUp(dst, &pup.state, rest), image.Pt(0, viewEdge/8), draw.Src)
		text := font.Drawer{Dst: cell, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(4, 14)}
		text.DrawString(label)
		out.cells = append(out.cells, cell)
	}
	return nil
}

// closeUp enlarges the surroundings of the mouth.
func closeUp(src *frame.I420, st *motion.State, rest *motion.Rest) *image.RGBA {
	r := portrait.Mouth()
	r.Edge = viewEdge
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
