package main

import (
	"context"
	"errors"
	"image"
	"io"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/imaging"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

const samplePrefix = "sample:"

// performer gives a driver's samples, frame by frame, in film time.
type performer interface {
	// Next reads the next sample; io.EOF after the last.
	Next(s *landmark.Sample) error
	// View is the driver's picture that the sample came from, nil if there is none.
	View() *image.RGBA
	Rate() (num, den int)
	Frames() int // an estimate, 0 if unknown
	Close() error
}

// openPerformer opens a clip, or a performance written as sample:NAME.
func openPerformer(ctx context.Context, v *face.Networks, driver string) (performer, error) {
	if name, ok := strings.CutPrefix(driver, samplePrefix); ok {
		p, err := perform.New(name)
		if err != nil {
			return nil, err
		}
		return &played{play: p, seconds: seconds(name)}, nil
	}
	r, err := clip.Open(ctx, driver)
	if err != nil {
		return nil, err
	}
	t, err := v.Tracker()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &filmed{reader: r, tracker: t, view: r.NewFrame()}, nil
}

func seconds(name string) float64 {
	for _, i := range perform.List() {
		if i.Name == name {
			return i.Seconds
		}
	}
	return 0
}

const playRate = 30 // frames a second of a performance

// played is a performance written by program.
type played struct {
	play    *perform.Performance
	seconds float64
	frame   int
}

func (p *played) Next(s *landmark.Sample) error {
	if p.frame >= p.Frames() {
		return io.EOF
	}
	p.play.At(time.Duration(p.frame)*time.Second/playRate, s)
	p.frame++
	return nil
}

func (p *played) View() *image.RGBA    { return nil }
func (p *played) Rate() (num, den int) { return playRate, 1 }
func (p *played) Frames() int          { return int(p.seconds * playRate) }
func (p *played) Close() error         { return nil }

// filmed is a clip followed by the server's tracker.
type filmed struct {
	reader  *clip.Reader
	tracker *face.Tracker
	view    *image.RGBA
}

func (f *filmed) Next(s *landmark.Sample) error {
	if err := f.reader.Read(f.view); err != nil {
		return err
	}
	return f.tracker.Track(face.FromRGBA(f.view), s)
}

func (f *filmed) View() *image.RGBA    { return f.view }
func (f *filmed) Rate() (num, den int) { return f.reader.Info.RateNum, f.reader.Info.RateDen }
func (f *filmed) Frames() int          { return f.reader.Info.Frames }
func (f *filmed) Close() error         { return errors.Join(f.tracker.Close(), f.reader.Close()) }

// canvas arranges driver, portrait or whole picture in one film frame.
type canvas struct {
	out  *frame.I420 // what is written
	crop *frame.I420 // what the generator draws; out itself when nothing else is shown
	side *image.RGBA // scaled view of the driver
	pane *frame.I420
	full *fullFrame
}

func newCanvas(size int, sideBySide bool, full *fullFrame) (c *canvas, err error) {
	c = &canvas{full: full}
	if c.crop, err = frame.NewI420(size, size); err != nil {
		return nil, err
	}
	c.out = c.crop
	if full != nil {
		c.out = full.out
	}
	if !sideBySide {
		return c, nil
	}
	h := c.out.Height
	c.side = image.NewRGBA(image.Rect(0, 0, h, h))
	if c.pane, err = frame.NewI420(h, h); err != nil {
		return nil, err
	}
	c.out, err = frame.NewI420(h+c.out.Width, h)
	return c, err
}

// compose builds the frame after the generator has drawn c.crop. view may be nil.
func (c *canvas) compose(view *image.RGBA) error {
	picture := c.crop
	if c.full != nil {
		if err := c.full.compose(c.crop); err != nil {
			return err
		}
		picture = c.full.out
	}
	if c.pane == nil {
		return nil
	}
	if view != nil {
		imaging.Fit(c.side, view)
	}
	if err := c.pane.FromRGBA(c.side); err != nil {
		return err
	}
	return errors.Join(c.out.Blit(c.pane, 0, 0), c.out.Blit(picture, c.pane.Width, 0))
}
