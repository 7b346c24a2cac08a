package camera

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"strings"
	"syscall"
	"testing"

	media "github.com/pion/mediadevices/pkg/driver"
	"github.com/pion/mediadevices/pkg/frame"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

func form(kind frame.Format, width, height int, fps float32) prop.Media {
	return prop.Media{Video: prop.Video{FrameFormat: kind, Width: width, Height: height, FrameRate: fps}}
}

func TestChoose(t *testing.T) {
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		offered []prop.Media
		want    string // "": none
	}{
		"a webcam": {[]prop.Media{
			form(frame.FormatMJPEG, 1920, 1080, 30), form(frame.FormatMJPEG, 640, 480, 30), form(frame.FormatYUYV, 1280, 720, 10),
			form(frame.FormatYUYV, 640, 480, 30), form(frame.FormatYUYV, 320, 240, 30),
		}, "YUYV 640x480 at 30"},
		"fast before large":   {[]prop.Media{form(frame.FormatYUYV, 640, 480, 5), form(frame.FormatMJPEG, 1280, 720, 30)}, "MJPEG 1280x720 at 30"},
		"it does not say":     {[]prop.Media{form(frame.FormatNV12, 1280, 720, 0)}, "NV12 1280x720"},
		"depth is no picture": {[]prop.Media{form(frame.FormatZ16, 640, 480, 30)}, ""},
		"hostile sizes": {[]prop.Media{
			form(frame.FormatYUYV, 0, 0, 30), form(frame.FormatYUYV, -640, 480, 30), form(frame.FormatYUYV, 1<<30, 1<<30, 30),
			form(frame.FormatI420, 641, 480, 30), form(frame.FormatYUYV, 640, 480, nan), form("????", 640, 480, 30),
			form(frame.FormatYUYV, 640, 480, -1),
		}, ""},
		"nothing": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := choose(c.offered)
			if c.want == "" {
				if !errors.Is(err, errNoFormat) {
					t.Errorf("%v, %v", formatOf(p), err)
				}
				return
			}
			if err != nil || formatOf(p).String() != c.want {
				t.Errorf("%v, %v; want %s", formatOf(p), err, c.want)
			}
		})
	}
}

// device is a camera as mediadevices has it.
type device struct {
	offers []prop.Media
	fault  error
}

func (d *device) Open() error              { return d.fault }
func (d *device) Close() error             { return nil }
func (d *device) Properties() []prop.Media { return d.offers }
func (d *device) VideoRecord(prop.Media) (video.Reader, error) {
	return nil, errors.New("nothing to record")
}

// register makes a camera known until the test ends.
func register(t *testing.T, d *device, label, name string) {
	t.Helper()
	m := media.GetManager()
	if err := m.Register(d, media.Info{Label: label, Name: name, DeviceType: media.Camera}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, d := range m.Query(func(d media.Driver) bool { return d.Info().Label == label }) {
			m.Delete(d.ID())
		}
	})
}

func TestList(t *testing.T) {
	register(t, &device{offers: []prop.Media{
		form(frame.FormatYUYV, 640, 480, 30), form(frame.FormatYUYV, 640, 480, 30), form(frame.FormatMJPEG, 1280, 720, 30),
	}}, "usb-cam;video91", "Front\x1b[31m camera;usb-1")
	register(t, &device{fault: syscall.EBUSY}, "usb-two;video92", "Other;usb-2")
	register(t, &device{}, "usb-three;video93", strings.Repeat("x", 500))
	register(t, &device{fault: errors.New(noCapture)}, "usb-four;video94", "Metadata;usb-4")
	var mine []Info
	for _, about := range List() {
		if strings.HasPrefix(about.ID, "video9") {
			mine = append(mine, about)
		}
	}
	if len(mine) != 3 {
		t.Fatalf("%+v", mine)
	}
	if a := mine[0]; a.ID != "video91" || a.Label != "Front[31m camera" || len(a.Formats) != 2 || a.Fault != "" {
		t.Errorf("%+v", a)
	}
	if a := mine[1]; !strings.Contains(a.Fault, "Another program uses the camera video92") {
		t.Errorf("%+v", a)
	}
	if a := mine[2]; a.Fault != errNoFormat.Error() || len(a.Label) != 80 {
		t.Errorf("%+v", a)
	}
	var b strings.Builder
	if err := Print(&b, mine); err != nil || !strings.Contains(b.String(), "video91    Front[31m camera\n           MJPEG 1280x720 at 30\n") ||
		!strings.Contains(b.String(), "Another program") {
		t.Errorf("%v:\n%s", err, b.String())
	}
	if err := Print(&b, nil); err != nil || !strings.Contains(b.String(), "there is no camera") {
		t.Errorf("%v:\n%s", err, b.String())
	}
	if d, err := find("video92", ""); err != nil || idOf(d) != "video92" {
		t.Error(err)
	}
}

// TestAnyCamera: the first that gives pictures, and never the virtual one.
func TestAnyCamera(t *testing.T) {
	yuyv := []prop.Media{form(frame.FormatYUYV, 640, 480, 30)}
	register(t, &device{fault: syscall.EBUSY}, "a;v1", "")
	if d, err := find(Any, ""); err != nil || idOf(d) != "v1" || stateOf(d.Open()) != Busy {
		t.Errorf("the only one is busy: %v, %v", d, err)
	}
	register(t, &device{offers: yuyv}, "b;v3", "")
	register(t, &device{offers: yuyv}, "c;v20", "")
	for not, want := range map[string]string{"": "v3", "v20": "v3", "v3": "v20"} {
		if d, err := find(Any, not); err != nil || idOf(d) != want {
			t.Errorf("without %q: %v, %v", not, d, err)
		}
	}
}

func TestFaultsAreSaid(t *testing.T) {
	for _, c := range []struct {
		err   error
		state State
		words string
	}{
		{errMissing, Missing, "plug it in"},
		{&os.PathError{Op: "open", Err: syscall.ENOENT}, Missing, "plug it in"},
		{syscall.ENODEV, Missing, "plug it in"},
		{syscall.EBUSY, Busy, "Another program"},
		{fs.ErrPermission, Denied, "group video"},
		{syscall.EACCES, Denied, "group video"},
		{errors.New("read timeout"), Failed, "read timeout"},
	} {
		if s := stateOf(c.err); s != c.state {
			t.Errorf("%v is %s, want %s", c.err, s, c.state)
		}
		if s := sentence("video7", c.err); !strings.Contains(s, c.words) || !strings.Contains(s, "video7") || !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, ").") {
			t.Errorf("%v: %s", c.err, s)
		}
	}
}
