package rtc

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

type object = rtctest.Object

// portrait is a session that shows a moving pattern, and answers some requests.
type portrait struct {
	t       testing.TB
	mailbox *latest.Slot[landmark.Arrival]
	film    atomic.Pointer[rtctest.Film]
	events  atomic.Pointer[Events]
	viewed  atomic.Int32
	left    atomic.Int32
	asked   atomic.Int32
	viewErr error
}

func newPortrait(t testing.TB) *portrait {
	t.Helper()
	return &portrait{t: t, mailbox: latest.New[landmark.Arrival]()}
}

func (s *portrait) Mailbox() *latest.Slot[landmark.Arrival] { return s.mailbox }
func (s *portrait) SendEventsTo(e *Events)                  { s.events.Store(e) }

func (s *portrait) Control(ctx context.Context, kind string, _ json.RawMessage) (any, error) {
	s.asked.Add(1)
	switch kind {
	case "settings":
		return map[string]any{"mirror": true}, nil
	case "persona":
		return nil, &Error{Code: CodeUnknownPersona, Message: "there is no such persona"}
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case "number":
		return 7, nil
	default:
		return nil, errors.New("secret detail")
	}
}

func (s *portrait) View(out *Output) (Viewer, error) {
	if s.viewErr != nil {
		return nil, s.viewErr
	}
	s.viewed.Add(1)
	f := viewer{rtctest.Show(s.t, out, ErrClosed), s}
	s.film.Store(f.Film)
	return f, nil
}

type viewer struct {
	*rtctest.Film
	of *portrait
}

func (v viewer) Leave() {
	v.Film.Leave()
	v.of.left.Add(1)
}

// wire carries a peer's words to a browser, in order.
type wire struct {
	b           *rtctest.Browser
	words       chan func()
	interrupted chan error
	alive       atomic.Int32
}

func newWire(t *testing.T, b *rtctest.Browser) *wire {
	w := &wire{b: b, words: make(chan func(), 64), interrupted: make(chan error, 16)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case say := <-w.words:
				say()
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

func (w *wire) Answer(sdp string)     { w.words <- func() { w.b.Answer(sdp) } }
func (w *wire) Interrupted(why error) { w.interrupted <- why }
func (w *wire) Alive()                { w.alive.Add(1) }
func (w *wire) Candidate(c *Candidate) {
	if c != nil {
		w.words <- func() { _ = w.b.PC.AddICECandidate(webrtc.ICECandidateInit(*c)) }
	}
}

// stand is a server's transport and what stands before it.
type stand struct {
	nets      *rtctest.Nets
	transport *Transport
	portrait  *portrait
}

// newStand is for a bubble of synctest.
func newStand(t *testing.T, change func(*Config)) *stand {
	t.Helper()
	s := &stand{nets: rtctest.NewNets(t), portrait: newPortrait(t)}
	cfg := DefaultConfig()
	cfg.Loopback, cfg.MessageRate = false, 200
	if change != nil {
		change(&cfg)
	}
	var err error
	if s.transport, err = NewTransport(cfg, Options{Net: s.nets.Server}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after those of peers
		s.transport.Close()
		if v, l := s.portrait.viewed.Load(), s.portrait.left.Load(); v != l {
			t.Errorf("%d came to view, %d left", v, l)
		}
	})
	return s
}

// peer makes a peer that is closed when the test ends.
func (s *stand) peer(t *testing.T, o PeerOptions) *Peer {
	t.Helper()
	p, err := s.transport.NewPeer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		rtctest.Expect(t, p.Done())
	})
	return p
}

// connect makes a browser that drives and views, and its peer, over trickling signalling.
func (s *stand) connect(t *testing.T, o PeerOptions) (*rtctest.Browser, *Peer, *wire) {
	t.Helper()
	b := rtctest.NewBrowser(t, s.nets.Client, true, true)
	w := newWire(t, b)
	o.Drive, o.View, o.Signaller = s.portrait, s.portrait, w
	p := s.peer(t, o)
	b.PC.OnICECandidate(func(c *webrtc.ICECandidate) {
		if c != nil {
			init := Candidate(c.ToJSON())
			w.words <- func() { p.AddCandidate(&init) }
		}
	})
	if _, err := p.Offer(t.Context(), b.Offer(nil)); err != nil {
		t.Fatal(err)
	}
	rtctest.Expect(t, b.Up)
	rtctest.Expect(t, b.Open)
	return b, p, w
}
