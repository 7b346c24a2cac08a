package h264

// #cgo pkg-config: openh264
// #cgo CFLAGS: -O2 -Wall
// #include "shim.h"
import "C"

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Encoder makes one H.264 stream, constrained baseline. Encode and Close may be called from any goroutine,
// one at a time; SetBitrate at any time from anywhere.
type Encoder struct {
	mu      sync.Mutex
	c       *C.gio_h264_enc // nil once closed
	width   int
	height  int
	last    time.Duration // PTS of the newest frame, -1 before the first
	bitrate int           // in force, bit/s

	target atomic.Int64 // wanted, bit/s
}

// New starts an encoder; Close frees it. It fails with ErrConfig (all faults joined) or ErrEncoder.
func New(cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := C.gio_h264_config{
		width: C.int(cfg.Width), height: C.int(cfg.Height), fps: C.int(cfg.FPS),
		bitrate_bps: C.int(cfg.BitrateBPS), threads: C.int(cfg.Threads),
	}
	var code C.int
	enc := C.gio_h264_enc_new(&c, &code)
	if enc == nil {
		return nil, fmt.Errorf("%w: start at %dx%d: %s", ErrEncoder, cfg.Width, cfg.Height, reason(code))
	}
	e := &Encoder{c: enc, width: cfg.Width, height: cfg.Height, last: -1, bitrate: cfg.BitrateBPS}
	e.target.Store(int64(cfg.BitrateBPS))
	return e, nil
}

// Encode compresses src into dst as one access unit in Annex B: dst.Data is truncated and refilled (it grows at
// first and is then reused) and dst.Key is set; the rest of dst is the caller's. A keyframe is an IDR with SPS
// and PPS: the first frame, and any with key.
// pts must advance. src is not kept.
// Fails with ErrSize, ErrPTS, ErrEncoder or ErrClosed; dst is then empty.
func (e *Encoder) Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error {
	dst.Data, dst.Key = dst.Data[:0], false
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.c == nil {
		return ErrClosed
	}
	if err := e.accepts(src); err != nil {
		return err
	}
	if pts <= e.last {
		return fmt.Errorf("%w: %v after %v", ErrPTS, pts, e.last)
	}
	if err := e.applyBitrate(); err != nil {
		return err
	}
	var force C.int
	if key {
		force = 1
	}
	y, u, v := (*C.uint8_t)(&src.Y[0]), (*C.uint8_t)(&src.U[0]), (*C.uint8_t)(&src.V[0])
	r := C.gio_h264_enc_frame(e.c, y, u, v, C.int64_t(pts.Milliseconds()), force)
	if r.error != 0 {
		return fmt.Errorf("%w: encode: %s", ErrEncoder, reason(r.error))
	}
	e.last = pts
	if r.size == 0 {
		return nil
	}
	dst.Data = slices.Grow(dst.Data, int(r.size))[:r.size]
	C.gio_h264_enc_copy(e.c, (*C.uint8_t)(&dst.Data[0]))
	dst.Key = r.key != 0
	return nil
}

// SetBitrate sets the target in bit/s, clamped to MinBitrateBPS..MaxBitrateBPS, from the next frame on.
// It fails with ErrConfig if bps is not positive.
func (e *Encoder) SetBitrate(bps int) error {
	if bps <= 0 {
		return fmt.Errorf("%w: bitrate is %d bit/s, must be positive", ErrConfig, bps)
	}
	e.target.Store(int64(min(max(bps, MinBitrateBPS), MaxBitrateBPS)))
	return nil
}

// SetRate sets the frame rate that rate control believes, 1 to MaxRate frames a second, from the next frame on. It fails with
// ErrConfig, ErrEncoder or ErrClosed.
func (e *Encoder) SetRate(fps int) error {
	if fps < 1 || fps > MaxRate {
		return fmt.Errorf("%w: %d frames a second, must be 1 to %d", ErrConfig, fps, MaxRate)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.c == nil {
		return ErrClosed
	}
	if code := C.gio_h264_enc_rate(e.c, C.float(fps)); code != 0 {
		return fmt.Errorf("%w: %d frames a second: %s", ErrEncoder, fps, reason(code))
	}
	return nil
}

// Close frees openh264's memory. Closing twice is fine.
func (e *Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	C.gio_h264_enc_free(e.c)
	e.c = nil
	return nil
}

func (e *Encoder) applyBitrate() error {
	want := int(e.target.Load())
	if want == e.bitrate {
		return nil
	}
	if code := C.gio_h264_enc_bitrate(e.c, C.int(want)); code != 0 {
		return fmt.Errorf("%w: bitrate %d: %s", ErrEncoder, want, reason(code))
	}
	e.bitrate = want
	return nil
}

func (e *Encoder) accepts(src *frame.I420) error {
	n := e.width * e.height
	if src.Width != e.width || src.Height != e.height ||
		len(src.Y) < n || len(src.U) < n/4 || len(src.V) < n/4 {
		return fmt.Errorf("%w: picture %dx%d with planes of %d, %d and %d bytes, encoder %dx%d", ErrSize,
			src.Width, src.Height, len(src.Y), len(src.U), len(src.V), e.width, e.height)
	}
	return nil
}

// reason names what openh264 answers.
func reason(code C.int) string {
	switch code { // CM_RETURN of its headers
	case 1:
		return "bad parameter"
	case 3:
		return "out of memory"
	case 4:
		return "not initialised"
	case 5:
		return "unsupported data"
	default:
		return fmt.Sprintf("error %d", int(code))
	}
}
