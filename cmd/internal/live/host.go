package live

import (
	"context"
	"errors"
	"log/slog"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/exits"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/rtc/whep"
	"github.com/gioconda-live/gioconda/web/access"
)

// host joins rtc and pipeline: it opens a pipeline session for each browser that comes.
type host struct {
	cfg       *configs.Config
	loop      *pipeline.Loop
	admission *pipeline.Admission
	engine    *engine.Engine
	store     *persona.Store
	subjects  subjects
	drops     *backdrops
	names     *names
	exits     *exits.Manager
	tally     *tally
	screen    *screen
	shared    *shared // personas of other servers; nil: there are none
	log       *slog.Logger
}

var (
	_ signalling.Host = (*host)(nil)
	_ whep.Host       = (*host)(nil)
)

// Open implements signalling.Host.
func (h *host) Open(ctx context.Context, o signalling.OpenOptions) (signalling.Session, error) {
	id := o.Persona
	if id == "" {
		id = h.cfg.Gallery.Persona
	}
	home := access.From(ctx).Home
	p, err := h.personaOf(ctx, id, home)
	if err != nil {
		return nil, err
	}
	wants := h.engine.Wants()
	which, err := h.admission.Enter(wants...)
	if errors.Is(err, pipeline.ErrFull) {
		return nil, &rtc.Error{
			Code: rtc.CodeFull, Fatal: true,
			Message: "The server is full: as many portraits move as it can draw. Try again when somebody has left.",
		}
	}
	if err != nil {
		return nil, err
	}
	kept := false
	defer func() { // also where preparing the persona breaks
		if !kept {
			h.admission.Leave(wants[which])
		}
	}()
	giveWay(h.admission, h.tally.inside())
	name, err := h.names.reserve(o.Name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if !kept {
			h.names.free(name)
		}
	}()
	s := &session{
		host: h, id: o.ID, name: name, bound: o.Bound, ended: make(chan struct{}), persona: id, home: home, settings: defaultSettings(h.cfg.Picture.Badge, h.cfg.Pipeline.FPS), place: wants[which],
		generator: h.engine.Name, note: h.engine.Note, fault: make(chan error, 1),
		pace: pace{rate: h.cfg.Pipeline.FPS}, preparing: newTurns(), background: make(chan struct{}, 1),
	}
	if h.engine.Model != nil && which > 0 {
		s.generator = engine.MeshOnly
		s.note = fullyUsed
		if slow := h.engine.TooSlow(); slow != "" {
			s.note = "This portrait is drawn by geometry alone until there is room: " + slow + "."
		}
	}
	if err := s.begin(ctx, p); err != nil {
		return nil, err
	}
	kept = true
	h.tally.opened(s)
	h.names.set(name, s)
	h.exits.Opened(name, s.session)  //nolint:contextcheck // what it opens lasts as long as the session
	h.screen.opened(name, s.session) //nolint:contextcheck // the same
	return s, nil
}

// fullyUsed says why there is no learned layer.
const fullyUsed = "The learned layer is fully used by others; this portrait is drawn by geometry alone until there is room."

// Find gives the session of a name, from when it can be watched until it ends.
func (h *host) Find(name string) (*session, bool) { return h.names.find(name) }

// Watch implements whep.Host.
func (h *host) Watch(name string) (whep.Session, bool) { return h.Find(name) }

// personaOf finds a persona as the page of another server shows it, or else of this server's gallery, or else of any.
func (h *host) personaOf(ctx context.Context, id, home string) (*persona.Persona, error) {
	if h.shared != nil {
		if p := h.shared.get(ctx, id, home); p != nil {
			return p, nil
		}
	}
	return h.persona(id)
}

// persona finds a persona, or says why it cannot be shown.
func (h *host) persona(id string) (*persona.Persona, error) {
	p, err := h.store.Get(id)
	if e, ok := errors.AsType[*persona.Error](err); ok {
		return nil, &rtc.Error{Code: rtc.CodeUnknownPersona, Message: e.Error(), Fatal: true}
	}
	return p, err
}
