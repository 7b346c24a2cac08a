// Package tuning fits what the learned layer knows of a persona to a film of its own person. What is fitted is painted over what the
// geometric layer and the persona's further views draw, and served only where frames that it was not fitted to are the better for it.
package tuning

import (
	"context"
	"errors"
	"image"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/reenact"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	size = 512 // pixels of what is drawn
	// MostFrames is how many frames are fitted to and judged by, at most.
	MostFrames = 64
	// LeastFrames is from how many frames on a person is tuned to: what fewer say of themselves foretells nothing of others.
	LeastFrames = 12
	keepEvery   = 4  // of the frames one is kept out
	leastInside = 20 // pixels of the region that lie between the lips
)

// Recogniser tells people apart, by unit vectors that are close for one person.
type Recogniser interface {
	// Known tells whether it can.
	Known() bool
	// Embed reads into dst, of face.IdentitySize, who is in a picture; false if that cannot be told.
	Embed(picture *image.RGBA, points *[landmark.Count]landmark.Point, dst []float32) (bool, error)
}

// Film collects frames of a persona's own person, and then fits to them. It belongs to one goroutine.
type Film struct {
	persona *persona.Persona
	tuner   *portrait.Tuner
	drawn   *reenact.Reenactor // geometric layer and further views
	served  *reenact.Reenactor // what is served untuned
	who     Recogniser
	frames  []*shot
	edge    int
}

// shot is a frame.
type shot struct {
	portrait.Example
	kept   bool
	before float32   // of one that is kept: how far what is served untuned is off
	who    []float32 // whom it shows; nil: not known
	alike  float32   // how much what is served untuned is that person
}

// Open prepares to tune p. who may be nil. The error is portrait.ErrNoTuning where m cannot. The caller closes it.
func Open(p *persona.Persona, m *portrait.Model, who Recogniser) (_ *Film, err error) {
	f := &Film{persona: p, who: who}
	if f.tuner, err = m.NewTuner(p); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	f.edge = f.tuner.Region().Edge
	if f.drawn, err = reenact.Open(p, size, nil); err != nil {
		return nil, err
	}
	plain, err := f.tuner.Painter(f.tuner.Plain(), size)
	if err != nil {
		return nil, err
	}
	f.served, err = reenact.Open(p, size, plain.Paint)
	return f, err
}

// Close frees the networks.
func (f *Film) Close() error {
	for _, r := range []*reenact.Reenactor{f.drawn, f.served} {
		if r != nil {
			r.Close()
		}
	}
	return f.tuner.Close()
}

// Opened tells whether a face shows enough between its lips to be worth adding.
func Opened(one *landmark.Sample) bool {
	const least = 0.02 // of the distance between the eyes
	p := &one.Points
	left, right := motion.Middle(p[motion.LeftEyeOuter], p[motion.LeftEyeInner]), motion.Middle(p[motion.RightEyeOuter], p[motion.RightEyeInner])
	gap := motion.Vec3{X: p[14].X - p[13].X, Y: p[14].Y - p[13].Y}
	eyes := motion.Vec3{X: right.X - left.X, Y: right.Y - left.Y}
	return gap.X*gap.X+gap.Y*gap.Y > least*least*(eyes.X*eyes.X+eyes.Y*eyes.Y)
}

// Choose gives the frames to add, in their order: all that are views, and of others as many as there is room for, all over the film.
func Choose(views, others []int) []int {
	n, most := len(others), max(MostFrames-len(views), 0)
	out := slices.Clone(views)
	for k := range min(n, most) {
		out = append(out, others[k*n/min(n, most)])
	}
	slices.Sort(out)
	return out
}

// None is the number of a frame that is no view.
const None = -1

// Add takes a frame, with its face, in the film's order, of the film that the persona's picture is of; it keeps neither. number is which of
// the persona's further views the frame is, from 0, or None: a view counts as what is drawn without it. Frames with shut lips, and those
// beyond MostFrames, are passed over.
func (f *Film) Add(view *image.RGBA, one *landmark.Sample, number int) (err error) {
	if len(f.frames) >= MostFrames {
		return nil
	}
	now := time.Unix(1000, 0) // stillness does not count
	place := reenact.PlaceOf(f.persona)
	drawn := f.drawn
	if number != None {
		if drawn, err = drawn.Without(number); err != nil {
			return err
		}
	}
	if err = drawn.Draw(one, place, now); err != nil {
		return err
	}
	at, ok := f.tuner.Place(&drawn.State)
	if !ok || f.tuner.Inside(&drawn.State) < leastInside {
		return nil
	}
	s := &shot{kept: len(f.frames)%keepEvery == keepEvery-1}
	s.State = drawn.State
	s.Truth = make([]byte, 3*f.edge*f.edge)
	reenact.Truth(s.Truth, f.edge, view, place, at)
	if s.Picture, err = frame.NewI420(size, size); err != nil {
		return err
	}
	s.Picture.CopyFrom(drawn.Drawn)
	f.frames = append(f.frames, s)
	if !s.kept {
		return nil
	}
	served := f.served
	if number != None {
		if served, err = served.Without(number); err != nil {
			return err
		}
	}
	if err = served.Draw(one, place, now); err != nil {
		return err
	}
	return f.keep(s, view, one, served.Drawn)
}

// keep measures what is served untuned of a frame that is kept out.
func (f *Film) keep(s *shot, view *image.RGBA, one *landmark.Sample, served *frame.I420) error {
	before, err := f.tuner.Judge(nil, &portrait.Example{Picture: served, State: s.State, Truth: s.Truth})
	if err != nil {
		return err
	}
	s.before = before
	if f.who == nil || !f.who.Known() {
		return nil
	}
	who := make([]float32, face.IdentitySize)
	ok, err := f.who.Embed(view, &one.Points, who)
	if err != nil || !ok {
		return err
	}
	s.who = who
	s.alike, err = f.likeness(s, served)
	return err
}

// likeness tells how much a drawn frame shows whom it should; -1 where that cannot be told.
func (f *Film) likeness(s *shot, drawn *frame.I420) (float32, error) {
	picture := image.NewRGBA(image.Rect(0, 0, size, size))
	if err := drawn.ToRGBA(picture); err != nil {
		return 0, err
	}
	var points [landmark.Count]landmark.Point
	for i, q := range s.State.Points {
		points[i] = s.State.Head.Apply(q)
	}
	own := make([]float32, face.IdentitySize)
	if ok, err := f.who.Embed(picture, &points, own); err != nil || !ok {
		return -1, err
	}
	return float32(face.Similarity(own, s.who)), nil
}

// Frames is how many have been taken.
func (f *Film) Frames() int { return len(f.frames) }

// turned does work when it is its turn, unless ctx has ended.
func turned(ctx context.Context, turn func(func() error) error, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if turn == nil {
		return work()
	}
	return turn(work)
}
