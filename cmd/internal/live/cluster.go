package live

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cluster"
	"github.com/gioconda-live/gioconda/cmd/internal/cluster/embedded"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/web"
	"github.com/gioconda-live/gioconda/web/access"
)

// others are the servers that this one works with.
type others struct {
	*cluster.Node
	server *embedded.Server // nil: NATS runs elsewhere
	host   *host
	delays delays
	hellos atomic.Uint64 // sent on before they were welcome,
	moves  atomic.Uint64 // told to go since this server stops,
	asked  atomic.Uint64 // and requests of HTTP sent on
}

var (
	_ signalling.Router = routed{}
	_ web.Cluster       = (*others)(nil)
	_ access.Cluster    = (*others)(nil)
)

// openCluster makes ready how this server works with others, where the configuration names a cluster.
func (d *Server) openCluster() error {
	cfg := d.o.Config
	if cfg.Cluster.URL == "" {
		return nil
	}
	secret, err := cfg.Cluster.Key()
	if err != nil {
		return err
	}
	address, err := cfg.PageAddress()
	if err != nil {
		return err
	}
	o := &others{host: d.host}
	url := cfg.Cluster.URL
	if url == configs.Embedded {
		if o.server, err = embedded.Start(embedded.Options{
			Listen: cfg.Cluster.Listen, Password: cluster.Password(secret), Dir: filepath.Join(cfg.Gallery.Dir, "nats"),
		}); err != nil {
			return err
		}
		url = o.server.URL()
	} else if err = cluster.CheckURL(url); err != nil {
		return fmt.Errorf("cluster.url: %w", err)
	}
	shared := newShared(d.host.store, d.engine.Model, d.o.Log)
	o.Node, err = cluster.New(&cluster.Options{
		URL: url, Address: address, Secret: secret, Version: d.o.Version, State: o.state, Tokens: d.tokens, Gallery: shared, Log: d.o.Log,
	})
	if err != nil {
		if o.server != nil {
			_ = o.server.Close()
		}
		return err
	}
	d.tokens.RevokeShared(o.Revoke)
	shared.node, d.host.shared, d.others = o.Node, shared, o
	d.host.names.changed = o.Changed
	return nil
}

