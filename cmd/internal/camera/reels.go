package camera

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// What stands before the name of a camera that is none.
const (
	filePrefix   = "file:"
	folderPrefix = "dir:"
)

// opener finds what takes a camera's place under the id; nil: nothing does, it is one.
func opener(id string, model Model) func(ctx context.Context) (reel, error) {
	if path, ok := strings.CutPrefix(id, filePrefix); ok {
		return func(ctx context.Context) (reel, error) { return openClip(ctx, path) }
	}
	if dir, ok := strings.CutPrefix(id, folderPrefix); ok {
		return func(context.Context) (reel, error) { return openFolder(dir) } //nolint:contextcheck // one picture is soon read
	}
	if strings.HasPrefix(id, driver.SamplePrefix) {
		return func(ctx context.Context) (reel, error) { return openSample(ctx, id, model) }
	}
	return nil
}

// Check says early that there is nothing to take a camera's place. A camera may come later.
func Check(id string) error {
	if path, ok := strings.CutPrefix(id, filePrefix); ok {
		return files.CheckInput(path)
	}
	if dir, ok := strings.CutPrefix(id, folderPrefix); ok {
		r, err := openFolder(dir)
		if err == nil {
			err = r.close()
		}
		return err
	}
	if strings.HasPrefix(id, driver.SamplePrefix) {
		return driver.Check(id)
	}
	return nil
}

// film is a clip.
type film struct{ r *clip.Reader }

func openClip(ctx context.Context, path string) (reel, error) {
	r, err := clip.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	if r.Info.Width > maxSide || r.Info.Height > maxSide {
		return nil, errors.Join(fmt.Errorf("its picture is %dx%d; use at most %d a side", r.Info.Width, r.Info.Height, maxSide), r.Close())
	}
	return &film{r}, nil
}

func (f *film) size() (width, height int)  { return f.r.Info.Width, f.r.Info.Height }
func (f *film) rate() (num, den int)       { return f.r.Info.RateNum, f.r.Info.RateDen }
func (f *film) next(img *image.RGBA) error { return f.r.Read(img) }
func (f *film) close() error               { return f.r.Close() }

// folder is the pictures of a folder in the order of their names, at folderRate.
type folder struct {
	dir   string
	names []string
	first image.Point // the size of the first picture: of all
	at    int
}

const (
	folderRate = 30   // pictures a second, as a film taken apart has them
	folderEdge = 1280 // they are scaled down to, pixels
)

func openFolder(dir string) (reel, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir}
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff":
			f.names = append(f.names, e.Name())
		}
	}
	if len(f.names) == 0 {
		return nil, fmt.Errorf("the folder %s has no pictures", dir)
	}
	img, err := f.read(0)
	if err != nil {
		return nil, err
	}
	f.first = img.Rect.Size()
	return f, nil
}

func (f *folder) read(n int) (*image.RGBA, error) {
	b, err := os.ReadFile(filepath.Join(f.dir, f.names[n]))
	if err != nil {
		return nil, err
	}
	p, err := intake.Decode(b, intake.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.names[n], err)
	}
	return even(imaging.Shrink(p.Image, folderEdge)), nil
}

// even leaves the last column and row out where they have no partner.
func even(img *image.RGBA) *image.RGBA {
	b := img.Rect
	b.Max.X -= b.Dx() % 2
	b.Max.Y -= b.Dy() % 2
	return img.SubImage(b).(*image.RGBA) //nolint:forcetypeassert // as its documentation says
}

func (f *folder) size() (width, height int) { return f.first.X, f.first.Y }
func (f *folder) rate() (num, den int)      { return folderRate, 1 }
func (f *folder) close() error              { return nil }

func (f *folder) next(img *image.RGBA) error {
	if f.at == len(f.names) {
		if f.at == 1 { // a still is read once
			return nil
		}
		return io.EOF
	}
	p, err := f.read(f.at)
	f.at++
	if err == nil {
		imaging.Fit(img, p)
	}
	return err
}

// Model gives the portrait that plays a performance before the tracker.
type Model func(ctx context.Context) (*persona.Persona, error)

// acted is a performance, played by a portrait.
type acted struct {
	source  driver.Source
	cache   *compositor.Cache
	subject *compositor.Subject
	stepper *pipeline.Stepper
	sample  landmark.Sample
	drawn   *frame.I420
}

// actedEdge is the edge of the portrait's picture, in pixels.
const actedEdge = 512

func openSample(ctx context.Context, name string, model Model) (_ reel, err error) {
	a := &acted{}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.source, err = driver.Open(ctx, nil, name); err != nil {
		return nil, err
	}
	p, err := model(ctx)
	if err != nil {
		return nil, err
	}
	a.cache = compositor.NewCache(mesh.Options{Size: actedEdge, Workers: 1}, nil, nil)
	if a.subject, err = a.cache.Open(ctx, p); err != nil {
		return nil, err
	}
	if a.drawn, err = frame.NewI420(actedEdge, actedEdge); err != nil {
		return nil, err
	}
	about := a.source.About()
	a.stepper = pipeline.NewStepper(a.subject, compositor.New(nil), drive.DefaultOptions(), about.RateNum, about.RateDen)
	return a, nil
}

func (a *acted) size() (width, height int) { return actedEdge, actedEdge }
func (a *acted) rate() (num, den int) {
	about := a.source.About()
	return about.RateNum, about.RateDen
}

func (a *acted) next(img *image.RGBA) error {
	if err := a.source.Next(&a.sample); err != nil {
		return err
	}
	if err := a.stepper.Step(&a.sample, a.drawn); err != nil {
		return err
	}
	return a.drawn.ToRGBA(img)
}

func (a *acted) close() error {
	if a.subject != nil {
		a.subject.Close()
	}
	if a.cache != nil {
		a.cache.Close()
	}
	if a.source != nil {
		return a.source.Close()
	}
	return nil
}
