package rtc

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc/avsync"
	"github.com/gioconda-live/gioconda/rtc/egress"
)

// Output takes compressed frames to one viewer, as long as its connection lives. It is made for Viewable.View.
// Methods are safe for concurrent use.
type Output struct {
	codec  string
	report *reporter
	counts *Counters
	shown  *avsync.Presentation
	clock  *avsync.Clock
	closed atomic.Bool
	gate   egress.Gate

	mu      sync.Mutex // one frame at a time
	packets packetizer
}

// newOutput makes the way out through send. Numbering starts at seed, which is random, as RTP wants it.
func newOutput(codec string, r *reporter, c *Counters, shown *avsync.Presentation, clock *avsync.Clock, send func(*rtp.Packet) error, seed [8]byte) *Output {
	le := binary.LittleEndian
	return &Output{
		codec: codec, report: r, counts: c, shown: shown, clock: clock,
		packets: packetizer{
			codec: codec, send: send,
			offset: le.Uint32(seed[:]), seq: le.Uint16(seed[4:]), picture: le.Uint16(seed[6:]) & 0x7fff,
		},
	}
}

// Codec is what was negotiated: CodecVP8 or CodecH264.
func (o *Output) Codec() string { return o.codec }

// WriteFrame sends one frame and does not block on the network: what of a large frame the path does not take at once goes out
// by itself. It sets f.Trace.RTP, stamps trace.Sent when the last packet has been handed over, and queues the trace for the
// browser's report. f.PTS counts from the session's start. An empty frame is ignored, and so are frames while the path is too
// full, up to a keyframe. f is not kept, nor is its Data.
// Fails with ErrClosed once the connection has ended.
func (o *Output) WriteFrame(f *frame.Encoded) error {
	if o.closed.Load() {
		return fmt.Errorf("%w: frame at %v", ErrClosed, f.PTS)
	}
	if len(f.Data) == 0 {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.gate.Passes(f.Key, o.packets.seq, time.Now()) {
		return nil
	}
	stamp, err := o.packets.write(f.Data, f.PTS)
	f.Trace.RTP = stamp
	now := time.Now()
	f.Trace.Stamp(trace.Sent, now)
	o.clock.Note(stamp, o.shown.At(f.PTS, now), now)
	if err != nil {
		return fmt.Errorf("rtc: frame at %v: %w", f.PTS, err)
	}
	o.report.add(&f.Trace)
	o.counts.frames.Add(1)
	o.counts.bytes.Add(uint64(len(f.Data)))
	return nil
}

func (o *Output) close() { o.closed.Store(true) }
