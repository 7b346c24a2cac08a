package virtualcamera

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/backoff"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// fps is how often a picture is written, new or not: programs take a camera that stands still for one that is gone.
const fps = 30

// Device is a virtual camera. It shows one session after another, and a slate while there is none. Methods are safe for
// concurrent use.
type Device struct {
	path string
	log  *slog.Logger
	open func(path string) (kernel, error)
	what pipeline.Rendition // of the sessions: its size is the device's
	size int                // bytes of its pictures, the planes of an I420

	at   kernel // owned by Serve, until then by Open; nil: it is to be opened again
	form form
	out  []byte // a picture in the device's own form

	filling sync.Mutex // guards spare
	spare   []byte     // what the next picture is copied into

	mu      sync.Mutex // guards the following, never for long
	next    []byte     // the newest picture
	fresh   bool       // it has not been taken
	showing int        // sessions; more than one only while one takes over
}

var _ pipeline.Exit = (*Device)(nil)

// Open makes sure that path is a device of v4l2loopback that nobody else writes to, and settles the form of its pictures. The
// errors are sentences that say what to do. The caller runs Serve, and closes it after that.
func Open(path string, log *slog.Logger) (*Device, error) { return openWith(openKernel, path, log) }

func openWith(open func(string) (kernel, error), path string, log *slog.Logger) (*Device, error) {
	d := &Device{path: path, log: log, open: open}
	if err := d.reopen(); err != nil {
		return nil, err
	}
	return d, nil
}

// reopen opens the device; its size is settled by the first time.
func (d *Device) reopen() error {
	k, err := d.open(d.path)
	if err != nil {
		return d.sentence(err)
	}
	f, err := negotiate(k, d.what)
	if err != nil {
		return errors.Join(d.sentence(err), k.close())
	}
	if d.out == nil {
		d.what, d.size = f.what, f.width*f.height*3/2
		d.spare, d.next = make([]byte, d.size), make([]byte, d.size)
	}
	d.at, d.form, d.out = k, f, make([]byte, f.bytes())
	d.log.Info("the virtual camera is open", "device", d.path, "format", f.String())
	return nil
}

// Size is that of its pictures, in pixels.
func (d *Device) Size() (width, height int) { return d.what.Size() }

// Run shows a session until ctx ends.
func (d *Device) Run(ctx context.Context, from pipeline.Feed) error {
	d.count(1)
	defer d.count(-1)
	v, err := from.View(d.what, sink{d})
	if err != nil {
		return err
	}
	defer v.Leave()
	<-ctx.Done()
	return nil
}

func (d *Device) count(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.showing += n; d.showing == 0 {
		d.fresh = false
	}
}

// sink takes a session's pictures.
type sink struct{ *Device }

// WriteFrame implements pipeline.Sink: the newest picture wins.
func (s sink) WriteFrame(f *frame.Encoded) error {
	if len(f.Data) != s.size {
		return fmt.Errorf("virtual camera: a picture of %d bytes, want %d", len(f.Data), s.size)
	}
	s.filling.Lock()
	defer s.filling.Unlock()
	copy(s.spare, f.Data)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spare, s.next, s.fresh = s.next, s.spare, true
	return nil
}

// Close closes the device. It is called when Serve has ended, or never began.
func (d *Device) Close() error {
	if d.at == nil {
		return nil
	}
	err := d.at.close()
	d.at = nil
	return err
}

// Serve writes pictures until ctx ends, and opens the device again where it was away.
func (d *Device) Serve(ctx context.Context) error {
	slate, err := newSlate(d.what.Size())
	if err != nil {
		return err
	}
	shown, again := make([]byte, d.size), backoff.Backoff{First: time.Second, Most: 10 * time.Second}
	said := false // that it is away
	for {
		if d.at != nil {
			said = false
			again.Reset()
			err = d.write(ctx, &shown, slate)
			err = errors.Join(err, d.Close())
		} else {
			err = d.reopen()
		}
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			continue
		}
		if !said {
			d.log.Warn("the virtual camera is away; it is opened again by itself", "device", d.path, "error", err)
			said = true
		}
		if !again.Wait(ctx) {
			break
		}
	}
	return nil //nolint:nilerr // what fails at the end harms nobody
}

// write keeps the pace until ctx ends or the device fails. shown is the picture that is shown, swapped for newer ones.
func (d *Device) write(ctx context.Context, shown *[]byte, slate []byte) error {
	tick := time.NewTicker(time.Second / fps)
	defer tick.Stop()
	drawn := false // out is shown
	idle := false  // out is the slate
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		switch fresh, live := d.take(shown); {
		case fresh:
			d.form.fill(d.out, *shown)
			drawn, idle = true, false
		case !live && !idle || !drawn:
			d.form.fill(d.out, slate)
			drawn, idle = true, true
		}
		err := d.at.write(d.out)
		if err != nil && !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR) { // the next one goes
			return d.sentence(err)
		}
	}
}

// take swaps in a newer picture where there is one, and tells whether a session is shown.
func (d *Device) take(shown *[]byte) (fresh, live bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fresh = d.fresh
	if fresh {
		*shown, d.next, d.fresh = d.next, *shown, false
	}
	return fresh, d.showing > 0
}

// sentence says what a fault means, and what to do.
func (d *Device) sentence(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		return fmt.Errorf("there is no virtual camera %s; load its module: %s: %w", d.path, LoadModule(d.path), err)
	case errors.Is(err, syscall.EBUSY), errors.Is(err, errTaken):
		return fmt.Errorf("another program writes to %s already, or it is a real camera; close that program, or name another device: %w", d.path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("you may not write to %s; add yourself to the group video, and log in again: %w", d.path, err)
	case errors.Is(err, syscall.ENOTTY), errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("%s is no virtual camera; name one of v4l2loopback (gioconda doctor lists them): %w", d.path, err)
	}
	return fmt.Errorf("virtual camera %s: %w", d.path, err)
}

// LoadModule is the command that makes a virtual camera under path.
func LoadModule(path string) string {
	command := "sudo modprobe v4l2loopback exclusive_caps=1 card_label=Gioconda"
	if number := strings.TrimPrefix(path, "/dev/video"); number != path && strings.Trim(number, "0123456789") == "" && number != "" {
		command += " video_nr=" + number
	}
	return command
}
