// Package driver gives the samples of drivers who are not before a browser: clips, and performances written by program.
package driver

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/files"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// SamplePrefix begins the name of a performance, where a driver is asked for.
const SamplePrefix = "sample:"

// Source gives a driver's samples, frame by frame, in film time.
type Source interface {
	// Next reads the next sample; io.EOF after the last.
	Next(s *landmark.Sample) error
	// View is the driver's picture that the sample came from, nil if there is none.
	View() *image.RGBA
	Rate() (num, den int)
	Frames() int // an estimate, 0 if unknown
	Close() error
}

// Open opens a clip, or a performance written as sample:NAME; the caller closes it.
func Open(ctx context.Context, v *face.Networks, driver string) (Source, error) {
	if name, ok := strings.CutPrefix(driver, SamplePrefix); ok {
		p, err := perform.New(name)
		if err != nil {
			return nil, err
		}
		return &performance{play: p, seconds: seconds(name)}, nil
	}
	r, err := clip.Open(ctx, driver)
	if err != nil {
		return nil, err
	}
	t, err := v.Tracker()
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return &clipSource{reader: r, tracker: t, view: r.NewFrame()}, nil
}

func seconds(name string) float64 {
	for _, i := range perform.List() {
		if i.Name == name {
			return i.Seconds
		}
	}
	return 0
}

// PlayRate is the frames a second of a performance.
const PlayRate = 30

// performance is a performance written by program.
type performance struct {
	play    *perform.Performance
	seconds float64
	frame   int
}

func (p *performance) Next(s *landmark.Sample) error {
	if p.frame >= p.Frames() {
		return io.EOF
	}
	p.play.At(time.Duration(p.frame)*time.Second/PlayRate, s)
	p.frame++
	return nil
}

func (p *performance) View() *image.RGBA { return nil }

func (p *performance) Rate() (num, den int) { return PlayRate, 1 }

func (p *performance) Frames() int { return int(p.seconds * PlayRate) }

func (p *performance) Close() error { return nil }

// clipSource is a clip followed by the server's tracker.
type clipSource struct {
	reader  *clip.Reader
	tracker *face.Tracker
	view    *image.RGBA
}

func (f *clipSource) Next(s *landmark.Sample) error {
	if err := f.reader.Read(f.view); err != nil {
		return err
	}
	return f.tracker.Track(face.FromRGBA(f.view), s)
}

func (f *clipSource) View() *image.RGBA { return f.view }

func (f *clipSource) Rate() (num, den int) { return f.reader.Info.RateNum, f.reader.Info.RateDen }

func (f *clipSource) Frames() int { return f.reader.Info.Frames }

func (f *clipSource) Close() error { return errors.Join(f.tracker.Close(), f.reader.Close()) }

// Performances lists the names of all performances, as Open takes them.
func Performances() []string {
	var names []string
	for _, i := range perform.List() {
		names = append(names, SamplePrefix+i.Name)
	}
	return names
}

// Check says early that there is no such clip or performance.
func Check(name string) error {
	if name == "" {
		return errors.New("--driver is missing: name a clip, or " + strings.Join(Performances(), ", "))
	}
	if !strings.HasPrefix(name, SamplePrefix) {
		return files.CheckInput(name)
	}
	if !slices.Contains(Performances(), name) {
		return fmt.Errorf("there is no performance %q; there are %s", name, strings.Join(Performances(), ", "))
	}
	return nil
}
