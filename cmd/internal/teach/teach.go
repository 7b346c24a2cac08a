// Package teach makes one persona of several pictures of a person, or of a film: the calmest picture is shown, the others say
// what it lacks (package models/views).
package teach

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Recogniser tells people apart, by unit vectors that are close for one person.
type Recogniser interface {
	// Known tells whether it can.
	Known() bool
	// Embed reads into dst, of face.IdentitySize, who is in a picture; false if that cannot be told.
	Embed(picture *image.RGBA, points *[landmark.Count]landmark.Point, dst []float32) (bool, error)
}

// Options say how a persona is made. Maker is the caller's; Progress and Note are called from the caller's goroutine.
type Options struct {
	Name     string
	Persona  persona.Options // Face and Known are not looked at
	Maker    *personas.Maker
	Who      Recogniser
	Progress persona.Progress
	Note     func(text string) // what is left out, and why
}

const (
	// MostPictures is how many are looked at, at most.
	MostPictures = 200
	// mostBytes is how long the file of a persona becomes at most, by leaving out views.
	mostBytes = 6 << 20
	// viewEdge is the edge of further views, pixels: what is drawn of them is a face.
	viewEdge = 448
	// seeing is the share of the work that looking for faces takes.
	seeing = 0.5
)

// album is where pictures come from. Each method is called once; pictures are valid until the callback returns.
type album interface {
	// look shows every picture in which there is a face that is sure.
	look(ctx context.Context, o *Options, see func(name string, picture *image.RGBA, one *landmark.Sample) error) error
	// loose tells that the pictures were not taken one after the other.
	loose() bool
	// fetch gives the pictures of those that look has shown under numbers, from 0, in any order.
	fetch(ctx context.Context, numbers []int, take func(number int, p *picked) error) error
}

// picked is a picture that becomes a view.
type picked struct {
	image  *image.RGBA
	known  *landmark.Sample // nil: it shows one face only
	source string           // name of its file
}

// assemble makes a persona of an album.
func assemble(ctx context.Context, a album, o *Options) (*persona.Persona, error) {
	c := &contact{options: o, loose: a.loose()}
	if err := a.look(ctx, o, c.add); err != nil {
		return nil, err
	}
	if len(c.seen) == 0 {
		return nil, errors.New("no face was found in any of these pictures that could be used; choose pictures of one person from the front, large and well lit")
	}
	kept := c.keep()
	samples := make([]*landmark.Sample, len(kept))
	for i, k := range kept {
		samples[i] = &c.seen[k].sample
	}
	first := views.Calmest(samples, c.fine(kept))
	numbers := make([]int, 0, persona.MaxViews)
	for _, i := range views.Pick(samples, first, persona.MaxViews) {
		numbers = append(numbers, kept[i])
	}
	built := map[int]*persona.Persona{}
	err := a.fetch(ctx, numbers, func(n int, p *picked) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.Progress(seeing+(1-seeing)*float64(len(built))/float64(len(numbers)), "Making "+c.seen[n].name+" ready")
		made, err := o.build(ctx, p, n == numbers[0])
		var refused *persona.Error
		switch {
		case errors.As(err, &refused) && n != numbers[0]:
			o.Note(c.seen[n].name + " is left out: " + refused.Error())
			return nil
		case err != nil:
			return err
		}
		built[n] = made
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := built[numbers[0]]
	for _, n := range numbers[1:] {
		if p := built[n]; p != nil {
			out.Others = append(out.Others, p.View)
		}
	}
	o.Progress(1, "Ready")
	return out, fit(out, o)
}

// build makes a persona of one picture: the whole of what is shown first, of others what a view needs.
func (o *Options) build(ctx context.Context, p *picked, first bool) (*persona.Persona, error) {
	deps, err := o.Maker.Deps()
	if err != nil {
		return nil, err
	}
	options := o.Persona
	options.Known, options.SourceName, options.Face = p.known, p.source, 0
	if first {
		return persona.BuildImage(ctx, p.image, o.Name, deps, options, nil)
	}
	options.MaxEdge = viewEdge
	made, err := persona.BuildImage(ctx, p.image, o.Name, deps, options, nil)
	if err != nil {
		return nil, err
	}
	made.Full = nil // a large picture is let go of
	return &persona.Persona{View: made.View}, nil
}

// fit leaves out the last views of a persona until its file is small enough.
func fit(p *persona.Persona, o *Options) error {
	all := len(p.Others)
	for {
		var size counter
		if err := p.Write(&size); err != nil {
			return err
		}
		if size <= mostBytes || len(p.Others) == 0 {
			break
		}
		each := int(size) / (1 + len(p.Others)) // about; what is still too large is seen in the next round
		p.Others = p.Others[:max(len(p.Others)-max((int(size)-mostBytes)/each, 1), 0)]
	}
	if n := all - len(p.Others); n > 0 {
		o.Note(fmt.Sprintf("%d of %d views are left out, for the file's size", n, all+1))
	}
	return nil
}

// counter counts bytes.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
