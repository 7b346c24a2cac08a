package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc"
)

// host joins rtc and pipeline: it opens a pipeline session for each browser that comes.
type host struct {
	cfg   *configs.Config
	loop  *pipeline.Loop
	store *persona.Store
	easel *easel
	drops *backdrops
	log   *slog.Logger
}

var _ rtc.Host = (*host)(nil)

// Open implements rtc.Host.
func (h *host) Open(_ context.Context, o rtc.OpenOptions) (rtc.Session, error) {
	id := o.Persona
	if id == "" {
		id = h.cfg.Gallery.Persona
	}
	sub, err := h.subject(id)
	if err != nil {
		return nil, err
	}
	s := &stage{host: h, persona: id, settings: defaultSettings(h.cfg.Picture.Badge)}
	notices := make(chan drive.Notice, 16)
	driver := drive.New(sub.Rest(), s.settings.drive(), rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), func(n drive.Notice) {
		select {
		case notices <- n:
		default: // a browser that hears nothing for so long needs no more
		}
	})
	s.session, err = h.loop.Open(sub, driver)
	if errors.Is(err, pipeline.ErrFull) {
		return nil, &rtc.Error{
			Code: rtc.CodeFull, Fatal: true,
			Message: "The server is full: as many portraits move as it can draw. Try again when somebody has left.",
		}
	}
	if err != nil {
		return nil, err
	}
	s.done = make(chan struct{})
	go s.tell(notices)
	return s, nil
}

// subject makes a persona ready for a session.
func (h *host) subject(id string) (*sitter, error) {
	p, err := h.store.Get(id)
	if err != nil {
		var e *persona.Error
		if errors.As(err, &e) {
			return nil, &rtc.Error{Code: rtc.CodeUnknownPersona, Message: e.Error(), Fatal: true}
		}
		return nil, err
	}
	return h.easel.sit(p)
}

// stage is one session between a browser and the loop.
type stage struct {
	host    *host
	session *pipeline.Session
	out     atomic.Pointer[rtc.Output]
	done    chan struct{}

	mu       sync.Mutex
	persona  string
	settings settings
}

var _ rtc.Session = (*stage)(nil)

// Info implements rtc.Session.
func (s *stage) Info() rtc.Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Info{Persona: s.persona, Size: s.host.cfg.Pipeline.Size}
}

// Mailbox implements rtc.Session.
func (s *stage) Mailbox() *latest.Slot[landmark.Arrival] { return s.session.Mailbox() }

// Attach implements rtc.Session.
func (s *stage) Attach(out *rtc.Output) (rtc.Stream, error) {
	enc, err := newEncoder(out.Codec(), &s.host.cfg.Pipeline)
	if err != nil {
		return nil, err
	}
	s.out.Store(out)
	s.session.Attach(enc, out)
	return &stream{stage: s, out: out}, nil
}

// Close implements rtc.Session.
func (s *stage) Close() {
	s.session.Close()
	close(s.done)
}

// Control implements rtc.Session.
func (s *stage) Control(_ context.Context, kind string, body json.RawMessage) (any, error) {
	switch kind {
	case "persona":
		return s.switchPersona(body)
	case "calibrate":
		return nil, s.session.Do(func(m pipeline.Mover, _ pipeline.Subject) { m.Calibrate() })
	case "settings":
		return s.change(body)
	default:
		return nil, &rtc.Error{Code: rtc.CodeBadMessage, Message: fmt.Sprintf("there is no request %q", kind)}
	}
}

func (s *stage) switchPersona(body json.RawMessage) (any, error) {
	var req struct {
		Persona string `json:"persona"`
	}
	if err := json.Unmarshal(body, &req); err != nil || req.Persona == "" {
		return nil, &rtc.Error{Code: rtc.CodeBadMessage, Message: "name the persona to switch to"}
	}
	sub, err := s.host.subject(req.Persona)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := dress(sub, s.settings, s.host.drops); err != nil {
		sub.Close()
		return nil, err
	}
	if err := s.session.Show(sub); err != nil {
		sub.Close()
		return nil, err
	}
	s.persona = req.Persona
	s.event(map[string]any{"event": "persona", "persona": req.Persona})
	return map[string]string{"persona": req.Persona}, nil
}

func (s *stage) change(body json.RawMessage) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, err := s.settings.merge(body, s.host.drops)
	if err != nil {
		return nil, err
	}
	err = s.session.Do(func(m pipeline.Mover, sub pipeline.Subject) {
		m.(*drive.Driver).SetOptions(next.drive())
		if err := dress(sub.(*sitter), next, s.host.drops); err != nil {
			s.host.log.Warn("changing the picture", "error", err)
		}
	})
	if err != nil {
		return nil, err
	}
	s.settings = next
	return map[string]settings{"settings": next}, nil
}

// dress applies the settings that the geometric layer draws.
func dress(sub *sitter, s settings, drops *backdrops) error {
	bg, err := s.Background.mesh(drops)
	if err != nil {
		return err
	}
	return errors.Join(sub.draw.SetBackground(bg), sub.draw.SetBadge(badgePlace(s.Badge)))
}

// tell passes the driver's notices on to the browser until the session ends.
func (s *stage) tell(notices <-chan drive.Notice) {
	for {
		select {
		case <-s.done:
			return
		case n := <-notices:
			if event := eventOf(n); event != nil {
				s.event(event)
			}
		}
	}
}

func eventOf(n drive.Notice) map[string]any {
	switch n {
	case drive.Found:
		return map[string]any{"event": "found"}
	case drive.Lost:
		return map[string]any{"event": "lost"}
	case drive.Neutral:
		return map[string]any{"event": "calibrated", "auto": true}
	case drive.Calibrated:
		return map[string]any{"event": "calibrated", "auto": false}
	case drive.Drift:
		return map[string]any{"event": "drift"}
	case drive.Anchored:
		return map[string]any{"event": "anchored"}
	case drive.Person:
		return map[string]any{"event": "person"}
	default:
		return nil
	}
}

// event is best effort: a browser that is away hears nothing.
func (s *stage) event(v map[string]any) {
	if out := s.out.Load(); out != nil {
		if err := out.Event(v); err != nil && !errors.Is(err, rtc.ErrClosed) {
			s.host.log.Debug("telling the browser", "event", v["event"], "error", err)
		}
	}
}

// stream is one connection's hold on a session.
type stream struct {
	stage *stage
	out   *rtc.Output
}

func (t *stream) Keyframe()          { t.stage.session.RequestKeyframe() }
func (t *stream) SetBitrate(bps int) { t.stage.session.SetBitrate(bps) }
func (t *stream) Detach()            { t.stage.session.Detach(t.out) }
