//go:build linux && (amd64 || arm64 || arm || 386 || riscv64 || loong64)

package virtualcamera

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// file is a device that is open.
type file struct{ fd int }

func openKernel(path string) (kernel, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return &file{fd}, nil
}

func (f *file) ioctl(request uint32, arg []byte) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(f.fd), uintptr(request), uintptr(unsafe.Pointer(&arg[0]))) //nolint:gosec // the kernel reads and writes as many bytes as the request's number says
	if errno != 0 {
		return errno
	}
	return nil
}

func (f *file) write(picture []byte) error {
	n, err := unix.Write(f.fd, picture)
	if err == nil && n < len(picture) {
		return io.ErrShortWrite
	}
	return err
}

func (f *file) close() error { return unix.Close(f.fd) }

// Hint says how to come by a virtual camera.
func Hint() string {
	return "none; `" + LoadModule("/dev/video10") + "` makes one for serve --virtual-camera (first: apt-get install v4l2loopback-dkms)"
}

// Found is a virtual camera of this machine.
type Found struct{ Path, Label string }

// List finds the devices of v4l2loopback, by what the kernel says of them, without opening any.
func List() []Found { return list("/sys") }

func list(sys string) []Found {
	var all []Found
	names, _ := filepath.Glob(filepath.Join(sys, "devices/virtual/video4linux/video*/name")) // a fixed pattern
	for _, name := range names {
		label, err := os.ReadFile(name) //nolint:gosec // of the kernel
		if err == nil {
			all = append(all, Found{Path: "/dev/" + filepath.Base(filepath.Dir(name)), Label: strings.TrimSpace(string(label))})
		}
	}
	return all
}
