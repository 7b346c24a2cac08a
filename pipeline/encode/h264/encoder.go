package h264

import (
	"fmt"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/codec/openh264"
	"github.com/pion/mediadevices/pkg/prop"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Encoder makes one H.264 stream, constrained baseline. Encode and Close may be called from any goroutine,
// one at a time; SetBitrate at any time from anywhere.
type Encoder struct {
	mu      sync.Mutex
	cfg     Config
	enc     codec.ReadCloser // nil once closed
	img     image.YCbCr      // the picture that Read will hand to the builder
	bitrate int              // in force, bit/s
	last    time.Duration    // PTS of the newest frame, -1 before the first
	built   time.Duration    // PTS at which enc began

	target atomic.Int64 // wanted, bit/s
}

// New starts an encoder; Close frees it. It fails with ErrConfig (all faults joined) or ErrEncoder.
func New(cfg Config) (*Encoder, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	e := &Encoder{cfg: cfg, last: -1}
	e.img.SubsampleRatio = image.YCbCrSubsampleRatio420
	e.img.Rect = image.Rect(0, 0, cfg.Width, cfg.Height)
	e.img.YStride, e.img.CStride = cfg.Width, cfg.Width/2
	e.target.Store(int64(cfg.BitrateBPS))
	if err := e.build(cfg.BitrateBPS); err != nil {
		return nil, err
	}
	return e, nil
}

// Encode compresses src into dst as one access unit in Annex B: dst.Data is truncated and refilled (it grows at
// first and is then reused) and dst.Key is set; the rest of dst is the caller's. A keyframe is an IDR with SPS
// and PPS: the first frame, any with key, and the first after a bitrate change took effect.
// pts must advance. src is not kept. The builder below allocates its answer, one copy a frame.
// Fails with ErrSize, ErrPTS, ErrEncoder or ErrClosed; dst is then empty.
func (e *Encoder) Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error {
	dst.Data, dst.Key = dst.Data[:0], false
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.enc == nil {
		return ErrClosed
	}
	if err := e.accepts(src); err != nil {
		return err
	}
	if pts <= e.last {
		return fmt.Errorf("%w: %v after %v", ErrPTS, pts, e.last)
	}
	if err := e.applyBitrate(pts, key); err != nil {
		return err
	}
	if key {
		if err := e.forceKey(); err != nil {
			return err
		}
	}
	e.img.Y, e.img.Cb, e.img.Cr = src.Y, src.U, src.V
	data, release, err := e.enc.Read()
	e.img.Y, e.img.Cb, e.img.Cr = nil, nil, nil
	if err != nil {
		return fmt.Errorf("%w: encode: %w", ErrEncoder, err)
	}
	dst.Data = append(dst.Data, data...)
	release()
	e.last = pts
	dst.Key = hasIDR(dst.Data)
	return nil
}

// SetBitrate sets the target in bit/s, clamped to MinBitrateBPS..MaxBitrateBPS. openh264's builder cannot change
// a running encoder, so it takes effect as Config.RebuildPercent and RebuildEvery say, with a keyframe.
// It fails with ErrConfig if bps is not positive.
func (e *Encoder) SetBitrate(bps int) error {
	if bps <= 0 {
		return fmt.Errorf("%w: bitrate is %d bit/s, must be positive", ErrConfig, bps)
	}
	e.target.Store(int64(min(max(bps, MinBitrateBPS), MaxBitrateBPS)))
	return nil
}

// Close frees openh264's memory. Closing twice is fine.
func (e *Encoder) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.enc == nil {
		return nil
	}
	err := e.enc.Close()
	e.enc = nil
	if err != nil {
		return fmt.Errorf("%w: close: %w", ErrEncoder, err)
	}
	return nil
}

// source hands the encoder's current picture to the builder, which pulls.
type source struct{ e *Encoder }

// Read is called by the builder inside Encode, under e.mu.
func (s source) Read() (image.Image, func(), error) { return &s.e.img, func() {}, nil }

// build replaces the running encoder, if any, by one of the given bitrate.
func (e *Encoder) build(bps int) error {
	p, err := openh264.NewParams()
	if err != nil {
		return fmt.Errorf("%w: settings: %w", ErrEncoder, err)
	}
	p.BitRate = bps
	p.UsageType = openh264.CameraVideoRealTime
	p.RCMode = openh264.RCBitrateMode
	p.EnableFrameSkip = false // it skips one frame in eleven by default
	p.IntraPeriod = 0         // keyframes on demand only
	p.MultipleThreadIdc = e.cfg.Threads
	p.SliceMode, p.SliceNum = openh264.SMSingleSlice, 1
	if e.cfg.Threads > 1 {
		p.SliceMode, p.SliceNum = openh264.SMFixedslcnumSlice, uint(e.cfg.Threads)
	}
	var m prop.Media
	m.Width, m.Height, m.FrameRate = e.cfg.Width, e.cfg.Height, float32(e.cfg.FPS)
	enc, err := p.BuildVideoEncoder(source{e}, m)
	if err != nil {
		return fmt.Errorf("%w: start at %dx%d: %w", ErrEncoder, e.cfg.Width, e.cfg.Height, err)
	}
	old := e.enc
	e.enc, e.bitrate = enc, bps
	if old == nil {
		return nil
	}
	if err := old.Close(); err != nil {
		return fmt.Errorf("%w: close: %w", ErrEncoder, err)
	}
	return nil
}

// applyBitrate builds a new encoder where the bitrate is worth one. A keyframe that comes anyway makes it cost nothing, and far too
// much bitrate fills the network, so neither waits for RebuildEvery.
func (e *Encoder) applyBitrate(pts time.Duration, key bool) error {
	want := int(e.target.Load())
	off := want - e.bitrate
	if max(off, -off)*100 <= e.bitrate*e.cfg.RebuildPercent {
		return nil
	}
	wait := e.cfg.RebuildEvery
	switch {
	case key:
		wait = 0
	case want < e.bitrate*3/5:
		wait /= 6
	}
	if e.last >= 0 && pts-e.built < wait {
		return nil
	}
	e.built = pts
	return e.build(want)
}

func (e *Encoder) forceKey() error {
	c, ok := e.enc.Controller().(codec.KeyFrameController)
	if !ok {
		return fmt.Errorf("%w: this build cannot force a keyframe", ErrEncoder)
	}
	if err := c.ForceKeyFrame(); err != nil {
		return fmt.Errorf("%w: keyframe: %w", ErrEncoder, err)
	}
	return nil
}

func (e *Encoder) accepts(src *frame.I420) error {
	n := e.cfg.Width * e.cfg.Height
	if src.Width != e.cfg.Width || src.Height != e.cfg.Height ||
		len(src.Y) < n || len(src.U) < n/4 || len(src.V) < n/4 {
		return fmt.Errorf("%w: picture %dx%d with planes of %d, %d and %d bytes, encoder %dx%d", ErrSize,
			src.Width, src.Height, len(src.Y), len(src.U), len(src.V), e.cfg.Width, e.cfg.Height)
	}
	return nil
}

// hasIDR tells whether an access unit in Annex B holds an IDR slice (NAL unit type 5).
func hasIDR(b []byte) bool {
	for i := 0; i+3 < len(b); i++ {
		if b[i] == 0 && b[i+1] == 0 && b[i+2] == 1 && b[i+3]&0x1f == 5 {
			return true
		}
	}
	return false
}
