// Package camera follows a face before a camera of this machine, without a browser.
//
// # Decision: mediadevices' camera driver, a tracker of our own beside it
//
// Cameras come from the driver of mediadevices: V4L2 on Linux, the systems' own ways on macOS and Windows. Of that library
// only the driver is used, not its tracks, which hold pictures back. What a device says of its formats and sizes is bounded
// here before it is used, and pictures that are not compressed come before MJPEG, which the driver decodes without a bound
// on its size. The driver looks for cameras when the program starts, whatever the command; that is how it is made.
//
// A clip, a folder of pictures or a performance is registered as such a driver too, and takes the same way.
//
// The camera is read by one goroutine, the face is followed by another: the newest picture wins, and one waits at most.
package camera

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	media "github.com/pion/mediadevices/pkg/driver"

	"github.com/gioconda-live/gioconda/cmd/internal/backoff"
	"github.com/gioconda-live/gioconda/cmd/internal/cleanup"
	"github.com/gioconda-live/gioconda/cmd/internal/driver"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
)

// Any is the id of whatever camera there is.
const Any = "any"

// Options say which camera is followed. Networks is the caller's.
type Options struct {
	// ID is that of a camera as List gives it, Any, or what takes the place of one: file:CLIP, dir:FOLDER or sample:NAME.
	ID       string
	Not      string // the id of a camera that Any is never: a virtual one
	Networks *face.Networks
	Model    Model // plays a sample
	Log      *slog.Logger
}

// Camera follows the face before one camera, and picks the camera up again when it was away. Methods are safe for concurrent
// use.
type Camera struct {
	o       *Options
	shutter *shutter
	board   board
	preview preview
	film    filmClock
	format  atomic.Pointer[string] // of the pictures; nil while the camera is not open
}

// New makes a camera; nothing is opened before Run.
func New(o *Options) *Camera {
	c := &Camera{o: o, shutter: newShutter()}
	c.board.set(Status{ID: o.ID, State: Starting})
	return c
}

// Status tells how the camera is.
func (c *Camera) Status() Status { return c.board.get() }

// Run puts what the tracker sees into a mailbox until ctx ends. It fails where the tracker cannot be opened; a camera that
// is not there, or goes, is no failure.
func (c *Camera) Run(ctx context.Context, to *latest.Slot[landmark.Arrival]) (err error) {
	t, err := c.o.Networks.Tracker()
	if err != nil {
		return err
	}
	defer cleanup.Close(&err, t)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.keepOpen(ctx)
	}()
	err = c.follow(ctx, t, driver.NewMail(to))
	stop()
	<-done
	return err
}

// The waits before a camera that was not to be had is tried again.
const (
	firstWait = 500 * time.Millisecond
	mostWait  = 5 * time.Second
)

// keepOpen reads the camera, and opens it again when it was away, until ctx ends.
func (c *Camera) keepOpen(ctx context.Context) {
	again := backoff.Backoff{First: firstWait, Most: mostWait}
	for {
		begin := time.Now()
		err := c.read(ctx)
		c.format.Store(nil)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begin) > wellFor {
			again.Reset()
		}
		c.say(Status{State: stateOf(err), Message: sentence(c.o.ID, err)})
		if !again.Wait(ctx) {
			return
		}
	}
}

// read opens the camera and hands its pictures over until it fails or ctx ends.
func (c *Camera) read(ctx context.Context) (err error) {
	d, forget, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer forget()
	if err = d.Open(); err != nil {
		return err
	}
	defer cleanup.Close(&err, d)
	p, err := choose(d.Properties())
	if err != nil {
		return err
	}
	recorder, ok := d.(media.VideoRecorder)
	if !ok {
		return errNoFormat
	}
	r, err := recorder.VideoRecord(p)
	if err != nil {
		return err
	}
	format := formatOf(p).String()
	c.shutter.cut.Store(true)
	c.format.Store(&format)
	for ctx.Err() == nil {
		img, release, err := r.Read()
		if err != nil {
			return err
		}
		err = c.shutter.put(img, time.Now())
		if release != nil {
			release()
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// find looks the camera up, or registers what takes its place; forget ends that.
func (c *Camera) find(ctx context.Context) (d media.Driver, forget func(), err error) {
	open := opener(c.o.ID, c.o.Model)
	if open == nil {
		d, err = find(c.o.ID, c.o.Not)
		return d, func() {}, err
	}
	m := media.GetManager()
	if err := m.Register(&played{ctx: ctx, open: open, film: &c.film}, media.Info{Label: c.o.ID, Name: c.o.ID, DeviceType: standsIn}); err != nil {
		return nil, nil, err
	}
	all := m.Query(func(d media.Driver) bool { return d.Info().DeviceType == standsIn && d.Info().Label == c.o.ID })
	if len(all) == 0 {
		return nil, nil, errors.New("it was registered and is not there")
	}
	return all[0], func() { m.Delete(all[0].ID()) }, nil
}

// standsIn is the kind of a driver that takes a camera's place: looking for cameras finds none of them.
const standsIn media.DeviceType = "played"

// follow tracks the newest pictures until ctx ends, and judges the camera by them.
func (c *Camera) follow(ctx context.Context, t *face.Tracker, mail *driver.Mail) error {
	var smp landmark.Sample
	var h health
	var now seen
	judge := time.NewTicker(judgeEvery)
	defer judge.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case at := <-judge.C:
			c.judge(&h, &now, at)
			continue
		case <-c.shutter.wake:
		}
		p := c.shutter.take()
		if p == nil {
			continue
		}
		if c.shutter.cut.Swap(false) {
			t.ResetROI()
		}
		err := t.Track(face.FromRGBA(p.img), &smp)
		if err == nil {
			err = mail.Put(&smp, p.taken, p.taken)
		}
		now.tracked, now.black, now.noFace = true, p.black(), smp.Lost()
		c.preview.keep(p, &smp)
		c.shutter.giveBack(p)
		if err != nil {
			return err
		}
	}
}

// judge says how the camera is, while it is open.
func (c *Camera) judge(h *health, now *seen, at time.Time) {
	format := c.format.Load()
	if format == nil {
		*h, *now = health{}, seen{}
		return
	}
	now.frames = c.shutter.frames.Load()
	state, fps := h.judge(at, *now)
	c.say(Status{State: state, Message: words(c.o.ID, state, fps), Format: *format, FPS: fps})
}

// say keeps a status, and logs where it is another one.
func (c *Camera) say(s Status) {
	s.ID = c.o.ID
	switch changed := c.board.set(s); {
	case !changed:
	case s.Message != "":
		c.o.Log.Warn(s.Message, "camera", s.ID, "state", string(s.State))
	default:
		c.o.Log.Info("the camera is "+string(s.State), "camera", s.ID, "format", s.Format)
	}
}
