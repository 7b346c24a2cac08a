package signalling

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
)

// Options are what a Server works with.
type Options struct {
	Host      Host
	Transport *rtc.Transport // of the media; outlives the Server
	Log       *slog.Logger   // nil: none
	// Leave says what the browser of a request may do; its context is that of the request. nil: everything, for ever.
	Leave func(context.Context) Leave
	// Refused hears the code of every refusal, from any goroutine, and must not block; nil: nobody.
	Refused func(rtc.Code)
	// Faulted hears of every fault of the program that was caught here, from any goroutine; nil: nobody. Those of peers are told
	// by their transport.
	Faulted func(*wall.FaultError)
	Rand    io.Reader // of ids and secrets; nil: crypto/rand
	Router  Router    // other servers; nil: there are none
}

// Server serves the websocket, and the peers negotiated over it. It is an http.Handler.
type Server struct {
	cfg       Config
	media     rtc.Config
	host      Host
	leaveOf   func(context.Context) Leave
	refused   func(rtc.Code)
	onFault   func(*wall.FaultError)
	log       *slog.Logger
	rand      io.Reader
	transport *rtc.Transport
	router    Router          // nil: there are no others
	base      context.Context //nolint:containedctx // the server's lifetime
	stop      context.CancelFunc

	mu       sync.Mutex // guards the following
	closed   bool
	callers  map[string]int // websockets by address, those being opened included
	total    int            // sum of callers
	conns    map[*conn]struct{}
	sessions map[string]*session
	places   map[string]int // sessions by address, those being opened included
	wg       sync.WaitGroup // Add only with mu held and closed false
}

// New starts no goroutine of its own. It fails with rtc.ErrConfig, all faults joined.
func New(cfg Config, o Options) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if o.Host == nil || o.Transport == nil {
		return nil, fmt.Errorf("%w: a server needs a host and a transport", rtc.ErrConfig)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Leave == nil {
		o.Leave = func(context.Context) Leave { return Leave{} }
	}
	if o.Refused == nil {
		o.Refused = func(rtc.Code) {}
	}
	if o.Faulted == nil {
		o.Faulted = func(*wall.FaultError) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{
		cfg: cfg, media: o.Transport.Config(), host: o.Host, leaveOf: o.Leave, refused: o.Refused, onFault: o.Faulted, log: o.Log, rand: o.Rand,
		transport: o.Transport, router: o.Router, base: ctx, stop: cancel,
		callers: map[string]int{}, conns: map[*conn]struct{}{}, sessions: map[string]*session{}, places: map[string]int{},
	}, nil
}

// Sessions counts the sessions, those that wait for their browser included.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Close tells every browser that the server is shutting down, ends all sessions and waits
// until all goroutines have ended, or ctx has. Closing twice is fine.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	var conns []*conn
	for c := range s.conns {
		conns = append(conns, c)
	}
	var sessions []*session
	for _, x := range s.sessions {
		sessions = append(sessions, x)
	}
	s.mu.Unlock()
	if again {
		return nil
	}
	s.stop()
	for _, c := range conns {
		c.refuse(rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down; the page will try to come back"))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, c := range conns {
			c.end()
		}
		for _, x := range sessions {
			x.end("the server is closing")
		}
		s.wg.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("signalling: close: %w", ctx.Err())
	}
}

// spawn runs f on a goroutine that Close waits for; on a closed server, where Close ends everything itself,
// it does nothing.
func (s *Server) spawn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.wg.Go(func() {
			defer wall.Catch("signalling", s.faulted)
			f()
		})
	}
}

// faulted writes a caught fault down.
func (s *Server) faulted(f *wall.FaultError) {
	s.log.Error("a visit is broken", "error", f, "stack", f.Stack)
	s.onFault(f)
}

// token draws n random bytes and writes them in 4/3 n letters.
func (s *Server) token(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return "", fmt.Errorf("signalling: random numbers: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// forget takes an ended session out of the books.
func (s *Server) forget(x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, x.id)
}
