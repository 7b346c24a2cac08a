package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/metrics"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/web"
)

// aliveWithin is how long the loop may take to pass: thirty frames.
const aliveWithin = time.Second

// tally adds up what sessions count, those that have ended included. Methods are safe for concurrent use.
type tally struct {
	mu   sync.Mutex // guards the following
	past metrics.Totals
	open map[*session]struct{}
}

func newTally() *tally { return &tally{open: map[*session]struct{}{}} }

func (t *tally) opened(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.past.Sessions++
	t.open[s] = struct{}{}
}

// ended is called when s is closed, and counts no more.
func (t *tally) ended(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, open := t.open[s]; open {
		delete(t.open, s)
		t.past.Add(s.counts())
	}
}

// inside lists who is.
func (t *tally) inside() (all []*session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for s := range t.open {
		all = append(all, s)
	}
	return all
}

// slowed is how many sessions get fewer pictures because theirs cost more than their share.
func (t *tally) slowed() (n int) {
	for _, s := range t.inside() {
		if s.session.Slower() > 1 {
			n++
		}
	}
	return n
}

// read gives the totals, and what the renditions are that somebody watches.
func (t *tally) read() (total metrics.Totals, renditions []pipeline.RenditionCounts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	total = t.past
	for s := range t.open {
		c := s.counts()
		total.Add(c)
		renditions = append(renditions, c.Renditions...)
	}
	return total, renditions
}

// counts is what the session has counted so far.
func (s *session) counts() *metrics.Counts {
	return &metrics.Counts{Counts: s.session.Counts(), Unpainted: s.faults.Load()}
}

// state is what the metrics show.
func (d *Server) state() metrics.State {
	h := d.host
	s := metrics.State{Exits: h.exits.States()}
	s.Total, s.Renditions = h.tally.read()
	s.Sessions, s.Taken, s.Capacity = h.admission.Taken()
	s.Free, s.Slowed = h.admission.Free(h.engine.Wants()...), h.tally.slowed()
	if o := d.others; o != nil {
		s.Cluster = &metrics.Cluster{Up: o.Up(), Nodes: len(o.Peers()) + 1, Redirects: map[string]uint64{
			"hello": o.hellos.Load(), "move": o.moves.Load(), "http": o.asked.Load(),
		}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), aliveWithin)
	defer cancel()
	s.Alive = d.health.Live(ctx) == nil
	s.Ready = d.health.ready() == nil
	return s
}

// health answers whether the server does its work, for those who would send visitors to it or start it again.
type health struct {
	host    *host
	leaving func() bool

	mu      sync.Mutex // guards the following
	checked time.Time  // when the gallery was written last
	unkept  error      // why it could not be
}

var _ web.Health = (*health)(nil)

// Live implements web.Health.
func (h *health) Live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, aliveWithin)
	defer cancel()
	return h.host.loop.Pulse(ctx)
}

// Ready implements web.Health.
func (h *health) Ready(ctx context.Context) error {
	return errors.Join(h.Live(ctx), h.ready())
}

// ready tells whether a session would be let in, and a persona kept. The folder is tried at most every five seconds.
func (h *health) ready() error {
	var full error
	if h.leaving() {
		full = errors.New("the server is stopping; visitors are sent to others")
	} else if !h.host.admission.Room(h.host.engine.Wants()...) {
		full = errors.New("there is no place for another session")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); now.Sub(h.checked) > 5*time.Second {
		h.checked, h.unkept = now, h.host.store.Writable()
	}
	return errors.Join(full, h.unkept)
}

// openMetrics opens the metrics' own address, where the configuration names one.
func (d *Server) openMetrics(ctx context.Context) (err error) {
	at := d.o.Config.Metrics.Listen
	if at == "" {
		return nil
	}
	if d.metricsAt, err = Listen(ctx, at); err != nil {
		return fmt.Errorf("metrics.listen: %w", err)
	}
	d.o.Log.Info("metrics", "url", "http://"+d.metricsAt.Addr().String()+"/metrics")
	return nil
}

// MetricsAddr is where the metrics are served, "" where they are not.
func (d *Server) MetricsAddr() string {
	if d.metricsAt == nil {
		return ""
	}
	return d.metricsAt.Addr().String()
}

// serveMetrics answers on that address with the metrics, and to this machine with profiles, until it is stopped.
func (d *Server) serveMetrics() (stop func()) {
	if d.metricsAt == nil {
		return func() {}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", d.metrics.Handler())
	mux.HandleFunc("GET /debug/pprof/", local(pprof.Index))
	mux.HandleFunc("GET /debug/pprof/profile", local(pprof.Profile))
	mux.HandleFunc("GET /debug/pprof/trace", local(pprof.Trace))
	mux.HandleFunc("GET /debug/pprof/symbol", local(pprof.Symbol))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(d.metricsAt); !errors.Is(err, http.ErrServerClosed) {
			d.o.Log.Error("metrics are not served any more", "error", err)
		}
	}()
	return func() {
		_ = srv.Close() // nobody waits for these answers
		<-done
	}
}

// local lets this machine in only: profiles show memory, and take a processor.
func local(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
			http.Error(w, "Profiles are shown on this machine only.", http.StatusForbidden)
			return
		}
		h(w, r)
	}
}

// observe counts a frame that was sent.
func (d *Server) observe(f *trace.Frame) {
	d.metrics.Frame(f)
	if d.others != nil {
		d.others.delays.frame(f)
	}
}

// faulted counts what the program's own faults end.
func (d *Server) faulted(f *wall.FaultError) { d.metrics.Panicked(f.Where) }

// refused counts what signalling refuses.
func (d *Server) refused(c rtc.Code) { d.metrics.Refused(string(c)) }
