package quality

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/stats"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// SheetOptions say what is looked at. Networks and Maker are the caller's.
type SheetOptions struct {
	Networks  *face.Networks
	Maker     *personas.Maker
	NPM       string // folder of npm packages, where the identity network may have to be converted from
	Portraits []string
	Clips     []string
	Generator string // folder with a generator's manifest
	Out       string // folder for the sheets
	Limit     int    // frames of a clip, 0: all

	Progress func(fraction float64, step string)
	Note     func(text string) // what is left out, and why
}

// Sheets moves every portrait by every clip and writes a sheet for each portrait: what the geometric layer makes of the
// clips' extremes, and what the learned one does. It returns what was measured meanwhile, in lines.
func Sheets(ctx context.Context, o *SheetOptions) (_ []string, err error) {
	m := &sheetMaker{SheetOptions: o}
	if m.model, err = portrait.Load(o.Networks.Runtime, o.Generator); err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, m.model)
	if m.drivers, err = recordAll(ctx, o.Networks, o.Clips, o.Limit, true, func(done float64, step string) {
		o.Progress(0.3*done, "tracking "+step)
	}); err != nil {
		return nil, err
	}
	if m.like, err = OpenLikeness(ctx, o.Networks, o.NPM); err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, m.like)
	if m.tracker, err = o.Networks.Tracker(); err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, m.tracker)
	for i, path := range o.Portraits {
		o.Progress(0.3+0.7*float64(i)/float64(len(o.Portraits)), filepath.Base(path))
		if err := m.sheet(ctx, path); err != nil {
			return nil, err
		}
	}
	return append(m.lines, m.like.Note()), nil
}

// sheetMaker draws the sheets of one generator.
type sheetMaker struct {
	*SheetOptions
	model    *portrait.Model
	drivers  []*driver.Recording
	like     *Likeness
	tracker  *face.Tracker
	identity [2]stats.Mean // of the portrait at work, without and with the learned layer
	lines    []string
}

// sheet draws one portrait moved by all drivers and notes how much it stays itself.
func (m *sheetMaker) sheet(ctx context.Context, path string) error {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	p, err := m.Maker.Portrait(ctx, path, persona.Options{}, nil)
	if err != nil {
		m.Note(fmt.Sprintf("%s cannot be served: %v", name, err))
		return nil
	}
	look, err := m.model.Appearance(p)
	if err != nil {
		return err
	}
	painter, err := m.model.NewPainter(look, Edge)
	if err != nil {
		return err
	}
	if err = m.like.know(m.tracker, p.Crop); err != nil {
		return err
	}
	m.identity = [2]stats.Mean{}
	e := compositor.NewCache(mesh.Options{Size: Edge, Badge: mesh.BadgeNone}, nil, nil)
	defer e.Close()
	sub, err := e.Open(ctx, p)
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
		m.lines = append(m.lines, fmt.Sprintf("%s: identity %.3f geometric, %.3f learned", name, m.identity[0].Score(), m.identity[1].Score()))
	}
	return out.write(m.Out)
}

// compare adds the clip's extremes to the sheet, the drivers first, then what became of them.
func (m *sheetMaker) compare(sub *compositor.Subject, painter *portrait.Painter, rest *motion.Rest, d *driver.Recording, out *sheet) error {
	stepper := pipeline.NewStepper(sub, compositor.Geometric{}, drive.DefaultOptions(), d.Rate[0], d.Rate[1])
	dst, err := frame.NewI420(Edge, Edge)
	if err != nil {
		return err
	}
	last := 0
	for at := range d.Picks {
		last = max(last, at)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, Edge, Edge))
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
