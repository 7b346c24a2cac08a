package rtc

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// Output takes compressed frames and events to one browser, as long as its connection lives. It is made for
// Session.View. Methods are safe for concurrent use.
type Output struct {
	codec  string
	report *reporter
	counts *Counters
	events *channel
	closed atomic.Bool

	mu      sync.Mutex // one frame at a time
	packets packetizer
}

// newOutput makes the way out through send. Numbering starts at seed, which is random, as RTP wants it.
func newOutput(codec string, r *reporter, c *Counters, send func(*rtp.Packet) error, seed [8]byte) *Output {
	le := binary.LittleEndian
	return &Output{
		codec: codec, report: r, counts: c, events: &channel{},
		packets: packetizer{
			codec: codec, send: send,
			offset: le.Uint32(seed[:]), seq: le.Uint16(seed[4:]), picture: le.Uint16(seed[6:]) & 0x7fff,
		},
	}
}

// Codec is what was negotiated: CodecVP8 or CodecH264.
func (o *Output) Codec() string { return o.codec }

// WriteFrame sends one frame at once, without pacing, and does not block on the network. It sets f.Trace.RTP,
// stamps trace.Sent when the last packet has been handed over, and queues the trace for the browser's report.
// f.PTS counts from the session's start. An empty frame is ignored. f is not kept, nor is its Data.
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
	stamp, err := o.packets.write(f.Data, f.PTS)
	f.Trace.RTP = stamp
	f.Trace.Stamp(trace.Sent, time.Now())
	if err != nil {
		return fmt.Errorf("rtc: frame at %v: %w", f.PTS, err)
	}
	o.report.add(&f.Trace)
	o.counts.frames.Add(1)
	o.counts.bytes.Add(uint64(len(f.Data)))
	return nil
}

// Event sends v, which encodes as {"event":"…",…}, on the control channel. It does not block.
// Fails with ErrClosed where there is no such channel (any more), with ErrBacklog if the browser does not read.
func (o *Output) Event(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("rtc: event: %w", err)
	}
	return o.events.send(b)
}

func (o *Output) close() { o.closed.Store(true) }

// maxBacklog is how much may wait for a browser that does not read, in bytes.
const maxBacklog = 256 << 10

// channel is the sending side of a reliable data channel, once the browser has opened it.
type channel struct {
	dc atomic.Pointer[webrtc.DataChannel]
}

// send hands over one text message and does not block.
func (c *channel) send(text []byte) error {
	dc := c.dc.Load()
	if dc == nil || dc.ReadyState() != webrtc.DataChannelStateOpen {
		return fmt.Errorf("%w: the browser has not opened this data channel", ErrClosed)
	}
	if dc.BufferedAmount() > maxBacklog {
		return fmt.Errorf("%w: %d bytes wait on %q", ErrBacklog, dc.BufferedAmount(), dc.Label())
	}
	if err := dc.SendText(string(text)); err != nil {
		if errors.Is(err, io.ErrClosedPipe) {
			return fmt.Errorf("%w: %q", ErrClosed, dc.Label())
		}
		return fmt.Errorf("rtc: send on %q: %w", dc.Label(), err)
	}
	return nil
}
