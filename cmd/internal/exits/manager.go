package exits

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// How many exits there may be. One that has ended stays to say why, until another needs its place.
const (
	MaxExits           = 64
	MaxExitsPerSession = 8
)

// What a Manager refuses.
var (
	ErrNoSession = errors.New("there is no session of that name; its page shows what it is called")
	ErrNoExit    = errors.New("the session has no such exit")
	ErrTooMany   = errors.New("there are too many exits; stop one")
	ErrNotThere  = errors.New("only exits to the network are opened this way")
	ErrNoFolder  = errors.New("this server keeps no recordings; whoever runs it names a folder for them, record.dir")
	errBroken    = errors.New("something went wrong here; the server's log says what")
	ErrTokenOver = errors.New("the token with which it was opened has expired or was revoked")
)

// Target says where an exit leads.
type Target struct {
	URL        string
	Token      string // secret
	Codec      string // pipeline.VP8 or pipeline.H264; "": what the other side is known to take
	Aspect     string // 1:1 or 16:9; "": as all exits
	MaxBPS     int    // bit/s; 0: as configured
	Trickle    bool   // see Options
	PublicOnly bool   // see Options

	Over <-chan struct{} // closed: whoever asked for it may do so no more, and it ends; nil: never
}

// Configured is a target that is opened whenever a session of that name comes.
type Configured struct {
	Session string
	Target
}

// Exit is what a person may know of one.
type Exit struct {
	ID         string
	URL        string // without secrets
	Codec      string // "": what the other side is known to take
	Configured bool   // it comes back with its session
	Status
}

// Manager runs the exits of all sessions. Methods are safe for concurrent use.
type Manager struct {
	common     Options
	configured []Configured
	running    sync.WaitGroup

	mu       sync.Mutex // guards the following
	closed   bool
	sessions map[string]*carried
}

// carried is a session and its exits.
type carried struct {
	feed  pipeline.Feed
	stop  context.CancelFunc
	ctx   context.Context //nolint:containedctx // of all its exits
	exits []*managed
}

// NewManager makes a manager without sessions; common holds what all exits share: Transport, Log, and the Form of those that ask
// for none. Every configured
// target is checked. The caller closes it.
func NewManager(common Options, configured []Configured) (*Manager, error) {
	m := &Manager{common: common, configured: configured, sessions: map[string]*carried{}}
	if m.common.Log == nil {
		m.common.Log = slog.New(slog.DiscardHandler)
	}
	var faults []error
	for i := range configured {
		if _, _, err := m.open(&configured[i].Target, nil); err != nil {
			faults = append(faults, fmt.Errorf("exits[%d]: %w", i, err))
		}
	}
	return m, errors.Join(faults...)
}

// Opened takes a session under its name, and opens the exits that are configured for it.
func (m *Manager) Opened(name string, feed pipeline.Feed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	if old := m.sessions[name]; old != nil {
		old.stop()
	}
	s := &carried{feed: feed}
	s.ctx, s.stop = context.WithCancel(context.Background())
	m.sessions[name] = s
	for i := range m.configured {
		if m.configured[i].Session != name {
			continue
		}
		if _, err := m.start(s, &m.configured[i].Target, true); err != nil {
			m.common.Log.Warn("a configured exit was not opened", "session", name, "error", err)
		}
	}
}

// Closed stops the exits of a session, without waiting for them.
func (m *Manager) Closed(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.sessions[name]; s != nil {
		s.stop()
		delete(m.sessions, name)
	}
}

// Close stops all exits and waits for them.
func (m *Manager) Close() {
	m.mu.Lock()
	m.closed = true
	for _, s := range m.sessions {
		s.stop()
	}
	clear(m.sessions)
	m.mu.Unlock()
	m.running.Wait()
}

// Start opens an exit of a session. It leads to the network, or into the folder for recordings where there is one: other
// files are the business of who sits at the machine. It fails with ErrNoSession, ErrTooMany, ErrNotThere, or with a sentence about the target.
func (m *Manager) Start(session string, to *Target) (Exit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[session]
	if s == nil {
		return Exit{}, ErrNoSession
	}
	switch u, err := url.Parse(to.URL); {
	case err != nil || network(u.Scheme):
	case u.Scheme != "file":
		return Exit{}, fmt.Errorf("%w, not to %s", ErrNotThere, cmp.Or(u.Scheme, "nowhere"))
	case m.common.Dir == "":
		return Exit{}, ErrNoFolder
	}
	return m.start(s, to, false)
}

