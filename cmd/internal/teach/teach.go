// Package teach makes one persona of several pictures of a person, or of a film: the calmest picture is shown, the others say
// what it lacks (package models/views).
package teach

import (
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/tuning"
	"github.com/gioconda-live/gioconda/models/behind"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/intake"
	"github.com/gioconda-live/gioconda/models/portrait"
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

// Options say how a persona is made. Maker is the caller's; the functions are called from the caller's goroutine, or from within Turn.
type Options struct {
	Name     string
	Persona  persona.Options // Face and Known are not looked at
	Maker    *personas.Maker
	Who      Recogniser
	Progress persona.Progress
	Note     func(text string) // what is left out, and why
	// Base is a persona that the pictures are added to: what it shows stays. nil: a new one is made.
	Base *persona.Persona
	// Left hears of each picture that is left out, at once; nil: Note does, in words, at the end.
	Left func(Left)
	// Shown hears which picture is the one that is shown; nil: nobody does.
	Shown func(number int)
	// Model is the generator whose learned layer is tuned to a film; nil: none is. Tuned hears what came of that; nil: nobody does.
	Model *portrait.Model
	Tuned func(*tuning.Result)
	// Revealed hears what was seen of the background where the person is; nil: nobody does.
	Revealed func(behind.Found)
	// Turn does a piece of the work when it is its turn, of a second at most, and fails where it will not be; nil: at once.
	Turn func(work func() error) error

	left []Left
}

// Left is a picture, or a frame of a film, that is not part of the persona.
type Left struct {
	Number int    // which, from 0; of a film its frame
	Name   string // its file's
	Code   string // for programs: one of this package, or of a persona's refusals
	Why    string // half a sentence, about the picture
}

func (o *Options) leave(l Left) {
	if o.Left != nil {
		o.Left(l)
	} else {
		o.left = append(o.left, l)
	}
}

// tell notes what was left out: each by its name, or of many those of one reason together.
func (o *Options) tell() {
	const few = 5
	counts := map[string]int{}
	for _, l := range o.left {
		counts[l.Why]++
	}
	for _, l := range o.left {
		switch n := counts[l.Why]; {
		case n > few:
			o.Note(fmt.Sprintf("%d pictures are left out: %s", n, l.Why))
			counts[l.Why] = 0
		case n > 0 && l.Code != Alike:
			o.Note(l.Name + " is left out: " + l.Why)
		}
	}
}

// turn does work when it is its turn, unless ctx has ended.
func (o *Options) turn(ctx context.Context, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.Turn == nil {
		return work()
	}
	return o.Turn(work)
}

const (
	// MostPictures is how many are looked at, at most.
	MostPictures = 200
	// mostBytes is how long the file of a persona becomes at most, by leaving out views; what generators keep in it comes on top.
	mostBytes = 6<<20 - 512<<10
	// viewEdge is the edge of further views, pixels: what is drawn of them is a face.
	viewEdge = 448
	// seeing is the share of the work that is done when all faces have been looked for, and making that when the views are made, where
	// what follows is tuning.
	seeing, making = 0.4, 0.7
)

// Alike is the code of pictures that are as good as those that were taken.
const Alike = "alike"

// seer is shown a picture with a face, under its number.
type seer func(number int, name string, picture *image.RGBA, one *landmark.Sample) error

// album is where pictures come from. look is called once, and first; pictures are valid until the callback returns.
type album interface {
	// look shows every picture in which there is a face that is sure.
	look(ctx context.Context, o *Options, see seer) error
	// loose tells that the pictures were not taken one after the other.
	loose() bool
	// beside tells of a picture that look has shown that it is only tuned to.
	beside(number int) bool
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
	defer o.tell()
	c := &contact{options: o, loose: a.loose(), beside: a.beside}
	if err := c.hold(o.Base); err != nil {
		return nil, err
	}
	if err := a.look(ctx, o, c.add); err != nil {
		return nil, err
	}
	if len(c.seen) == c.held {
		return nil, intake.NewError(persona.CodeNoFace, "No face was found in any of these pictures that could be used; choose pictures of one person from the front, large and well lit.", nil)
	}
	var numbers []int
	if err := o.turn(ctx, func() error { numbers = c.choose(); return nil }); err != nil {
		return nil, err
	}
	fresh := slices.DeleteFunc(slices.Clone(numbers), func(n int) bool { return n < c.held })
	if len(fresh) == 0 {
		return nil, errNothingNew
	}
	if o.Shown != nil {
		o.Shown(c.seen[numbers[0]].number)
	}
	tunes, ready := c.tunable(), 1.0
	if tunes {
		ready = making
	}
	built, err := c.build(ctx, a, fresh, ready)
	if err != nil {
		return nil, err
	}
	out, from := c.join(numbers, built)
	o.Progress(ready, "Putting it together")
	if err = c.reveal(ctx, a, out, numbers[0]); err != nil {
		return nil, err
	}
	if err = o.turn(ctx, func() error { return fit(out) }); err != nil {
		return nil, err
	}
	for _, n := range from[len(out.Others):] {
		c.leave(n, "size", "the persona's file would become too large")
	}
	if tunes {
		out, err = c.tune(ctx, a, out, from[:len(out.Others)], built)
	}
	o.Progress(1, "Ready")
	return out, err
}

// errNothingNew is why nothing is added to a persona.
var errNothingNew = errors.New("none of these pictures shows anything that the persona lacks and that it could use")

// build makes personas of the pictures that were chosen, by number; without those that are refused. ready is the share of the work that is
// done then.
func (c *contact) build(ctx context.Context, a album, numbers []int, ready float64) (map[int]*persona.Persona, error) {
	o, built := c.options, map[int]*persona.Persona{}
	own := make([]int, len(numbers))
	for i, n := range numbers {
		own[i] = n - c.held
	}
	err := a.fetch(ctx, own, func(n int, p *picked) error {
		n += c.held
		if err := ctx.Err(); err != nil {
			return err
		}
		o.Progress(seeing+(ready-seeing)*float64(len(built))/float64(len(numbers)), "Making "+c.seen[n].name+" ready")
		shown := n == numbers[0] && c.held == 0
		made, err := o.build(ctx, p, shown)
		var refused *persona.Error
		switch {
		case errors.As(err, &refused) && !shown:
			c.leave(n, refused.Code(), refused.Error())
			return nil
		case err != nil:
			return err
		}
		built[n] = made
		return nil
	})
	return built, err
}

// choose lists those that become views, the one that is shown first; the others are left out.
func (c *contact) choose() (numbers []int) {
	kept := c.parts(c.keep())
	samples := make([]*landmark.Sample, len(kept))
	for i, k := range kept {
		samples[i] = &c.seen[k].sample
	}
	first := 0
	if c.held == 0 {
		first = views.Calmest(samples, c.fine(kept))
	}
	chosen := make([]bool, len(kept))
	for _, i := range views.Pick(samples, first, persona.MaxViews) {
		numbers = append(numbers, kept[i])
		chosen[i] = true
	}
	for i, k := range kept {
		if !chosen[i] {
			c.leave(k, Alike, "the others show it already")
		}
	}
	return numbers
}

// parts are those of some pictures that may be part of a persona; all of them where none may.
func (c *contact) parts(kept []int) (out []int) {
	for _, i := range kept {
		if i < c.held || !c.beside(c.seen[i].number) {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		return kept
	}
	for _, i := range kept {
		if !slices.Contains(out, i) {
			c.leave(i, Alike, "it is only learned from")
		}
	}
	return out
}

func (c *contact) leave(n int, code, why string) {
	c.options.leave(Left{Number: c.seen[n].number, Name: c.seen[n].name, Code: code, Why: why})
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

// fit leaves out the last views of a persona until its file is small enough, and what was tuned on them.
func fit(p *persona.Persona) error {
	for {
		var size counter
		if err := p.Write(&size); err != nil {
			return err
		}
		if size <= mostBytes || len(p.Others) == 0 {
			break
		}
		each := int(size) / (1 + len(p.Others)) // about; what is still too large is seen in the next round
		*p = *portrait.Untuned(p)
		p.Others = p.Others[:max(len(p.Others)-max((int(size)-mostBytes)/each, 1), 0)]
	}
	return nil
}

// counter counts bytes.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
