package pipeline

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/urgent"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// Rendition is one compressed form of a session's picture. Viewers of an equal Rendition share its encoder.
type Rendition struct {
	Codec string // VP8, H264 or Raw
	Form

	// Edge is the height of the picture in pixels (with Alpha, of one of the two): the session's own size, or WideHeight if it
	// is wide, or half or a quarter of that, at least MinEdge, and with Alpha a multiple of 16; 0: the largest.
	Edge   int
	MaxBPS int // bit/s that it never passes, at least Config.BitrateMin; 0: Config.BitrateMax

	// KeyEvery is the most time between two keyframes, at least MinKeyEvery, for what cannot ask for one; 0: whenever a
	// viewer asks.
	KeyEvery time.Duration
}

// The codecs, as a Rendition and signalling name them.
const (
	VP8  = "vp8"
	H264 = "h264"

	// Raw is no codec: a frame's Data is the picture, the planes of frame.I420 one after another, and every frame a keyframe.
	// It is for viewers on this machine.
	Raw = "raw"
)

// MinKeyEvery is the least regular distance of keyframes.
const MinKeyEvery = 500 * time.Millisecond

// MinEdge is the smallest picture worth sending, in pixels.
const MinEdge = 128

// resolve puts the session's values in place of zeros, so that what is the same compares equal, or fails with ErrRendition.
func (r Rendition) resolve(c *Config) (Rendition, error) {
	full := c.Size
	if r.Wide {
		full = WideHeight
	}
	if r.Edge == 0 {
		r.Edge = full
	}
	if r.MaxBPS == 0 {
		r.MaxBPS = c.BitrateMax
	}
	r.MaxBPS = min(r.MaxBPS, c.BitrateMax)
	sizes := []int{full, full / 2, full / 4}
	if !slices.Contains(sizes, r.Edge) || r.Edge < MinEdge {
		return r, fmt.Errorf("%w: edge %d; use one of %v that is at least %d", ErrRendition, r.Edge, sizes, MinEdge)
	}
	if r.Alpha && r.Edge%16 != 0 { // so that no block of an encoder belongs to colours and matte
		return r, fmt.Errorf("%w: edge %d with alpha; use a multiple of 16", ErrRendition, r.Edge)
	}
	if r.KeyEvery != 0 && r.KeyEvery < MinKeyEvery {
		return r, fmt.Errorf("%w: keyframes every %v; use at least %v", ErrRendition, r.KeyEvery, MinKeyEvery)
	}
	if r.MaxBPS < c.BitrateMin {
		return r, fmt.Errorf("%w: at most %d bit/s; use at least bitrate_min, which is %d", ErrRendition, r.MaxBPS, c.BitrateMin)
	}
	return r, nil
}

// rendition compresses a session's pictures in one form, on a goroutine of its own, so that the next picture is drawn
// meanwhile and a slow encoder delays nobody else. It ends when quit is closed.
type rendition struct {
	Rendition
	lowered bool // for viewers that asked for more: whoever asked for this very form does not share their bitrate
	session *Session
	log     *slog.Logger
	enc     Encoder
	shape   *shape        // owned by the goroutine
	start   int           // bit/s before any viewer has a wish
	wake    chan struct{} // receives after waiting was filled
	quit    chan struct{}
	keys    keyframes

	// waiting is the newest picture, until the goroutine takes it. A newer one takes its place.
	waiting atomic.Pointer[buffer]

	mu      sync.Mutex // guards viewers; held while they are handed a frame
	viewers []*Viewer

	// Owned by the goroutine.
	frame                 frame.Encoded
	rate                  int  // pictures a second that the encoder was told
	saves                 bool // it was told to be thrifty
	failing, slow, unsent throttle

	bitrate atomic.Int64 // what the encoder was told last, bit/s, 0 before
	counted counters
}

// newRendition starts the encoder of what, which is resolved.
func newRendition(s *Session, what Rendition, lowered bool) (*rendition, error) {
	enc, err := s.loop.encoders(what)
	if err != nil {
		return nil, err
	}
	c := &s.loop.cfg
	r := &rendition{
		Rendition: what, lowered: lowered, session: s, enc: enc, log: s.loop.log.With("codec", what.Codec, "edge", what.Edge, "alpha", what.Alpha, "wide", what.Wide),
		start: min(c.BitrateStart, what.MaxBPS), rate: c.FPS,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), keys: keyframes{every: what.KeyEvery},
	}
	if r.shape, err = newShape(what, c.Size); err == nil {
		err = s.buffers.grow(c.Size)
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rendition) close() {
	if err := r.enc.Close(); err != nil {
		r.log.Warn("closing the encoder", "error", err)
	}
}

// give hands over a picture that was just drawn. One that still waits was too much for this rendition, and is skipped.
func (r *rendition) give(b *buffer) {
	b.readers.Add(1)
	if old := r.waiting.Swap(b); old != nil {
		r.counted.skipped.Add(1)
		old.release()
	} else {
		r.session.loop.compressing.Add(1)
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// run compresses until quit is closed; by then nothing more is given to r.
func (r *rendition) run() {
	defer wall.Catch("encode", r.session.Fail)
	_, back := urgent.Thread()
	defer back()
	for {
		select {
		case <-r.quit:
			r.close()
			return
		case <-r.wake:
		}
		if b := r.waiting.Swap(nil); b != nil {
			r.session.loop.nudge() // another picture is wanted
			r.spend(b)
			b.release()
		}
	}
}

// watchers is how many viewers r serves, or is to.
func (r *rendition) watchers() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.viewers {
		if v.servedBy(r) {
			n++
		}
	}
	return n
}
