package vp8

// #cgo pkg-config: vpx
// #cgo CFLAGS: -O2 -Wall
// #include "shim.h"
import "C"

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Encoder makes one VP8 stream. Encode and Close may be called from any goroutine, one at a time;
// SetBitrate at any time from anywhere.
type Encoder struct {
	mu       sync.Mutex
	c        *C.gio_vp8_enc // nil once closed
	width    int
	height   int
	duration C.ulong // nominal ticks of a frame
	last     int64   // PTS of the newest frame in ticks of frame.ClockRate, -1 before the first
	bitrate  int     // in force, bit/s
	thrifty  bool    // in force
	static   [2]int  // thresholds without thrift and with it

	target atomic.Int64 // wanted, bit/s
	thrift atomic.Bool  // wanted
}

// New starts an encoder; Close frees it. It fails with ErrConfig (all faults joined) or ErrLibvpx.
func New(cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := C.gio_vp8_config{
		width: C.uint(cfg.Width), height: C.uint(cfg.Height),
		threads: C.uint(cfg.Threads), bitrate_kbps: kbps(cfg.BitrateBPS),
		min_q: C.uint(cfg.MinQuantizer), max_q: C.uint(cfg.MaxQuantizer),
		buffer_ms: C.uint(cfg.BufferMillis), max_intra_pct: C.uint(cfg.MaxIntraPercent),
		drop_threshold: C.uint(cfg.DropThreshold), static_threshold: C.uint(cfg.StaticThreshold),
		cpu_used: C.int(-cfg.CPUUsed), token_partitions: C.int(cfg.TokenPartitions),
	}
	if cfg.ErrorResilient {
		c.error_resilient = 1
	}
	var why [256]C.char
	enc := C.gio_vp8_enc_new(&c, &why[0], C.size_t(len(why)))
	if enc == nil {
		return nil, fmt.Errorf("%w: %dx%d: %s", ErrLibvpx, cfg.Width, cfg.Height, C.GoString(&why[0]))
	}
	e := &Encoder{
		c: enc, width: cfg.Width, height: cfg.Height, duration: C.ulong(frame.ClockRate / cfg.FPS), last: -1,
		bitrate: cfg.BitrateBPS, static: [2]int{cfg.StaticThreshold, cfg.ThriftThreshold},
	}
	e.target.Store(int64(cfg.BitrateBPS))
	return e, nil
}

// Encode compresses src into dst: dst.Data is truncated and refilled (it grows at first and is then reused) and
// dst.Key is set; the rest of dst is the caller's. A frame that rate control drops leaves dst.Data empty and is no
// error. The first frame is a keyframe; others only with key.
// pts must advance by at least one tick of 1/90000 s. src is not kept.
// Fails with ErrSize, ErrPTS, ErrLibvpx or ErrClosed; dst is then empty.
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
	ticks := frame.Ticks(pts)
	if ticks <= e.last {
		return fmt.Errorf("%w: %v (tick %d) after tick %d", ErrPTS, pts, ticks, e.last)
	}
	if err := e.applyBitrate(); err != nil {
		return err
	}
	if err := e.applyThrift(); err != nil {
		return err
	}
	var force C.int
	if key {
		force = 1
	}
	y, u, v := (*C.uint8_t)(&src.Y[0]), (*C.uint8_t)(&src.U[0]), (*C.uint8_t)(&src.V[0])
	if C.gio_vp8_enc_frame(e.c, y, u, v, C.int64_t(ticks), e.duration, force) != 0 {
		return e.fail()
	}
	e.last = ticks
	p := C.gio_vp8_enc_packet(e.c)
	if p.data != nil {
		dst.Data = append(dst.Data, unsafe.Slice((*byte)(p.data), int(p.size))...)
		dst.Key = p.key != 0
	}
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

// SetThrift has the static threshold be Config.ThriftThreshold, from the next frame on, or as it was: less is compressed, and
// what changes by little is left as it is.
func (e *Encoder) SetThrift(on bool) { e.thrift.Store(on) }

// SetRate sets the nominal frame rate, 1 to MaxRate frames a second, from the next frame on. It fails with ErrConfig.
func (e *Encoder) SetRate(fps int) error {
	if fps < 1 || fps > MaxRate {
		return fmt.Errorf("%w: %d frames a second, must be 1 to %d", ErrConfig, fps, MaxRate)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.duration = C.ulong(frame.ClockRate / fps)
	return nil
}

// Close frees libvpx's memory. Closing twice is fine.
func (e *Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	C.gio_vp8_enc_free(e.c)
	e.c = nil
	return nil
}

func (e *Encoder) accepts(src *frame.I420) error {
	n := e.width * e.height
	if src.Width != e.width || src.Height != e.height || len(src.Y) < n || len(src.U) < n/4 || len(src.V) < n/4 {
		return fmt.Errorf("%w: picture %dx%d with planes of %d, %d and %d bytes, encoder %dx%d", ErrSize,
			src.Width, src.Height, len(src.Y), len(src.U), len(src.V), e.width, e.height)
	}
	return nil
}

func (e *Encoder) applyBitrate() error {
	want := int(e.target.Load())
	if want == e.bitrate {
		return nil
	}
	if C.gio_vp8_enc_bitrate(e.c, kbps(want)) != 0 {
		return e.fail()
	}
	e.bitrate = want
	return nil
}

func (e *Encoder) applyThrift() error {
	want := e.thrift.Load()
	if want == e.thrifty {
		return nil
	}
	threshold := e.static[0]
	if want {
		threshold = e.static[1]
	}
	if C.gio_vp8_enc_static(e.c, C.uint(threshold)) != 0 {
		return e.fail()
	}
	e.thrifty = want
	return nil
}

func (e *Encoder) fail() error {
	return fmt.Errorf("%w: %s", ErrLibvpx, C.GoString(C.gio_vp8_enc_error(e.c)))
}

func kbps(bps int) C.uint { return C.uint((bps + 500) / 1000) }
