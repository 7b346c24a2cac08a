package camera

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/pion/mediadevices/pkg/driver"
	devices "github.com/pion/mediadevices/pkg/driver/camera"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/prop"
)

// Info is a camera of this machine.
type Info struct {
	ID      string // as --camera takes it
	Label   string // its name, for people
	Formats []Format
	Fault   string // why it cannot be used now; "": it can
}

// Format is one form in which a camera gives pictures. FPS is 0 where it does not say.
type Format struct {
	Kind          string // YUYV, MJPEG, …
	Width, Height int
	FPS           float32
}

// String is the format for people.
func (f Format) String() string {
	if f.FPS == 0 {
		return fmt.Sprintf("%s %dx%d", f.Kind, f.Width, f.Height)
	}
	return fmt.Sprintf("%s %dx%d at %.3g", f.Kind, f.Width, f.Height, f.FPS)
}

// maxSide bounds what a device may say of its pictures, in pixels.
const maxSide = 4096

// List finds the cameras of this machine, in the order of their ids. Each is opened for a moment.
func List() []Info {
	var all []Info
	for _, d := range present() {
		if about := describe(d); !strings.Contains(about.Fault, noCapture) {
			all = append(all, about)
		}
	}
	return all
}

// noCapture is how the driver says that a device gives no pictures: one for metadata beside a webcam, or a virtual camera that
// nobody writes to.
const noCapture = "Not a video capture device"

// Print lists cameras for people.
func Print(w io.Writer, all []Info) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "there is no camera; plug one in (in a container, let it in: --device /dev/video0)")
		return err
	}
	for i := range all {
		about := &all[i]
		if _, err := fmt.Fprintf(w, "%-10s %s\n", about.ID, about.Label); err != nil {
			return err
		}
		if about.Fault != "" {
			fmt.Fprintf(w, "%-10s %s\n", "", about.Fault)
		}
		for _, f := range about.Formats {
			fmt.Fprintf(w, "%-10s %v\n", "", f)
		}
	}
	return nil
}

// describe opens a camera for a moment.
func describe(d driver.Driver) Info {
	about := Info{ID: idOf(d), Label: nameOf(d)}
	if err := d.Open(); err != nil {
		about.Fault = sentence(about.ID, err)
		return about
	}
	for _, p := range d.Properties() {
		if usable(p) {
			about.Formats = append(about.Formats, formatOf(p))
		}
	}
	if err := d.Close(); err != nil {
		about.Fault = sentence(about.ID, err)
	}
	slices.SortFunc(about.Formats, func(a, b Format) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), a.Width-b.Width, a.Height-b.Height, cmp.Compare(a.FPS, b.FPS))
	})
	about.Formats = slices.Compact(about.Formats)
	if len(about.Formats) == 0 && about.Fault == "" {
		about.Fault = errNoFormat.Error()
	}
	return about
}

// errNoFormat says that a camera offers nothing that can be read.
var errNoFormat = errors.New("the camera offers no form of picture that is known here; use another")

// errMissing says that there is no such camera, now.
var errMissing = errors.New("there is no such camera")

// present are the cameras that mediadevices knows, video2 before video10.
func present() []driver.Driver {
	all := driver.GetManager().Query(driver.FilterDeviceType(driver.Camera))
	slices.SortFunc(all, func(a, b driver.Driver) int {
		x, y := idOf(a), idOf(b)
		return cmp.Or(len(x)-len(y), strings.Compare(x, y))
	})
	return all
}

// find looks a camera up by its id, and where it is not known, looks anew which there are. Any is the first that gives pictures,
// save for the one called not; where none does, the first, which then says why.
func find(id, not string) (driver.Driver, error) {
	var mute driver.Driver
	for again := range 2 {
		if again == 1 {
			devices.Initialize()
		}
		for _, d := range present() {
			if idOf(d) == id {
				return d, nil
			}
			if id != Any || idOf(d) == not {
				continue
			}
			switch fault := describe(d).Fault; {
			case fault == "":
				return d, nil
			case mute == nil && !strings.Contains(fault, noCapture):
				mute = d
			}
		}
		if mute != nil {
			return mute, nil
		}
	}
	return nil, errMissing
}

// idOf is the part of mediadevices' label that stays the same: video0 of LINK;video0.
func idOf(d driver.Driver) string {
	parts := strings.Split(d.Info().Label, devices.LabelSeparator)
	return printable(parts[len(parts)-1])
}

// nameOf is what a camera says of itself.
func nameOf(d driver.Driver) string {
	name, _, _ := strings.Cut(d.Info().Name, devices.LabelSeparator)
	return cmp.Or(printable(name), idOf(d))
}

// printable takes from a device's words what a terminal should not get, and keeps at most 80 letters.
func printable(s string) string {
	letters := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s)))
	return string(letters[:min(len(letters), 80)])
}

func formatOf(p prop.Media) Format {
	return Format{Kind: string(p.FrameFormat), Width: p.Width, Height: p.Height, FPS: p.FrameRate}
}

// usable tells whether pictures of a form can be read. Sides are even, since every second pixel has a colour.
func usable(p prop.Media) bool {
	switch p.FrameFormat {
	case frame.FormatI420, frame.FormatNV12, frame.FormatNV21, frame.FormatYUY2, frame.FormatYUYV, frame.FormatUYVY,
		frame.FormatMJPEG, frame.FormatRGBA:
	default: // depth, and what is not known
		return false
	}
	return p.Width >= 64 && p.Height >= 64 && p.Width <= maxSide && p.Height <= maxSide && p.Width%2 == 0 && p.Height%2 == 0 &&
		p.FrameRate >= 0 && p.FrameRate <= 1000
}

// choose picks the form nearest to 640x480 at 30 pictures a second, which is what the tracker makes use of; pictures that are
// not compressed before others.
func choose(all []prop.Media) (prop.Media, error) {
	best, least := -1, math.Inf(1)
	for i := range all {
		if !usable(all[i]) {
			continue
		}
		if c := cost(all[i]); c < least {
			best, least = i, c
		}
	}
	if best < 0 {
		return prop.Media{}, errNoFormat
	}
	return all[best], nil
}

// cost says how far a form is from what is wanted: factors of two in size, missing pictures, work to decompress.
func cost(p prop.Media) float64 {
	c := math.Abs(math.Log2(float64(p.Width) * float64(p.Height) / (640 * 480)))
	if p.FrameRate > 0 {
		c += math.Abs(math.Log2(float64(p.FrameRate) / 30))
		if p.FrameRate < 24 {
			c += 3
		}
	}
	if p.FrameFormat == frame.FormatMJPEG {
		c += 0.5
	}
	return c
}
