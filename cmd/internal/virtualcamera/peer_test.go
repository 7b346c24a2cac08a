package virtualcamera

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"
	"syscall"
)

// peer answers as the kernel's documentation of Video4Linux and of v4l2loopback says that a device does, and writes the
// conversation down. Its numbers are written out here, so that a slip in the package's own does not meet itself.
type peer struct {
	mu       sync.Mutex // guards the following
	heard    []string
	caps     uint32 // 0: those of a free device of v4l2loopback with exclusive_caps=1
	keeps    []byte // the v4l2_pix_format that the device keeps to, whatever is asked; nil: it takes what is asked
	faults   map[uint32]syscall.Errno
	pix      []byte
	pictures [][]byte // the last few that were written
	written  int
	refuse   error // of write
	closed   bool
}

func pixOf(width, height int, kind string, line, size int) []byte {
	pix := make([]byte, 48)
	copy(pix[8:], kind)
	for i, v := range map[int]int{0: width, 1: height, 3: 1, 4: line, 5: size, 6: 1} {
		binary.NativeEndian.PutUint32(pix[4*i:], uint32(v)) //nolint:gosec // a test's own
	}
	return pix
}

func (p *peer) ioctl(request uint32, arg []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if errno, ok := p.faults[request]; ok {
		return errno
	}
	if size := int(request >> 16 & 0x3fff); size != len(arg) { // the kernel would read past the end
		p.heard = append(p.heard, fmt.Sprintf("%#x with %d bytes", request, len(arg)))
		return syscall.EFAULT
	}
	u32 := func(at int) uint32 { return binary.NativeEndian.Uint32(arg[at:]) }
	switch request {
	case 0x80685600: // VIDIOC_QUERYCAP
		p.heard = append(p.heard, "querycap")
		copy(arg, "v4l2 loopback")
		copy(arg[16:], "Gioconda")
		caps := p.caps
		if caps == 0 {
			caps = 0x1000000 | 0x4000000 | 0x2 // readwrite, streaming, output
		}
		binary.NativeEndian.PutUint32(arg[84:], caps|0x80000000)
		binary.NativeEndian.PutUint32(arg[88:], caps)
	case 0xc0d05604, 0xc0d05605: // VIDIOC_G_FMT, VIDIOC_S_FMT
		if u32(0) != 2 {
			return syscall.EINVAL
		}
		pix := arg[8:56]
		if request == 0xc0d05605 {
			p.heard = append(p.heard, fmt.Sprintf("set %s %dx%d field %d line %d size %d", pix[8:12], u32(8), u32(12), u32(20), u32(24), u32(28)))
			p.pix = bytes.Clone(pix)
		} else {
			p.heard = append(p.heard, "get")
		}
		if p.keeps != nil {
			p.pix = p.keeps
		}
		if p.pix == nil {
			return syscall.EINVAL // it has none yet
		}
		copy(pix, p.pix)
	case 0xc0cc5616: // VIDIOC_S_PARM
		p.heard = append(p.heard, fmt.Sprintf("parm %d/%d", u32(12), u32(16)))
	case 0x40045612: // VIDIOC_STREAMON
		p.heard = append(p.heard, fmt.Sprintf("on %d", u32(0)))
	default:
		p.heard = append(p.heard, fmt.Sprintf("%#x", request))
		return syscall.ENOTTY
	}
	return nil
}

func (p *peer) write(picture []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil {
		return p.refuse
	}
	p.written++
	p.pictures = append(p.pictures, bytes.Clone(picture))
	if len(p.pictures) > 3 {
		p.pictures = p.pictures[1:]
	}
	return nil
}

func (p *peer) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

// seen is how many pictures were written, and the newest.
func (p *peer) seen() (n int, last []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pictures) == 0 {
		return p.written, nil
	}
	return p.written, p.pictures[len(p.pictures)-1]
}

func (p *peer) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = err
}