// network tells whether exits of a scheme leave this machine.
func network(scheme string) bool {
	switch scheme {
	case "http", "https", "whip", "whips", "livekit", "livekit+http", "rtmp", "rtmps", "srt":
		return true
	}
	return false
}

// List gives the exits of a session, the oldest first. It fails with ErrNoSession.
func (m *Manager) List(session string) ([]Exit, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[session]
	if s == nil {
		return nil, ErrNoSession
	}
	list := make([]Exit, 0, len(s.exits))
	for _, x := range s.exits {
		list = append(list, x.exit())
	}
	return list, nil
}

// States counts the exits of all sessions by their state.
func (m *Manager) States() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := map[string]int{string(Connecting): 0, string(Live): 0, string(Waiting): 0, string(Ended): 0}
	for _, s := range m.sessions {
		for _, x := range s.exits {
			e := x.exit()
			n[string(e.State)]++
		}
	}
	return n
}

// Stop ends an exit, without waiting for it, and forgets it. It fails with ErrNoSession or ErrNoExit.
func (m *Manager) Stop(session, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[session]
	if s == nil {
		return ErrNoSession
	}
	i := slices.IndexFunc(s.exits, func(x *managed) bool { return x.id == id })
	if i < 0 {
		return ErrNoExit
	}
	s.exits[i].stop()
	s.exits = slices.Delete(s.exits, i, i+1)
	return nil
}

// start runs an exit. mu is held.
func (m *Manager) start(s *carried, to *Target, configured bool) (Exit, error) {
	if err := m.makeRoom(s); err != nil {
		return Exit{}, err
	}
	x := &managed{id: fmt.Sprintf("%08x", rand.Uint32()), codec: to.Codec, configured: configured, status: Status{State: Connecting}}
	exit, shown, err := m.open(to, x.report)
	if err != nil {
		return Exit{}, err
	}
	x.shown = shown
	ctx, stop := context.WithCancel(s.ctx)
	x.stop = stop
	s.exits = append(s.exits, x)
	log := m.common.Log.With("exit", x.id, "to", shown)
	log.Info("exit opened")
	m.running.Go(func() {
		defer stop()
		var err error
		if fault := wall.Run("exit", func() { err = exit.Run(ctx, s.feed) }); fault != nil {
			log.Error("an exit is broken", "error", fault, "stack", fault.Stack)
			err = errBroken
		}
		if over(to.Over) {
			err = ErrTokenOver
		}
		x.end(err)
		log.Info("exit ended", "error", err)
	})
	if to.Over != nil {
		m.running.Go(func() {
			select {
			case <-to.Over:
				stop()
			case <-ctx.Done():
			}
		})
	}
	return x.exit(), nil
}

func over(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// open makes the exit of a target, and what is shown of its URL.
func (m *Manager) open(to *Target, report func(Status)) (exit pipeline.Exit, shown string, err error) {
	if to.Codec != "" && to.Codec != pipeline.VP8 && to.Codec != pipeline.H264 {
		return nil, "", fmt.Errorf("codec %q: use %s or %s", to.Codec, pipeline.H264, pipeline.VP8)
	}
	if to.MaxBPS < 0 {
		return nil, "", fmt.Errorf("bitrate %d: use bit/s above 0", to.MaxBPS)
	}
	form, err := pipeline.ParseForm(url.Values{"aspect": {to.Aspect}}, m.common.Form)
	if err != nil {
		return nil, "", err
	}
	o := m.common
	o.Form = form
	o.Bearer, o.Codec, o.MaxBPS, o.Report = to.Token, to.Codec, to.MaxBPS, report
	o.Trickle, o.PublicOnly = to.Trickle, to.PublicOnly
	if exit, err = Open(to.URL, o); err != nil {
		return nil, "", err
	}
	u, err := url.Parse(to.URL)
	if err != nil {
		return nil, "", err
	}
	return exit, Mask(u), nil
}

// makeRoom forgets an exit of the session that has ended where there are too many, or fails with ErrTooMany. mu is held.
func (m *Manager) makeRoom(s *carried) error {
	all := 0
	for _, other := range m.sessions {
		all += len(other.exits)
	}
	if len(s.exits) < MaxExitsPerSession && all < MaxExits {
		return nil
	}
	i := slices.IndexFunc(s.exits, func(x *managed) bool { return x.exit().State == Ended })
	if i < 0 {
		return fmt.Errorf("%w: %d are allowed for a session, %d in all", ErrTooMany, MaxExitsPerSession, MaxExits)
	}
	s.exits = slices.Delete(s.exits, i, i+1)
	return nil
}
