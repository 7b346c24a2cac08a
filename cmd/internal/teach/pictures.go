package teach

import (
	"context"
	"fmt"
	"image"
	"path/filepath"

	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Pictures makes a persona of picture files. Those that do not help are left out and said; errors are those of a picture alone,
// or the context's.
func Pictures(ctx context.Context, paths []string, o *Options) (*persona.Persona, error) {
	if len(paths) > MostPictures {
		return nil, fmt.Errorf("%d pictures: give %d at most", len(paths), MostPictures)
	}
	return assemble(ctx, &pictures{paths: paths, options: o}, o)
}

// pictures are an album of files, of which one at a time is in memory.
type pictures struct {
	paths   []string
	options *Options
	from    []int              // which file each picture that was shown is
	known   []*landmark.Sample // its face, where there are several
}

const lookEdge = 1024 // pixels that pictures are reduced to for choosing

func (a *pictures) look(ctx context.Context, o *Options, see func(string, *image.RGBA, *landmark.Sample) error) error {
	deps, err := o.Maker.Deps()
	if err != nil {
		return err
	}
	for i, path := range a.paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := filepath.Base(path)
		o.Progress(seeing*float64(i)/float64(len(a.paths)), "Looking at "+name)
		img, err := a.read(ctx, path)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			o.Note(fmt.Sprintf("%s is left out: %v", name, err))
			continue
		}
		if w, h := img.Rect.Dx(), img.Rect.Dy(); max(w, h) > lookEdge {
			img = raster.Resample(img, raster.Area{W: float64(w), H: float64(h)}, max(1, w*lookEdge/max(w, h)), max(1, h*lookEdge/max(w, h)))
		}
		faces, err := deps.Analyser.Faces(img)
		if err != nil {
			return err
		}
		if len(faces) == 0 {
			o.Note(name + " is left out: no face was found in it")
			continue
		}
		one := largest(faces)
		a.from = append(a.from, i)
		a.known = append(a.known, nil)
		if len(faces) > 1 {
			known := *one
			a.known[len(a.known)-1] = &known
		}
		if err := see(name, img, one); err != nil {
			return err
		}
	}
	return nil
}

// largest is the face with the widest distance between its eyes.
func largest(faces []landmark.Sample) *landmark.Sample {
	wide := func(s *landmark.Sample) float32 {
		a, b := s.Points[33], s.Points[263]
		return (b.X-a.X)*(b.X-a.X) + (b.Y-a.Y)*(b.Y-a.Y)
	}
	best := &faces[0]
	for i := range faces {
		if wide(&faces[i]) > wide(best) {
			best = &faces[i]
		}
	}
	return best
}

func (a *pictures) read(ctx context.Context, path string) (*image.RGBA, error) {
	src, err := files.ReadPicture(path)
	if err != nil {
		return nil, err
	}
	limits := a.options.Persona.Limits
	if limits == (intake.Limits{}) {
		limits = intake.DefaultLimits()
	}
	p, err := intake.DecodeWith(ctx, src, limits, files.Foreign(ctx, path))
	if err != nil {
		return nil, err
	}
	return p.Image, nil
}

func (a *pictures) fetch(ctx context.Context, numbers []int, take func(int, *picked) error) error {
	for _, n := range numbers {
		path := a.paths[a.from[n]]
		img, err := a.read(ctx, path)
		if err != nil {
			return err
		}
		if err := take(n, &picked{image: img, known: a.known[n], source: filepath.Base(path)}); err != nil {
			return err
		}
	}
	return nil
}

func (a *pictures) loose() bool { return true }
