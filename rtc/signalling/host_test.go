package signalling

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/encode/h264"
	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
)

const testSide = 128

// fakeHost is a Host whose sessions send a moving pattern at 30 frames a second.
type fakeHost struct {
	t       testing.TB
	mu      sync.Mutex
	still   bool // sessions send nothing
	opened  []*fakeSession
	openErr error
	opening chan struct{} // if set, Open waits for it
}

func (h *fakeHost) Open(ctx context.Context, o OpenOptions) (Session, error) {
	if h.opening != nil {
		select {
		case <-h.opening:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.openErr != nil {
		return nil, h.openErr
	}
	if o.Persona == "nobody" {
		return nil, rtc.Fail(rtc.CodeUnknownPersona, "there is no persona %q", o.Persona)
	}
	s := &fakeSession{t: h.t, still: h.still, persona: o.Persona, mailbox: latest.New[landmark.Arrival]()}
	h.opened = append(h.opened, s)
	return s, nil
}

func (h *fakeHost) last() *fakeSession {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.opened[len(h.opened)-1]
}

type fakeSession struct {
	t       testing.TB
	persona string
	still   bool
	mailbox *latest.Slot[landmark.Arrival]

	viewed, left, keyframes, closed atomic.Int32
	bitrate                         atomic.Int64
	out                             atomic.Pointer[rtc.Output]
	events                          atomic.Pointer[rtc.Events]
}

func (s *fakeSession) Info() Info                              { return Info{s.persona, testSide, "gioconda-s", "a note"} }
func (s *fakeSession) Mailbox() *latest.Slot[landmark.Arrival] { return s.mailbox }
func (s *fakeSession) Close()                                  { s.closed.Add(1) }

func (s *fakeSession) SendEventsTo(e *rtc.Events) { s.events.Store(e) }

func (s *fakeSession) Control(ctx context.Context, kind string, _ json.RawMessage) (any, error) {
	switch kind {
	case "settings":
		return map[string]any{"mirror": true}, nil
	case "persona":
		return nil, &rtc.Error{Code: rtc.CodeUnknownPersona, Message: "there is no such persona"}
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case "number":
		return 7, nil
	default:
		return nil, errors.New("secret detail")
	}
}

func (s *fakeSession) View(out *rtc.Output) (rtc.Viewer, error) {
	s.viewed.Add(1)
	s.out.Store(out)
	st := &viewer{stage: s, out: out, stop: make(chan struct{}), done: make(chan struct{})}
	go st.run()
	return st, nil
}

// viewer is the fake pipeline of one connection.
type viewer struct {
	stage      *fakeSession
	out        *rtc.Output
	key        atomic.Bool
	stop, done chan struct{}
}

func (s *viewer) Keyframe()          { s.stage.keyframes.Add(1); s.key.Store(true) }
func (s *viewer) SetBitrate(bps int) { s.stage.bitrate.Store(int64(bps)) }

func (s *viewer) Leave() {
	close(s.stop)
	<-s.done
	s.stage.left.Add(1)
}

func (s *viewer) run() {
	defer close(s.done)
	if s.stage.still {
		<-s.stop
		return
	}
	enc, err := newTestEncoder(s.out.Codec())
	if err != nil {
		s.stage.t.Error(err)
		return
	}
	defer enc.Close()
	img, err := frame.NewI420(testSide, testSide)
	if err != nil {
		s.stage.t.Error(err)
		return
	}
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	start := time.Now()
	var f frame.Encoded
	for n := 0; ; n++ {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			for i := range img.Y {
				img.Y[i] = uint8(16 + (i%testSide+i/testSide+4*n)%200)
			}
			f.Trace = trace.Frame{Seq: uint32(n), HasSample: true, CaptureMicros: 99}
			f.Trace.Stamp(trace.Received, now)
			f.PTS = now.Sub(start)
			if err := enc.Encode(&f, img, f.PTS, s.key.Swap(false)); err != nil {
				s.stage.t.Error(err)
				return
			}
			f.Trace.Key, f.Trace.Bytes = f.Key, len(f.Data)
			f.Trace.Stamp(trace.Encoded, time.Now())
			if err := s.out.WriteFrame(&f); err != nil && !errors.Is(err, rtc.ErrClosed) {
				s.stage.t.Error(err)
			}
		}
	}
}

type testEncoder interface {
	Encode(dst *frame.Encoded, src *frame.I420, pts time.Duration, key bool) error
	Close() error
}

func newTestEncoder(codec string) (testEncoder, error) {
	if codec == rtc.CodecH264 {
		c := h264.DefaultConfig()
		c.Width, c.Height, c.BitrateBPS = testSide, testSide, 500_000
		return h264.New(c)
	}
	c := vp8.DefaultConfig()
	c.Width, c.Height, c.BitrateBPS = testSide, testSide, 500_000
	return vp8.New(c)
}
