package live

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/gioconda-live/gioconda/cmd/internal/compositor"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/latest"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// session is one session between a browser and the loop.
type session struct {
	host    *host
	id      string        // of rtc's session, for logs
	name    string        // by which others find it
	home    string        // the server whose gallery its browser sees; "": this one
	ended   chan struct{} // closed: the session has ended
	session *pipeline.Session
	voice   voice
	events  atomic.Pointer[rtc.Events]
	bound   bool           // to its persona
	seen    pipeline.Spent // by keeper, to whom it belongs
	faults  atomic.Uint64
	fault   chan error // room for the first

	look       compositor.Looks // of every subject that the session shows
	preparing  turns
	background chan struct{} // receives after wanted or generator was set
	stop       context.CancelFunc
	working    sync.WaitGroup // the goroutines that stop ends

	mu        sync.Mutex // guards the following, never while something is prepared
	place     pipeline.Cost
	pace      pace
	left      bool   // place was given back
	generator string // what signalling.Info says
	note      string // the same
	persona   string
	settings  settings
	wanted    mesh.Background // what settings.Background means
	badges    compositor.Look // the same of settings.Badge

	shown subject // guarded by preparing
}

// subject says what was given to the loop to be shown.
type subject struct {
	persona    *persona.Persona
	background mesh.Background
	learned    bool // with the learned layer
	plain      bool // that has nothing to say about this persona
}

var _ signalling.Session = (*session)(nil)

// begin opens the pipeline's session. ctx bounds the preparation.
func (s *session) begin(ctx context.Context, p *persona.Persona) error {
	s.applyLook()
	s.shown = subject{persona: p, background: s.wanted, learned: s.generator != engine.MeshOnly}
	sub, _, err := s.prepare(ctx, &s.shown)
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
	working, stop := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the connection
	s.stop = stop
	s.work(func() { s.tell(working, notices) })
	s.work(func() { s.followBackground(working) })
	return nil
}

// work runs f until stop; a fault in it breaks the session.
func (s *session) work(f func()) {
	s.working.Go(func() {
		defer wall.Catch("session", s.session.Fail)
		f()
	})
}

// Failed implements signalling.Session.
func (s *session) Failed() <-chan struct{} { return s.session.Failed() }

// Info implements signalling.Session.
func (s *session) Info() signalling.Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	return signalling.Info{
		Name: s.name, Persona: s.persona, Size: s.host.cfg.Pipeline.Size, Generator: s.generator, GeneratorNote: s.note,
		Rates: ratesOf(&s.host.cfg.Pipeline), Rate: s.pace.rate, RateNote: s.pace.note,
	}
}

// Mailbox implements signalling.Session.
func (s *session) Mailbox() *latest.Slot[landmark.Arrival] { return s.session.Mailbox() }

// View implements signalling.Session.
func (s *session) View(out *rtc.Output) (rtc.Viewer, error) {
	return s.session.View(pipeline.Rendition{Codec: out.Codec()}, out)
}

// Done is closed when the session ends.
func (s *session) Done() <-chan struct{} { return s.ended }

// SendEventsTo implements signalling.Session.
func (s *session) SendEventsTo(e *rtc.Events) { s.events.Store(e) }

// Close implements signalling.Session.
func (s *session) Close() {
	defer s.leave()
	s.host.screen.closed(s.name)
	s.host.exits.Closed(s.name) // before another session may be called so
	s.host.names.free(s.name)
	close(s.ended)
	s.stop()
	s.working.Wait()
	s.session.Close()
	s.host.tally.ended(s)
	if n := s.faults.Load(); n > 0 {
		s.host.log.Warn("pictures that the learned layer could not paint", "session", s.id, "count", n)
	}
}

// Control implements signalling.Session.
func (s *session) Control(ctx context.Context, kind string, body json.RawMessage) (any, error) {
	switch kind {
	case "persona":
		return s.switchPersona(ctx, body)
	case "calibrate":
		return nil, s.session.Calibrate()
	case "settings":
		return s.change(body)
	default:
		return nil, &rtc.Error{Code: rtc.CodeBadMessage, Message: fmt.Sprintf("there is no request %q", kind)}
	}
}

// switchPersona answers when the persona is ready: the next picture shows it.
func (s *session) switchPersona(ctx context.Context, body json.RawMessage) (any, error) {
	var req struct {
		Persona string `json:"persona"`
	}
	if err := json.Unmarshal(body, &req); err != nil || req.Persona == "" {
		return nil, &rtc.Error{Code: rtc.CodeBadMessage, Message: "name the persona to switch to"}
	}
	if s.bound && req.Persona != s.Info().Persona {
		return nil, &rtc.Error{Code: rtc.CodeDenied, Message: "your token is for this portrait only"}
	}
	p, err := s.host.personaOf(ctx, req.Persona, s.home)
	if err != nil {
		return nil, err
	}
	if err := s.show(ctx, p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.persona = req.Persona
	s.mu.Unlock()
	s.event(map[string]any{"event": "persona", "persona": req.Persona})
	return map[string]string{"persona": req.Persona}, nil
}

// change takes settings and answers at once. All but the background show in the next picture; that follows when it is ready.
func (s *session) change(body json.RawMessage) (any, error) {
	next, paced, err := s.set(body)
	if err != nil {
		return nil, err
	}
	if paced {
		s.rated()
	}
	return map[string]settings{"settings": next}, nil
}

// set is change; paced tells that another rate was chosen.
func (s *session) set(body json.RawMessage) (next settings, paced bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next, err = s.settings.merge(body, s.host.drops, ratesOf(&s.host.cfg.Pipeline)); err != nil {
		return next, false, err
	}
	wanted := s.wanted
	if next.Background != s.settings.Background {
		if wanted, err = next.Background.mesh(s.host.drops); err != nil {
			return next, false, err
		}
	}
	if err := s.session.Drive(next.drive()); err != nil {
		return next, false, err
	}
	if next.Badge != s.settings.Badge {
		s.badges = compositor.Look{}
	}
	changed := wanted != s.wanted
	paced = next.Rate != s.settings.Rate
	s.settings, s.wanted = next, wanted
	s.applyLook()
	if changed {
		s.prepareAnew()
	}
	if paced {
		s.choosePace()
	}
	return next, paced, nil
}

// drawBy has another generator draw, MeshOnly at once. mu is held.
func (s *session) drawBy(generator, note string) {
	s.generator, s.note = generator, note
	s.applyLook()
	s.prepareAnew() // where backgrounds are prepared
}

// prepareAnew has what is shown prepared as it is wanted now.
func (s *session) prepareAnew() {
	select {
	case s.background <- struct{}{}:
	default: // it looks anew anyway
	}
}

// applyLook hands the cheap part of the settings to whatever subject is drawn. mu is held, or nobody else is there yet.
func (s *session) applyLook() {
	if place := compositor.BadgePlace(s.settings.Badge); s.badges.Badge == nil && place != mesh.BadgeNone {
		s.badges = compositor.Badges(place, s.host.cfg.Pipeline.Size)
	}
	look := s.badges
	look.Plain, look.Split = !s.settings.Learned || s.generator == engine.MeshOnly, s.settings.Split
	s.look.Store(&look)
}
