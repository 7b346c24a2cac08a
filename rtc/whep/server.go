package whep

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/limit"
)

// Server answers /whep/{session}, where players come, and /whep/{session}/{viewer}, where each of them has its own
// address. It does not ask who comes: whatever mounts it has to.
type Server struct {
	cfg       Config
	o         Options
	mux       http.Handler
	base      context.Context //nolint:containedctx // the server's lifetime
	stop      context.CancelFunc
	transport *rtc.Transport

	mu      sync.Mutex // guards the following
	closed  bool
	offers  limit.Bucket
	callers map[string]int     // viewers by address, those that are coming included
	total   int                // sum of callers
	viewers map[string]*viewer // by their secret ids
	wg      sync.WaitGroup     // Add only with mu held and closed false
}

// New starts no goroutine of its own. It fails with rtc.ErrConfig.
func New(cfg Config, o Options) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if o.Host == nil || o.Transport == nil {
		return nil, fmt.Errorf("%w: viewers need a host and a transport", rtc.ErrConfig)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Over == nil {
		o.Over = func(context.Context) <-chan struct{} { return nil }
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		cfg: cfg, o: o, base: ctx, stop: cancel, transport: o.Transport,
		offers: limit.NewBucket(offerRate, offerBurst, time.Now()), callers: map[string]int{}, viewers: map[string]*viewer{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/whep/{session}", s.endpoint)
	mux.HandleFunc("/whep/{session}/{viewer}", s.resource)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, unknown()) })
	s.mux = mux
	return s, nil
}

// ServeHTTP implements http.Handler. Pages of any origin may read what it answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Location, ETag, Link, Retry-After, Accept-Post, Accept-Patch")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "no-store")
	s.mux.ServeHTTP(w, r)
}

// Viewers counts those that watch, or are about to.
func (s *Server) Viewers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Close lets all viewers go and waits until their goroutines have ended, or ctx has. Closing twice is fine.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	done := make(chan struct{})
	go func() { defer close(done); s.wg.Wait() }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("rtc: closing viewers: %w", ctx.Err())
	}
}

// enter counts a viewer in, whom leave counts out.
func (s *Server) enter(address string) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return &refusal{http.StatusServiceUnavailable, rtc.CodeShuttingDown, "The server is shutting down.", retryFull}
	case !s.offers.Take(time.Now()):
		return &refusal{http.StatusTooManyRequests, rtc.CodeTooFast, "Too many players come at once; try again in a moment.", retryIdle}
	case s.total >= s.cfg.MaxViewers:
		return &refusal{http.StatusServiceUnavailable, rtc.CodeFull, "The server has no room for another viewer; try again later.", retryFull}
	case s.o.PerAddress > 0 && s.callers[address] >= s.o.PerAddress:
		return &refusal{http.StatusTooManyRequests, rtc.CodeFull, "Too many viewers watch from this address; close some.", retryFull}
	}
	s.callers[address]++
	s.total++
	s.wg.Add(1)
	return nil
}

func (s *Server) leave(address string) {
	s.mu.Lock()
	s.total--
	if s.callers[address]--; s.callers[address] == 0 {
		delete(s.callers, address)
	}
	s.mu.Unlock()
	s.wg.Done()
}

// register makes a viewer known by its id; false if the server has begun to close.
func (s *Server) register(v *viewer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewers[v.id] = v
	return !s.closed
}

// find gives the viewer of an id that watches a session of that name.
func (s *Server) find(session, id string) *viewer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.viewers[id]; v != nil && v.session == session {
		return v
	}
	return nil
}

func (s *Server) forget(v *viewer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.viewers, v.id)
}

// newID draws 128 random bits.
func (s *Server) newID() (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(s.o.Rand, b); err != nil {
		return "", fmt.Errorf("rtc: random numbers: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}
