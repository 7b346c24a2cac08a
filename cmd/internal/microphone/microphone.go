// Package microphone lets a microphone of this machine speak for a session, without a browser.
//
// # Decision: mediadevices' readers and encoder, ffmpeg to the devices
//
// Sound is read through mediadevices' audio.Reader and compressed by its Opus encoder, which brings its library along. Its driver
// for microphones is not used, as it is in v0.6.4: it talks to the sound server as soon as a program that has it starts, whatever
// the command, and ends the program where that fails; it hands on memory that the next sound is written into; and it does not say
// that a device was unplugged. What it drives is read by a child instead: ffmpeg, which is needed for clips anyway, and which
// knows ALSA and PulseAudio (so PipeWire too). A fault in a system's sound libraries ends the child.
//
// # Time
//
// A piece of sound began when it came in, less its length, by the piece that came fastest lately: what waits on the way does not
// count. What the device itself delays is not known, no more than with cameras. A film's sound goes by the clock of the film that
// the camera shows, so that both stay together however slowly it is shown.
package microphone

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/codec/opus"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/gioconda-live/gioconda/cmd/internal/backoff"
	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
)

const (
	// Any is the id of whatever microphone there is.
	Any = "any"
	// None is that of none.
	None = "none"
)

// What the sound is made of: one channel, in pieces that become one packet each.
const (
	rate    = 48_000 // samples a second
	span    = 20 * time.Millisecond
	samples = rate / 50 // in a piece
	bitrate = 32_000    // bit/s
)

// Ear hears packets of Opus: a session. packet is not kept; it sounds for span, from a time of this machine's clock on.
type Ear interface {
	Hear(packet []byte, span time.Duration, at time.Time)
}

// Film is a film that a camera shows, again and again.
type Film interface {
	// Showing tells which showing it is, counted from 1, and when its first picture was due, or would have been where pictures
	// came late since. 0: none yet.
	Showing() (n uint64, begun time.Time)
}

// Options say which microphone is heard.
type Options struct {
	// ID is that of a microphone as List gives it, Any, or what takes the place of one: file:CLIP, or tone, which beeps once a
	// second.
	ID   string
	Film Film // whose clock a clip's sound goes by; nil: its own
	Log  *slog.Logger
}

// Microphone hears one microphone, and picks it up again when it was away. Methods are safe for concurrent use.
type Microphone struct {
	o      *Options
	status atomic.Pointer[Status]
}

// New makes a microphone; nothing is opened before Run.
func New(o *Options) *Microphone {
	m := &Microphone{o: o}
	m.status.Store(&Status{ID: o.ID, State: Starting})
	return m
}

// Status tells how the microphone is.
func (m *Microphone) Status() Status { return *m.status.Load() }

// The waits before a microphone that was not to be had is tried again.
const (
	firstWait = 500 * time.Millisecond
	mostWait  = 5 * time.Second
	wellFor   = 10 * time.Second // then the next wait is a short one again
)

// Run lets ear hear until ctx ends. A microphone that is not there, or goes, is no failure: it is said, and picked up again.
func (m *Microphone) Run(ctx context.Context, ear Ear) {
	again := backoff.Backoff{First: firstWait, Most: mostWait}
	for {
		begin := time.Now()
		err := m.hear(ctx, ear)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > wellFor {
			again.Reset()
		}
		m.say(Status{State: stateOf(err), Message: sentence(m.o.ID, err)})
		if !again.Wait(ctx) {
			return
		}
	}
}

// source is where sound comes from: pieces of one channel, rate and samples long each.
type source interface {
	audio.Reader
	// began is when the newest piece began to sound.
	began() time.Time
	io.Closer
}

// hear opens the microphone and passes its sound on until it fails or ctx ends.
func (m *Microphone) hear(ctx context.Context, ear Ear) (err error) {
	s, err := open(ctx, m.o)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, s)
	loud := &meter{Reader: s}
	e, err := compress(loud)
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, e)
	for ctx.Err() == nil {
		packet, release, err := e.Read()
		if err != nil {
			return err
		}
		ear.Hear(packet, span, s.began())
		release()
		if state, level, due := loud.judge(); due {
			m.say(Status{State: state, Message: words(m.o.ID, state), Level: level})
		}
	}
	return ctx.Err()
}

// compress makes packets of Opus of what a reader gives.
func compress(r audio.Reader) (codec.ReadCloser, error) {
	p, err := opus.NewParams()
	if err != nil {
		return nil, err
	}
	p.BitRate, p.Latency = bitrate, opus.Latency20ms
	return p.BuildAudioEncoder(r, prop.Media{Audio: prop.Audio{SampleRate: rate, ChannelCount: 1, Latency: span}})
}

// say keeps a status, and logs where it is another one.
func (m *Microphone) say(s Status) {
	s.ID = m.o.ID
	switch old := m.status.Swap(&s); {
	case old.State == s.State:
	case s.Message != "":
		m.o.Log.Warn(s.Message, "microphone", s.ID, "state", string(s.State))
	default:
		m.o.Log.Info("the microphone is "+string(s.State), "microphone", s.ID)
	}
}
