package virtualcamera

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/gioconda-live/gioconda/pipeline"
)

// kernel is a device as the kernel has it: what Video4Linux calls an output.
type kernel interface {
	// ioctl asks for or sets something; arg is the structure of that request, in the machine's own layout. A fault is a
	// syscall.Errno.
	ioctl(request uint32, arg []byte) error
	// write hands a whole picture over.
	write(picture []byte) error
	close() error
}

// The requests, from the kernel's interface of Video4Linux, on the architectures whose request numbers are the common ones.
const (
	queryCap uint32 = 2<<30 | capSize<<16 | 'V'<<8
	getForm  uint32 = 3<<30 | formSize<<16 | 'V'<<8 | 4
	setForm  uint32 = 3<<30 | formSize<<16 | 'V'<<8 | 5
	streamOn uint32 = 1<<30 | 4<<16 | 'V'<<8 | 18
	setParm  uint32 = 3<<30 | parmSize<<16 | 'V'<<8 | 22
)

// The sizes of their structures, in bytes, and where the form of a picture begins in its own: a union that holds pointers.
const (
	capSize  = 104
	pixAt    = unsafe.Sizeof(uintptr(0))
	formSize = uint32(pixAt + 200)
	parmSize = 204
)

// What they hold.
const (
	videoOutput    = 2 // the type of a buffer
	canOutput      = 1 << 1
	canReadWrite   = 1 << 24
	hasDeviceCaps  = 1 << 31
	fieldNone      = 1 // progressive
	colorSMPTE170M = 1 // BT.601
	perFrame       = 1 << 12
)

// The forms of a picture that are written, as Video4Linux names them.
const (
	yuyv = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24
	yu12 = 'Y' | 'U'<<8 | '1'<<16 | '2'<<24 // I420
)

// errTaken says that a device takes no pictures now.
var errTaken = errors.New("the device gives pictures and takes none")

// sizes are the renditions that a device may have, the best for calls first.
func sizes() []pipeline.Rendition {
	wide := pipeline.Form{Wide: true}
	return []pipeline.Rendition{
		{Codec: pipeline.Raw, Form: wide, Edge: pipeline.WideHeight},
		{Codec: pipeline.Raw, Form: wide, Edge: pipeline.WideHeight / 2},
		{Codec: pipeline.Raw, Form: wide, Edge: pipeline.WideHeight / 4},
	}
}

// negotiate makes the device ready to be written to, in the size of only (zero: in one of sizes). YUYV is asked for first, which
// every program reads; a device that keeps to I420, or to another size that there is, has its way.
func negotiate(k kernel, only pipeline.Rendition) (form, error) {
	about := make([]byte, capSize)
	if err := k.ioctl(queryCap, about); err != nil {
		return form{}, err
	}
	can := binary.NativeEndian.Uint32(about[84:])
	if can&hasDeviceCaps != 0 {
		can = binary.NativeEndian.Uint32(about[88:])
	}
	if can&canOutput == 0 || can&canReadWrite == 0 {
		return form{}, errTaken
	}
	f, err := settle(k, only)
	if err != nil {
		return form{}, err
	}
	// How often pictures come, and that they do: devices that need neither may refuse both.
	parm := make([]byte, parmSize)
	put := func(at int, v uint32) { binary.NativeEndian.PutUint32(parm[at:], v) }
	put(0, videoOutput)
	put(4, perFrame)
	put(12, 1)
	put(16, fps)
	_ = k.ioctl(setParm, parm)
	on := make([]byte, 4)
	binary.NativeEndian.PutUint32(on, videoOutput)
	_ = k.ioctl(streamOn, on)
	return f, nil
}

// settle agrees on a form.
func settle(k kernel, only pipeline.Rendition) (form, error) {
	var refused form
	for _, what := range sizes() {
		if only.Codec != "" && what != only {
			continue
		}
		for _, kind := range []uint32{yuyv, yu12} {
			arg := make([]byte, formSize)
			binary.NativeEndian.PutUint32(arg, videoOutput)
			if err := k.ioctl(getForm, arg); err != nil { // it may have none yet
				clear(arg)
				binary.NativeEndian.PutUint32(arg, videoOutput)
			}
			width, height := what.Size()
			ask(arg[pixAt:], kind, width, height)
			if err := k.ioctl(setForm, arg); err != nil {
				return form{}, err
			}
			f, ok := read(arg[pixAt:], only)
			if ok {
				return f, nil
			}
			refused = f
		}
	}
	return form{}, fmt.Errorf("it insists on %s; close what watches it, or load its module anew", refused)
}

// ask writes what is wanted into a v4l2_pix_format.
func ask(pix []byte, kind uint32, width, height int) {
	f := form{kind: kind, width: width, height: height}
	line := 2 * width
	if kind == yu12 {
		line = width
	}
	for i, v := range []int{width, height, int(kind), fieldNone, line, f.bytes(), colorSMPTE170M} {
		binary.NativeEndian.PutUint32(pix[4*i:], uint32(v)) //nolint:gosec // small numbers of our own
	}
}

// read takes what a device answered, and tells whether it can be written: of a known kind, of one of our sizes, and with lines and
// pictures as long as they have to be.
func read(pix []byte, only pipeline.Rendition) (form, bool) {
	at := func(i int) uint32 { return binary.NativeEndian.Uint32(pix[4*i:]) }
	f := form{kind: at(2), width: int(at(0) & 0xffff), height: int(at(1) & 0xffff)}
	if at(0) > 0xffff || at(1) > 0xffff || f.kind != yuyv && f.kind != yu12 {
		return f, false
	}
	if line := at(4); f.kind == yuyv && line != 0 && line != uint32(2*f.width) { //nolint:gosec // 16 bits
		return f, false
	}
	if whole := at(5); whole != 0 && whole < uint32(f.bytes()) { //nolint:gosec // 33 bits at most, and then of no size of ours
		return f, false
	}
	for _, what := range sizes() {
		if width, height := what.Size(); f.width == width && f.height == height && (only.Codec == "" || only == what) {
			f.what = what
			return f, true
		}
	}
	return f, false
}
