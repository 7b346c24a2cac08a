package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/rtc"
)

// stage is one session between a browser and the loop.
type stage struct {
	host    *host
	id      string // of rtc's session, for logs
	session *pipeline.Session
	events  atomic.Pointer[rtc.Events]
	place   pipeline.Cost
	faults  atomic.Uint64
	fault   chan error // room for the first
	done    chan struct{}

	generator, note string // constant, what rtc.Info says

	mu       sync.Mutex
	persona  string
	settings settings
}

var _ rtc.Session = (*stage)(nil)

// begin opens the pipeline's session.
func (s *stage) begin(p *persona.Persona) error {
	sub, err := s.subject(p)
	if err != nil {
		return err
	}
	notices := make(chan drive.Notice, 16)
	driver := drive.New(sub.Rest(), s.settings.drive(), rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())), func(n drive.Notice) {
		select {
		case notices <- n:
		default: // a browser that hears nothing for so long needs no more
		}
	})
	if s.session, err = s.host.loop.Open(sub, driver); err != nil {
		return err
	}
	go s.tell(notices)
	return nil
}

// subject makes a persona ready for this session.
func (s *stage) subject(p *persona.Persona) (*sitter, error) {
	sub, err := s.host.easel.seat(p, s.generator != meshOnly)
	if errors.Is(err, portrait.ErrGenerator) { // it has nothing to say about this portrait; the geometric layer has
		s.failed(err)
		sub, err = s.host.easel.seat(p, false)
	}
	if err != nil {
		return nil, err
	}
	sub.onFault = s.failed
	return sub, nil
}

// failed counts a picture that the learned layer could not paint. It does not block.
func (s *stage) failed(err error) {
	if s.faults.Add(1) == 1 {
		s.fault <- err
	}
}

// Info implements rtc.Session.
func (s *stage) Info() rtc.Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return rtc.Info{
		Persona: s.persona, Size: s.host.cfg.Pipeline.Size, Generator: s.generator, GeneratorNote: s.note,
	}
}

// Mailbox implements rtc.Session.
func (s *stage) Mailbox() *latest.Slot[landmark.Arrival] { return s.session.Mailbox() }

// View implements rtc.Session.
func (s *stage) View(out *rtc.Output) (rtc.Viewer, error) {
	enc, err := newEncoder(out.Codec(), &s.host.cfg.Pipeline)
	if err != nil {
		return nil, err
	}
	s.session.Attach(enc, out)
	return &stream{stage: s, out: out}, nil
}

// SendEventsTo implements rtc.Session.
func (s *stage) SendEventsTo(e *rtc.Events) { s.events.Store(e) }

// Close implements rtc.Session.
func (s *stage) Close() {
	s.session.Close()
	s.host.door.Leave(s.place)
	close(s.done)
	if n := s.faults.Load(); n > 0 {
		s.host.log.Warn("pictures that the learned layer could not paint", "session", s.id, "count", n)
	}
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
	p, err := s.host.persona(req.Persona)
	if err != nil {
		return nil, err
	}
	sub, err := s.subject(p)
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

// dress applies the settings that the layers draw.
func dress(sub *sitter, s settings, drops *backdrops) error {
	bg, err := s.Background.mesh(drops)
	if err != nil {
		return err
	}
	sub.plain = !s.Learned
	if sub.paint != nil {
		sub.paint.Split(s.Split)
	}
	return errors.Join(sub.draw.SetBackground(bg), sub.setBadge(badgePlace(s.Badge)))
}

// tell passes the driver's notices, and the learned layer's first failure, on to the browser until the session ends.
func (s *stage) tell(notices <-chan drive.Notice) {
	for {
		select {
		case <-s.done:
			return
		case err := <-s.fault:
			s.host.log.Warn("the learned layer failed; the geometric one shows alone", "session", s.id, "generator", s.generator, "error", err)
			s.event(map[string]any{"event": "generator_fault", "message": faultMessage})
		case n := <-notices:
			if event := eventOf(n); event != nil {
				s.event(event)
			}
		}
	}
}

const faultMessage = "The learned layer could not paint a picture; the geometric layer showed it alone. The server's log says why."

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
	if to := s.events.Load(); to != nil {
		if err := to.Send(v); err != nil && !errors.Is(err, rtc.ErrClosed) {
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
func (t *stream) Leave()             { t.stage.session.Detach(t.out) }
