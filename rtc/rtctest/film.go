package rtctest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp/codecs"

	"github.com/gioconda-live/gioconda/pipeline/encode/h264"
	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// Side is the edge of a film's pictures.
const Side = 128

// Capture is what the traces of a film say of when a sample was taken, in microseconds.
const Capture = 99

// Sink takes compressed frames.
type Sink interface {
	Codec() string
	WriteFrame(f *frame.Encoded) error
}

// Film sends a moving pattern to a viewer, 30 pictures a second.
type Film struct {
	Keyframes atomic.Int32 // asked for
	Bitrate   atomic.Int64

	t          testing.TB
	closed     error
	key        atomic.Bool
	stop, done chan struct{}
}

// Show begins to send; Leave ends it. Errors of the sink fail the test, but for the one that says that it is closed.
func Show(t testing.TB, to Sink, closed error) *Film {
	t.Helper()
	f := &Film{t: t, closed: closed, stop: make(chan struct{}), done: make(chan struct{})}
	go f.run(to)
	return f
}

// Keyframe asks for one.
func (f *Film) Keyframe() { f.Keyframes.Add(1); f.key.Store(true) }

// SetBitrate notes what was asked for.
func (f *Film) SetBitrate(bps int) { f.Bitrate.Store(int64(bps)) }

// Leave ends the film.
func (f *Film) Leave() {
	close(f.stop)
	<-f.done
}

func (f *Film) run(to Sink) {
	defer close(f.done)
	enc, err := newEncoder(to.Codec())
	if err != nil {
		f.t.Error(err)
		return
	}
	defer func() { _ = enc.Close() }()
	img, err := frame.NewI420(Side, Side)
	if err != nil {
		f.t.Error(err)
		return
	}
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	start := time.Now()
	var e frame.Encoded
	for n := 0; ; n++ {
		select {
		case <-f.stop:
			return
		case now := <-tick.C:
			for i := range img.Y {
				img.Y[i] = uint8(16 + (i%Side+i/Side+4*n)%200)
			}
			e.Trace = trace.Frame{Seq: uint32(n), HasSample: true, CaptureMicros: Capture}
			e.Trace.Stamp(trace.Received, now)
			if err := enc.Encode(&e, img, now.Sub(start), f.key.Swap(false)); err != nil {
				f.t.Error(err)
				return
			}
			e.PTS, e.Trace.Key, e.Trace.Bytes = now.Sub(start), e.Key, len(e.Data)
			e.Trace.Stamp(trace.Encoded, time.Now())
			if err := to.WriteFrame(&e); err != nil && !errors.Is(err, f.closed) {
				f.t.Error(err)
			}
		}
	}
}

type encoder interface {
	Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error
	Close() error
}

func newEncoder(codec string) (encoder, error) {
	if codec == "h264" {
		c := h264.DefaultConfig()
		c.Width, c.Height, c.BitrateBPS = Side, Side, 500_000
		return h264.New(c)
	}
	c := vp8.DefaultConfig()
	c.Width, c.Height, c.BitrateBPS = Side, Side, 500_000
	return vp8.New(c)
}

// Frames reassembles VP8 frames from the browser's packets and decodes them until n more pictures have come.
func (b *Browser) Frames(n int) (pictures []*frame.I420, keys int) {
	b.t.Helper()
	if b.decoder == nil {
		var err error
		if b.decoder, err = vp8.NewDecoder(); err != nil {
			b.t.Fatal(err)
		}
		b.t.Cleanup(func() { _ = b.decoder.Close() })
	}
	started := false
	for len(pictures) < n {
		p := Expect(b.t, b.Packets)
		var v codecs.VP8Packet
		part, err := v.Unmarshal(p.Payload)
		if err != nil || v.I != 1 {
			b.t.Fatalf("packet without picture ID: %v", err)
		}
		if v.S == 1 {
			b.data, started = b.data[:0], true
		}
		if b.data = append(b.data, part...); !started || !p.Marker {
			continue
		}
		if b.data[0]&1 == 0 {
			keys++
		}
		img, err := b.decoder.Decode(b.data)
		if err != nil {
			if keys == 0 {
				continue // joined in mid-stream
			}
			b.t.Fatal(err)
		}
		pictures = append(pictures, img)
	}
	return pictures, keys
}

// Datagram is a plausible sample as it travels.
func Datagram(t testing.TB, seq uint32) []byte {
	t.Helper()
	s := landmark.Sample{Seq: seq, CaptureMicros: uint64(seq) * 33_333, Score: 1, Width: 640, Height: 480}
	for i := range s.Points {
		s.Points[i] = landmark.Point{X: 0.4 + float32(i%20)/100, Y: 0.3 + float32(i/20)/100, Z: float32(i%7) / 100}
	}
	b := make([]byte, landmark.MaxWireSize)
	n, err := landmark.NewCodec().Encode(b, &s)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}
