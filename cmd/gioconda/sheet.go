package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// nothing is a generator that draws nothing, for measuring motion alone.
type nothing struct{}

func (nothing) Generate([]pipeline.Job) {}

// recording is a clip tracked once, to move many portraits.
type recording struct {
	name     string
	rate     [2]int
	samples  []landmark.Sample
	features []motion.Features
	picks    map[int]string      // frames that sheets show, with their labels; empty without sheets
	views    map[int]*image.RGBA // small pictures of those
}

const viewEdge = 256

// record tracks a clip, or its first limit frames where limit is not 0.
func record(ctx context.Context, v *face.Networks, path string, limit int) (r *recording, err error) {
	p, err := openPerformer(ctx, v, path)
	if err != nil {
		return nil, err
	}
	defer cleanup.Close(&err, p)
	r = &recording{name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	r.rate[0], r.rate[1] = p.Rate()
	fitter := motion.NewFitter()
	for limit == 0 || len(r.samples) < limit {
		var s landmark.Sample
		if err := p.Next(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		r.samples = append(r.samples, s)
		r.features = append(r.features, fitter.Measure(&s.Points))
	}
	return r, nil
}

// keepViews picks the frames worth a look and reads the clip a second time for their pictures, so that the others are
// never held.
func (r *recording) keepViews(ctx context.Context, path string) (err error) {
	r.picks, r.views = pickFrames(r), map[int]*image.RGBA{}
	film, err := clip.Open(ctx, path)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, film)
	whole := film.NewFrame()
	for i := 0; len(r.views) < len(r.picks); i++ {
		if err := film.Read(whole); err != nil {
			return fmt.Errorf("reading frame %d of %s again: %w", i, path, err)
		}
		if _, ok := r.picks[i]; ok {
			r.views[i] = image.NewRGBA(image.Rect(0, 0, viewEdge, viewEdge))
			imaging.Fit(r.views[i], whole)
		}
	}
	return nil
}

// sheet is a contact sheet: driver above, portrait below.
type sheet struct {
	name  string
	cells []*image.RGBA
}

const sheetColumns = 7

func newSheet(name string) *sheet { return &sheet{name: name} }

// add draws one pair.
func (s *sheet) add(label string, driver, portrait *image.RGBA) {
	cell := image.NewRGBA(image.Rect(0, 0, viewEdge, 2*viewEdge))
	draw.Draw(cell, image.Rect(0, 0, viewEdge, viewEdge), driver, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(cell, image.Rect(0, viewEdge, viewEdge, 2*viewEdge), portrait, portrait.Bounds(), draw.Src, nil)
	d := font.Drawer{Dst: cell, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(4, 14)}
	d.DrawString(label)
	s.cells = append(s.cells, cell)
}

func (s *sheet) write(dir string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // sheets are for looking at
		return err
	}
	rows := (len(s.cells) + sheetColumns - 1) / sheetColumns
	img := image.NewRGBA(image.Rect(0, 0, sheetColumns*viewEdge, rows*2*viewEdge))
	for i, c := range s.cells {
		at := image.Pt(i%sheetColumns*viewEdge, i/sheetColumns*2*viewEdge)
		draw.Draw(img, c.Bounds().Add(at), c, image.Point{}, draw.Src)
	}
	f, err := os.Create(filepath.Join(dir, s.name+".png"))
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, f)
	w := bufio.NewWriter(f)
	if err := png.Encode(w, img); err != nil {
		return err
	}
	return w.Flush()
}

// pickFrames chooses the frames of a clip that are worth a look: the extremes of every motion.
func pickFrames(d *recording) map[int]string {
	picks := map[int]string{}
	best := func(label string, score func(*motion.Features) float64) {
		at, most := -1, 0.0
		for i := range d.features {
			if d.samples[i].Lost() {
				continue
			}
			if v := score(&d.features[i]); at < 0 || v > most {
				at, most = i, v
			}
		}
		if at >= 0 {
			picks[at] = label
		}
	}
	best("open mouth", func(f *motion.Features) float64 { return f.MouthOpen })
	best("closed eyes", func(f *motion.Features) float64 { return -f.EyeOpen[0] - f.EyeOpen[1] })
	best("wide mouth", func(f *motion.Features) float64 { return f.MouthWidth - 0.1*f.MouthOpen })
	best("yaw right", func(f *motion.Features) float64 { return f.Yaw })
	best("yaw left", func(f *motion.Features) float64 { return -f.Yaw })
	best("down", func(f *motion.Features) float64 { return f.Pitch })
	best("up", func(f *motion.Features) float64 { return -f.Pitch })
	return picks
}