// serveCluster makes this server known to the others, until the returned function is called.
func (d *Server) serveCluster(ctx context.Context) (stop func()) {
	if d.others == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // until its visitors have gone
	var running sync.WaitGroup
	running.Go(func() { d.others.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// leave sends visitors to the others, and waits until they have gone, for as long as the configuration says.
func (d *Server) leave(ctx context.Context) {
	if d.others == nil {
		return
	}
	d.others.Leave()
	end := time.Now().Add(d.o.Config.Cluster.Drain)
	inside := d.rtc.Sessions()
	if inside == 0 || len(d.others.Peers()) == 0 {
		return
	}
	d.o.Log.Info("visitors are sent to other nodes", "sessions", inside)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for d.rtc.Sessions() > 0 && time.Now().Before(end) && len(d.others.Peers()) > 0 && ctx.Err() == nil {
		<-tick.C
	}
	d.o.Log.Info("visitors have gone", "sessions", inside, "left", d.rtc.Sessions())
}

// leaving tells whether visitors are being sent to others.
func (d *Server) leaving() bool {
	if d.others == nil {
		return false
	}
	select {
	case <-d.others.Leaving():
		return true
	default:
		return false
	}
}

// closeCluster ends the embedded NATS server.
func (d *Server) closeCluster() error {
	if d.others == nil || d.others.server == nil {
		return nil
	}
	return d.others.server.Close()
}

// state is how full this server is.
func (o *others) state() cluster.State {
	inside, taken, of := o.host.admission.Taken()
	free := o.host.admission.Free(o.host.engine.Wants()...)
	load := 0.
	for part, whole := range map[time.Duration]time.Duration{taken.Loop: of.Budget.Loop, taken.Cores: of.Budget.Cores} {
		if whole > 0 {
			load = max(load, float64(part)/float64(whole))
		}
	}
	return cluster.State{Places: inside + free, Free: free, Load: min(load, 1), P95: o.delays.p95(), Names: o.host.names.all()}
}

// routed is others as signalling sees them.
type routed struct{ *others }

// Node implements signalling.Router.
func (r routed) Node() string { return r.ID() }

// Elsewhere implements signalling.Router: whoever has a session, or a name that somebody has, goes where that is, and others to where
// there is most room.
func (r routed) Elsewhere(ctx context.Context, v signalling.Visit) (signalling.Place, bool) {
	to, ok := r.elsewhere(v)
	if !ok {
		return signalling.Place{}, false
	}
	place, err := r.place(ctx, &to)
	if err != nil {
		return signalling.Place{}, false
	}
	if v.Inside {
		r.moves.Add(1)
	} else {
		r.hellos.Add(1)
	}
	return place, true
}

func (r routed) elsewhere(v signalling.Visit) (cluster.Peer, bool) {
	if !v.Inside {
		home, _, found := strings.Cut(v.Session, ".")
		if p, lives := r.Peer(home); found && lives && !p.Leaving && !slices.Contains(v.Tried, p.ID) {
			return p, true
		}
		if p, held := r.others.Node.Holder(v.Name); held && !slices.Contains(v.Tried, p.ID) {
			return p, true
		}
	}
	return r.others.Elsewhere(v.Tried)
}

// Nodes implements signalling.Router.
func (r routed) Nodes(ctx context.Context, _ signalling.Visit) []signalling.Place {
	peers := slices.DeleteFunc(r.Peers(), func(p cluster.Peer) bool { return p.Leaving })
	slices.SortStableFunc(peers, func(a, b cluster.Peer) int { return b.Free - a.Free })
	places := []signalling.Place{}
	for i := range peers[:min(len(peers), 4)] {
		if p, err := r.place(ctx, &peers[i]); err == nil {
			places = append(places, p)
		}
	}
	return places
}

// place is where a browser finds a node, and what lets it in there.
func (o *others) place(ctx context.Context, p *cluster.Peer) (signalling.Place, error) {
	ticket, err := o.ticket(access.From(ctx), access.ScopeDrive, "", p)
	return signalling.Place{Node: p.ID, URL: "ws" + strings.TrimPrefix(p.URL, "http") + "/ws", Token: ticket}, err
}

// ticket passes on what a visitor may do, no more than scope, and where session is named for that one only.
func (o *others) ticket(g access.Grant, scope access.Scope, session string, to *cluster.Peer) (string, error) {
	t := access.Ticket{Token: g.Token, Scope: scope, Session: g.Session, Persona: g.Persona, Home: g.Home, Origin: g.Origin}
	if session != "" {
		t.Session = session
	}
	if t.Home == "" {
		t.Home = o.ID()
	}
	return o.Issue(&t, to)
}

// Holder implements web.Cluster.
func (o *others) Holder(r *http.Request, session string) (to *web.Redirect, found bool) {
	if _, here := o.host.Find(session); here {
		return nil, false
	}
	p, found := o.Node.Holder(session)
	if !found {
		return nil, false
	}
	g := access.From(r.Context())
	scope := access.ScopeView
	switch g.Action { //nolint:exhaustive // what is asked of a session
	case access.Push:
		scope = access.ScopePush
	case access.Upload:
		scope = access.ScopeDrive
	}
	ticket, err := o.ticket(g, scope, session, &p)
	if err != nil {
		return nil, false
	}
	o.asked.Add(1)
	return &web.Redirect{Origin: p.URL, Ticket: ticket}, true
}

// delays remembers how late the last frames were. Methods are safe for concurrent use.
type delays struct {
	mu   sync.Mutex
	last [256]time.Duration
	at   [256]time.Time
	n    int
}

// lateFor is how long a frame counts.
const lateFor = 5 * time.Second

// frame counts a frame that was sent. It does not allocate, and keeps nothing of the frame.
func (l *delays) frame(f *trace.Frame) {
	d := f.Between(trace.Received, trace.Sent)
	if !f.HasSample || d <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last[l.n], l.at[l.n] = d, f.At[trace.Sent]
	l.n = (l.n + 1) % len(l.last)
}

// p95 is in milliseconds; 0 while nothing moves.
func (l *delays) p95() float64 {
	l.mu.Lock()
	var all []time.Duration
	now := time.Now()
	for i, d := range l.last {
		if now.Sub(l.at[i]) < lateFor {
			all = append(all, d)
		}
	}
	l.mu.Unlock()
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[len(all)*95/100].Microseconds()) / 1000
}

// all lists the names that are taken.
func (n *names) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(maps.Keys(n.held))
}
