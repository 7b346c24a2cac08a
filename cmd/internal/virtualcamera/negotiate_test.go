//go:build amd64 || arm64 || riscv64 || loong64

package virtualcamera

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline"
)

func open(p *peer) (*Device, error) {
	return openWith(func(string) (kernel, error) { return p, nil }, "/dev/video10", slog.New(slog.DiscardHandler))
}

// TestConversation: word for word what is asked of a device of v4l2loopback.
func TestConversation(t *testing.T) {
	const want = "set YUYV 1280x720 field 1 line 2560 size 1843200"
	for name, c := range map[string]struct {
		peer *peer
		form string
		said []string
	}{
		"as asked": {&peer{}, "YUYV 1280x720", []string{"querycap", "get", want, "parm 1/30", "on 2"}},
		"it has a form already": {
			&peer{pix: pixOf(640, 480, "YUYV", 1280, 640*480*2)},
			"YUYV 1280x720",
			[]string{"querycap", "get", want, "parm 1/30", "on 2"},
		},
		"it keeps to I420": {
			&peer{keeps: pixOf(1280, 720, "YU12", 1280, 1280*720*3/2)},
			"YU12 1280x720",
			[]string{"querycap", "get", want, "parm 1/30", "on 2"},
		},
		"it keeps to half the size": {
			&peer{keeps: pixOf(640, 360, "YUYV", 1280, 640*360*2)},
			"YUYV 640x360",
			[]string{"querycap", "get", want, "parm 1/30", "on 2"},
		},
		"lines of I420 as older modules count them": {
			&peer{keeps: pixOf(1280, 720, "YU12", 1920, 1280*720*3/2)},
			"YU12 1280x720",
			[]string{"querycap", "get", want, "parm 1/30", "on 2"},
		},
		"neither pace nor start": {
			&peer{faults: map[uint32]syscall.Errno{0xc0cc5616: syscall.ENOTTY, 0x40045612: syscall.EINVAL}},
			"YUYV 1280x720",
			[]string{"querycap", "get", want},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := open(c.peer)
			if err != nil {
				t.Fatal(err)
			}
			if d.form.String() != c.form || !slices.Equal(c.peer.heard, c.said) {
				t.Errorf("%v after %q", d.form, c.peer.heard)
			}
			if len(d.out) != d.form.bytes() {
				t.Errorf("%d bytes for %v", len(d.out), d.form)
			}
		})
	}
}

// TestRefused: what cannot be is said with what to do, and the device is closed.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		peer *peer
		want string
	}{
		"a camera":           {&peer{caps: 0x1000000 | 0x4000000 | 0x1}, "another program writes to /dev/video10"},
		"another has it":     {&peer{faults: map[uint32]syscall.Errno{0xc0d05605: syscall.EBUSY}}, "another program writes"},
		"no such requests":   {&peer{faults: map[uint32]syscall.Errno{0x80685600: syscall.ENOTTY}}, "no virtual camera"},
		"another size":       {&peer{keeps: pixOf(640, 480, "YUYV", 1280, 640*480*2)}, "it insists on YUYV 640x480"},
		"another kind":       {&peer{keeps: pixOf(1280, 720, "MJPG", 0, 1843200)}, "it insists on MJPG 1280x720"},
		"no size":            {&peer{keeps: pixOf(0, 0, "YUYV", 0, 0)}, "it insists on YUYV 0x0"},
		"a huge size":        {&peer{keeps: pixOf(-1, -1, "YUYV", -1, -1)}, "it insists on"},
		"longer lines":       {&peer{keeps: pixOf(1280, 720, "YUYV", 4096, 4096*720)}, "it insists on"},
		"too small pictures": {&peer{keeps: pixOf(1280, 720, "YUYV", 2560, 100)}, "it insists on"},
		"a terminal's words": {&peer{keeps: pixOf(1280, 720, "\x1b[2J", 2560, 1843200)}, "it insists on ?[2J"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := open(c.peer)
			if err == nil {
				t.Fatalf("%v was taken", d.form)
			}
			if !strings.Contains(err.Error(), c.want) || !c.peer.closed {
				t.Errorf("%v; closed %v", err, c.peer.closed)
			}
		})
	}
}

func TestNotThere(t *testing.T) {
	for err, want := range map[error]string{
		&os.PathError{Op: "open", Err: syscall.ENOENT}: "sudo modprobe v4l2loopback exclusive_caps=1 card_label=Gioconda video_nr=10",
		fs.ErrPermission: "group video",
		syscall.ENXIO:    "load its module",
	} {
		_, got := openWith(func(string) (kernel, error) { return nil, err }, "/dev/video10", slog.New(slog.DiscardHandler))
		if got == nil || !strings.Contains(got.Error(), want) || !errors.Is(got, err) {
			t.Errorf("%v: %v", err, got)
		}
	}
	if c := LoadModule("/dev/video1; rm"); strings.Contains(c, "rm") {
		t.Error(c)
	}
	if _, err := Open("/dev/null", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "/dev/null is no virtual camera") {
		t.Errorf("a device that is none: %v", err)
	}
}

// FuzzRead: whatever a device answers, it is refused or has one of our sizes.
func FuzzRead(f *testing.F) {
	f.Add(pixOf(1280, 720, "YUYV", 2560, 1843200))
	f.Add(pixOf(-1, -1, "YU12", -1, -1))
	f.Fuzz(func(t *testing.T, pix []byte) {
		if len(pix) < 48 {
			return
		}
		got, ok := read(pix, pipeline.Rendition{})
		if !ok {
			return
		}
		w, h := got.what.Size()
		if got.width != w || got.height != h || got.bytes() > 1280*720*2 || int(binary.NativeEndian.Uint32(pix[4:])) != h {
			t.Errorf("%+v", got)
		}
		got.fill(make([]byte, got.bytes()), make([]byte, w*h*3/2))
	})
}
