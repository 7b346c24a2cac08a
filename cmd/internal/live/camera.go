package live

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gioconda-live/gioconda/cmd/internal/camera"
	"github.com/gioconda-live/gioconda/cmd/internal/microphone"
	"github.com/gioconda-live/gioconda/cmd/internal/virtualcamera"
	"github.com/gioconda-live/gioconda/pipeline/clip"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/web"
)

// Cameras say which cameras a server has besides those of browsers.
type Cameras struct {
	// Driver is a camera of this machine whose face drives a session, as camera.Options.ID has it; "": none.
	Driver string
	// Microphone speaks for that session, as microphone.Options.ID has it; microphone.None: nobody does; "": a film's own sound, else
	// nobody. Any beside a film is its own sound too.
	Microphone string
	// Session is the name of that session.
	Session string
	// Virtual is the device of a virtual camera that shows the driver's session, or without a driver the newest one; "": none.
	Virtual string
}

// openCameras opens the virtual camera and gets the driver's ready.
func (d *Server) openCameras(ctx context.Context) (err error) {
	c := &d.o.Cameras
	if c.Driver != "" {
		if !rtc.ValidName(c.Session) {
			return fmt.Errorf("the session %q of the camera: names have 1 to 64 of the letters a to z, digits and hyphens", c.Session)
		}
		if err = camera.Check(c.Driver); err != nil { //nolint:contextcheck // it looks at files for a moment
			return err
		}
		d.camera = camera.New(&camera.Options{
			ID: c.Driver, Not: filepath.Base(c.Virtual), Networks: d.o.Networks, Model: d.o.Maker.MonaLisa, Log: d.o.Log,
		})
	}
	if err = d.openMicrophone(ctx); err != nil {
		return err
	}
	if c.Virtual == "" {
		return nil
	}
	if d.virtual, err = virtualcamera.Open(c.Virtual, d.o.Log); err != nil {
		return err
	}
	d.screen = &screen{exit: d.virtual, log: d.o.Log}
	if c.Driver != "" {
		d.screen.only = c.Session
	}
	return nil
}

// openMicrophone gets the microphone of the camera's session ready.
func (d *Server) openMicrophone(ctx context.Context) error {
	c, o := &d.o.Cameras, microphone.Options{ID: d.o.Cameras.Microphone, Log: d.o.Log}
	path, film := strings.CutPrefix(c.Driver, microphone.FilePrefix)
	switch {
	case o.ID == microphone.None || o.ID == "" && !film:
		return nil
	case c.Driver == "":
		return errors.New("a microphone speaks for the session of a camera; add --camera")
	case film && (o.ID == "" || o.ID == microphone.Any):
		if ok, err := clip.HasSound(ctx, path); err != nil || !ok {
			return err
		}
		o.ID = c.Driver
	}
	if film && o.ID == c.Driver {
		o.Film = d.camera
	}
	if err := microphone.Check(o.ID); err != nil {
		return err
	}
	d.microphone = microphone.New(&o)
	return nil
}

// startCameras lets the cameras run until ctx ends, in running.
func (d *Server) startCameras(ctx context.Context, running *sync.WaitGroup) error {
	if d.virtual != nil {
		running.Go(func() {
			d.guarded("virtualcamera", func() {
				if err := d.virtual.Serve(ctx); err != nil {
					d.o.Log.Error("the virtual camera has ended", "error", err)
				}
			})
		})
	}
	if d.camera == nil {
		return nil
	}
	s, err := d.host.Open(ctx, signalling.OpenOptions{ID: d.o.Cameras.Session, Name: d.o.Cameras.Session})
	if err != nil {
		return err
	}
	running.Go(func() {
		defer s.Close()
		seen, stop := context.WithCancel(ctx)
		var speaking sync.WaitGroup
		defer speaking.Wait()
		defer stop() // who is not seen any more is not heard either
		if d.microphone != nil {
			speaking.Go(func() { d.guarded("microphone", func() { d.microphone.Run(seen, s) }) })
		}
		d.guarded("camera", func() {
			if err := d.camera.Run(seen, s.Mailbox()); err != nil {
				d.o.Log.Error("the camera has ended", "camera", d.o.Cameras.Driver, "error", err)
			}
		})
	})
	return nil
}

// guarded runs a part of the server; a fault of the program ends that part alone, and is counted.
func (d *Server) guarded(part string, run func()) {
	if fault := wall.Run(part, run); fault != nil {
		d.o.Log.Error("a part of the server is broken", "part", part, "error", fault, "stack", fault.Stack)
		d.faulted(fault)
	}
}

// cameraAPI is the driver's camera as the web handlers see it.
type cameraAPI struct {
	camera     *camera.Camera
	microphone *microphone.Microphone // nil: there is none
	session    string
}

var _ web.Camera = cameraAPI{}

// Info implements web.Camera.
func (a cameraAPI) Info() web.CameraInfo {
	s := a.camera.Status()
	info := web.CameraInfo{
		ID: s.ID, Session: a.session, State: string(s.State), Message: s.Message, Format: s.Format, FPS: s.FPS,
	}
	if a.microphone != nil {
		m := a.microphone.Status()
		info.Microphone = &web.MicrophoneInfo{ID: m.ID, State: string(m.State), Message: m.Message, Level: math.Round(m.Level*1000) / 1000}
	}
	return info
}

// Picture implements web.Camera.
func (a cameraAPI) Picture() ([]byte, bool) { return a.camera.Picture() }
