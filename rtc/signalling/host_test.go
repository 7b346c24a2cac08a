package signalling

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// fakeHost is a Host whose sessions show a moving pattern.
type fakeHost struct {
	t       testing.TB
	mu      sync.Mutex
	room    int // sessions at once; 0: any number
	opened  []*fakeSession
	openErr error
	opening chan struct{} // if set, Open waits for it
	gone    chan error    // if set, told why Open was broken off
	deaf    bool          // Open does not listen to its context
	broken  string        // the method that panics
}

func (h *fakeHost) Open(ctx context.Context, o OpenOptions) (Session, error) {
	if h.deaf {
		<-h.opening
	} else if h.opening != nil {
		select {
		case <-h.opening:
		case <-ctx.Done():
			if h.gone != nil {
				h.gone <- ctx.Err()
			}
			return nil, ctx.Err()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken == "open" {
		panic("the host is broken")
	}
	if h.openErr != nil {
		return nil, h.openErr
	}
	if o.Persona == "nobody" {
		return nil, rtc.Fail(rtc.CodeUnknownPersona, "there is no persona %q", o.Persona)
	}
	if h.room > 0 && h.open() >= h.room {
		return nil, rtc.Fail(rtc.CodeFull, "the server is full")
	}
	if o.Name == "taken" {
		return nil, rtc.Refuse(rtc.CodeNameTaken, "there is a session %q already", o.Name)
	}
	s := &fakeSession{t: h.t, asked: o, persona: o.Persona, mailbox: latest.New[landmark.Arrival](), failed: make(chan struct{}), broken: h.broken}
	h.opened = append(h.opened, s)
	return s, nil
}

// open counts the sessions that are not closed; called with mu held.
func (h *fakeHost) open() (n int) {
	for _, s := range h.opened {
		if s.closed.Load() == 0 {
			n++
		}
	}
	return n
}

func (h *fakeHost) last() *fakeSession {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.opened[len(h.opened)-1]
}

// Hear implements Session.
func (s *fakeSession) Hear([]byte, time.Duration, time.Time) { s.heard.Add(1) }

type fakeSession struct {
	t                    testing.TB
	asked                OpenOptions
	persona              string
	mailbox              *latest.Slot[landmark.Arrival]
	viewed, left, closed atomic.Int32
	heard                atomic.Int32
	viewErr              error
	failed               chan struct{}
	broken               string // the method that panics
}

func (s *fakeSession) breaks(method string) {
	if s.broken == method {
		panic("a session is broken")
	}
}

// Failed implements Session.
func (s *fakeSession) Failed() <-chan struct{} { return s.failed }

func (s *fakeSession) Info() Info {
	s.breaks("info")
	return Info{cmp.Or(s.asked.Name, "given"), s.persona, rtctest.Side, "gioconda-s", "a note", []int{30, 60}, 30, "no room"}
}
func (s *fakeSession) Mailbox() *latest.Slot[landmark.Arrival] { return s.mailbox }
func (s *fakeSession) SendEventsTo(*rtc.Events)                {}
func (s *fakeSession) Close()                                  { s.closed.Add(1) }

func (s *fakeSession) Control(context.Context, string, json.RawMessage) (any, error) {
	s.breaks("control")
	return nil, errors.New("not asked here")
}

func (s *fakeSession) View(out *rtc.Output) (rtc.Viewer, error) {
	s.breaks("view")
	if s.viewErr != nil {
		return nil, s.viewErr
	}
	s.viewed.Add(1)
	return fakeViewer{rtctest.Show(s.t, out, rtc.ErrClosed), s}, nil
}

type fakeViewer struct {
	*rtctest.Film
	of *fakeSession
}

func (v fakeViewer) Leave() {
	v.Film.Leave()
	v.of.left.Add(1)
}
