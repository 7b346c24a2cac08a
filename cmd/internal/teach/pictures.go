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
	a := &pictures{options: o}
	for _, path := range paths {
		a.all = append(a.all, Picture{Name: filepath.Base(path), read: func() ([]byte, error) { return files.ReadPicture(path) }, path: path})
	}
	return a.make(ctx)
}

// Picture is one that was sent; what it holds is not believed.
type Picture struct {
	Name string
	Data []byte
	// Beside tells that it is too small to be part of the persona: it is only tuned to.
	Beside bool

	read func() ([]byte, error) // in place of Data
	path string                 // that other programs may read it from; "": none may
}

// Sent makes a persona of pictures that were sent, as Pictures does. together tells that they were taken one after the other.
func Sent(ctx context.Context, all []Picture, together bool, o *Options) (*persona.Persona, error) {
	return (&pictures{all: all, options: o, together: together}).make(ctx)
}

// pictures are an album of files, of which one at a time is decoded.
type pictures struct {
	all      []Picture
	options  *Options
	together bool
	from     []int              // which file each picture that was shown is
	known    []*landmark.Sample // its face, where there are several
}

func (a *pictures) make(ctx context.Context) (*persona.Persona, error) {
	if len(a.all) > MostPictures {
		return nil, fmt.Errorf("%d pictures: give %d at most", len(a.all), MostPictures)
	}
	return assemble(ctx, a, a.options)
}

const lookEdge = 1024 // pixels that pictures are reduced to for choosing

func (a *pictures) look(ctx context.Context, o *Options, see seer) error {
	for i := range a.all {
		o.Progress(seeing*float64(i)/float64(len(a.all)), "Looking at "+a.all[i].Name)
		if err := o.turn(ctx, func() error { return a.lookAt(ctx, i, see) }); err != nil {
			return err
		}
	}
	return nil
}

// lookAt shows one picture, or leaves it out.
func (a *pictures) lookAt(ctx context.Context, i int, see seer) error {
	o, name := a.options, a.all[i].Name
	deps, err := o.Maker.Deps()
	if err != nil {
		return err
	}
	img, err := a.read(ctx, i)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		o.leave(Left{Number: i, Name: name, Code: "unreadable", Why: err.Error()})
		return nil
	}
	if w, h := img.Rect.Dx(), img.Rect.Dy(); max(w, h) > lookEdge {
		img = raster.Resample(img, raster.Area{W: float64(w), H: float64(h)}, max(1, w*lookEdge/max(w, h)), max(1, h*lookEdge/max(w, h)))
	}
	faces, err := deps.Analyser.Faces(img)
	if err != nil {
		return err
	}
	if len(faces) == 0 {
		o.leave(Left{Number: i, Name: name, Code: persona.CodeNoFace, Why: "no face was found in it"})
		return nil
	}
	one := largest(faces)
	a.from = append(a.from, i)
	a.known = append(a.known, nil)
	if len(faces) > 1 {
		known := *one
		a.known[len(a.known)-1] = &known
	}
	return see(i, name, img, one)
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

func (a *pictures) read(ctx context.Context, i int) (*image.RGBA, error) {
	from := &a.all[i]
	src, decode := from.Data, intake.Foreign(nil)
	if from.read != nil {
		var err error
		if src, err = from.read(); err != nil {
			return nil, err
		}
	}
	if from.path != "" {
		decode = files.Foreign(ctx, from.path)
	}
	limits := a.options.Persona.Limits
	if limits == (intake.Limits{}) {
		limits = intake.DefaultLimits()
	}
	p, err := intake.DecodeWith(ctx, src, limits, decode)
	if err != nil {
		return nil, err
	}
	return p.Image, nil
}

func (a *pictures) fetch(ctx context.Context, numbers []int, take func(int, *picked) error) error {
	for _, n := range numbers {
		i := a.from[n]
		err := a.options.turn(ctx, func() error {
			img, err := a.read(ctx, i)
			if err != nil {
				return err
			}
			return take(n, &picked{image: img, known: a.known[n], source: a.all[i].Name})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *pictures) loose() bool { return !a.together }

func (a *pictures) beside(number int) bool { return a.all[number].Beside }
