// Package perform holds performances written by program: a synthetic driver who talks, shows moods and looks around.
// It moves a portrait without a camera and gives tests a driver that is the same every time.
package perform

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Rates at which performances are sampled, for those who see 30 and 60 pictures a second.
const (
	FPS     = 30
	MostFPS = 60
)

// ErrUnknown is the error of New for a name that List does not give.
var ErrUnknown = errors.New("perform: no such performance")

// Info describes a performance.
type Info struct {
	Name    string // what New takes: lower-case, fit for a URL
	Title   string // for people
	Seconds float64
}

// script is one performance as it is written.
type script struct {
	info  Info
	seed  uint64
	write func(*timeline)
}

func scripts() []script {
	return []script{
		{Info{"talking", "Talking", 24}, 7, writeTalking},
		{Info{"moods", "Moods", 24}, 11, writeMoods},
		{Info{"looking-around", "Looking around", 20}, 13, writeLooking},
		{Info{"singing", "Singing", 20}, 17, writeSinging},
	}
}

// List gives all performances in the order to show them.
func List() []Info {
	var all []Info
	for _, s := range scripts() {
		all = append(all, s.info)
	}
	return all
}

// Performance is one driver's loop: it begins and ends at rest, looking ahead. It is immutable after New
// and safe for concurrent use.
type Performance struct {
	info     Info
	timeline *timeline
	rig      *rig
}

// New prepares a performance of List.
func New(name string) (*Performance, error) {
	for _, s := range scripts() {
		if s.info.Name != name {
			continue
		}
		t := newTimeline(s.info.Seconds, s.seed)
		s.write(t)
		t.finish()
		return &Performance{info: s.info, timeline: t, rig: newRig()}, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
}

// Info describes the performance.
func (p *Performance) Info() Info { return p.info }

// Length is the time after which the performance repeats.
func (p *Performance) Length() time.Duration {
	return time.Duration(p.info.Seconds * float64(time.Second))
}

// At writes the driver's sample at t after the start into s; beyond its length the performance repeats.
// The same t gives the same sample. Seq counts frames at FPS, CaptureMicros is t. It does not allocate.
func (p *Performance) At(t time.Duration, s *landmark.Sample) {
	seconds := math.Mod(t.Seconds(), p.info.Seconds)
	if seconds < 0 {
		seconds += p.info.Seconds
	}
	var c controls
	p.timeline.at(seconds, &c)
	s.Seq = uint32(int64(math.Round(t.Seconds() * FPS)))
	s.Flags, s.Marker, s.Score = 0, 0, 1
	s.CaptureMicros = uint64(max(t.Microseconds(), 0))
	s.Width, s.Height = 640, 480
	p.rig.draw(&c, &s.Points)
}
