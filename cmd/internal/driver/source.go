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
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
)

// SamplePrefix begins the name of a performance, where a driver is asked for.
const SamplePrefix = "sample:"

// Source gives a driver's samples, frame by frame, in film time.
type Source interface {
	// Next reads the next sample; io.EOF after the last, also where a clip breaks off.
	Next(s *landmark.Sample) error
	// View is the driver's picture that the sample came from, nil if there is none.
	View() *image.RGBA
	About() About
	// Findings is what has come to light so far.
	Findings() Findings
	Close() error
}

// About is what is known of a driver beforehand.
type About struct {
	RateNum, RateDen int    // frames a second, a fraction
	Frames           int    // an estimate, 0 if unknown
	Sound            string // the clip whose sound goes with it, "" if there is none
}

// Findings is what the frames of a driver have shown.
type Findings struct {
	// Why says why frames show no face, most of them that do not.
	Why face.Reason
	// Torn is a clip.ErrTorn in a sentence for a clip that breaks off, after its end.
	Torn error
	// Notes are sentences about what may disappoint.
	Notes []string
}

// Open opens a clip, a picture, which is held for some seconds, or a performance written as sample:NAME; the caller
// closes it.
func Open(ctx context.Context, v *face.Networks, driver string) (Source, error) {
	if name, ok := strings.CutPrefix(driver, SamplePrefix); ok {
		p, err := perform.New(name)
		if err != nil {
			return nil, err
		}
		return &performance{play: p, seconds: seconds(name)}, nil
	}
	if files.IsStill(driver) {
		return openStill(ctx, v, driver)
	}
	return openClip(ctx, v, driver)
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
	if p.frame >= p.frames() {
		return io.EOF
	}
	p.play.At(time.Duration(p.frame)*time.Second/PlayRate, s)
	p.frame++
	return nil
}

func (p *performance) View() *image.RGBA { return nil }

func (p *performance) About() About {
	return About{RateNum: PlayRate, RateDen: 1, Frames: p.frames()}
}

func (p *performance) frames() int { return int(p.seconds * PlayRate) }

func (p *performance) Findings() Findings { return Findings{} }

func (p *performance) Close() error { return nil }

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
