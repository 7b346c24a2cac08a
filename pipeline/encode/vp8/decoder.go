package vp8

// #include "shim.h"
import "C"

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Decoder turns VP8 frames back into pictures: for tests, benches and loopback checks.
// Its methods may be called from any goroutine, one at a time.
type Decoder struct {
	mu sync.Mutex
	c  *C.gio_vp8_dec // nil once closed
}

// NewDecoder starts a decoder; Close frees it.
func NewDecoder() (*Decoder, error) {
	c := C.gio_vp8_dec_new()
	if c == nil {
		return nil, fmt.Errorf("%w: start of the decoder", ErrLibvpx)
	}
	return &Decoder{c: c}, nil
}

// Decode returns the picture of one VP8 frame, newly allocated; nil if the frame is not to be shown.
// It fails with ErrLibvpx on damage, ErrSize for pictures with an odd side, ErrClosed after Close.
func (d *Decoder) Decode(data []byte) (*frame.I420, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.c == nil {
		return nil, ErrClosed
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: empty frame", ErrLibvpx)
	}
	switch C.gio_vp8_dec_frame(d.c, (*C.uint8_t)(unsafe.SliceData(data)), C.size_t(len(data))) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, fmt.Errorf("%w: decode %d bytes: %s", ErrLibvpx, len(data), C.GoString(C.gio_vp8_dec_error(d.c)))
	}
	var w, h C.uint
	C.gio_vp8_dec_size(d.c, &w, &h)
	f, err := frame.NewI420(int(w), int(h))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSize, err)
	}
	C.gio_vp8_dec_copy(d.c, (*C.uint8_t)(&f.Y[0]), (*C.uint8_t)(&f.U[0]), (*C.uint8_t)(&f.V[0]))
	return f, nil
}

// Close frees libvpx's memory. Closing twice is fine.
func (d *Decoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	C.gio_vp8_dec_free(d.c)
	d.c = nil
	return nil
}
