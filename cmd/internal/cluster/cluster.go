package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/web/access"
)

// Options are what a Node works with.
type Options struct {
	URL     string // of NATS: nats://, tls://, ws://, wss://; several with commas
	Address string // of this node's page, as CheckAddress takes it
	Secret  string // that all nodes share
	Version string // of the program
	// State tells how full the node is; called every two seconds and more, from one goroutine.
	State func() State
	// Tokens are made known to the other nodes, and get to know theirs; nil: none.
	Tokens  *access.Tokens
	Gallery Gallery      // that other nodes may ask for; nil: none
	Log     *slog.Logger // nil: none

	now func() time.Time // nil: time.Now
}

// Node is this server among the others. Methods are safe for concurrent use.
type Node struct {
	o       Options
	id      string
	seals   sealer
	peers   *peers
	changed chan struct{} // room for one
	leaving chan struct{}
	leave   func()
	seq     atomic.Uint64
	up      atomic.Bool
	link    atomic.Pointer[link]
	revokes chan revocation // taken while NATS is reached
	fetches chan struct{}   // holds one for each file that is read
	http    http.RoundTripper

	mu  sync.Mutex        // guards the following
	odd map[string]string // what was said of entries that could not be used, by key
}

// New makes a node, which Run then makes known.
func New(o *Options) (*Node, error) {
	if err := CheckAddress(o.Address); err != nil {
		return nil, err
	}
	if o.Secret == "" {
		return nil, errors.New("a cluster needs a secret that all its nodes share; set cluster.secret_file")
	}
	var b [5]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	n := &Node{
		o: *o, id: hex.EncodeToString(b[:]), seals: newSealer(o.Secret), changed: make(chan struct{}, 1), leaving: make(chan struct{}),
		odd: map[string]string{}, revokes: make(chan revocation), fetches: make(chan struct{}, maxFetches),
		http: &http.Transport{TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 5 * time.Second, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2},
	}
	if n.o.Log == nil {
		n.o.Log = slog.New(slog.DiscardHandler)
	}
	if n.o.now == nil {
		n.o.now = time.Now
	}
	n.leave = sync.OnceFunc(func() { close(n.leaving) })
	n.peers = newPeers(n.id, strings.HasPrefix(o.Address, "https://"), n.o.now)
	return n, nil
}

// ID names the node from its start to its end.
func (n *Node) ID() string { return n.id }

// Up tells whether NATS is reached.
func (n *Node) Up() bool { return n.up.Load() }

// Peers are the other nodes that live.
func (n *Node) Peers() []Peer { return n.peers.list() }

// Changed has the node write soon how full it is. It does not block.
func (n *Node) Changed() {
	select {
	case n.changed <- struct{}{}:
	default:
	}
}

// Leave makes known that the node takes nobody any more; those inside are to go. Leaving is closed from then on.
func (n *Node) Leave() {
	n.leave()
	n.Changed()
}

// Leaving is closed once Leave was called.
func (n *Node) Leaving() <-chan struct{} { return n.leaving }

func (n *Node) isLeaving() bool {
	select {
	case <-n.leaving:
		return true
	default:
		return false
	}
}

// Elsewhere says where a new session should rather be opened, and counts it there. Nodes that were tried are left out; a visitor who
// has been elsewhere stays where there is room.
func (n *Node) Elsewhere(tried []string) (Peer, bool) {
	best, free, ok := n.peers.best(tried)
	if !ok {
		return Peer{}, false
	}
	if !n.isLeaving() {
		own := n.o.State()
		// Nobody is sent on for the one place that a moment may change.
		if own.Free > 0 && (len(tried) > 0 || headroom(own.Free, &own) >= headroom(free, &best.State)-1) {
			return Peer{}, false
		}
	}
	n.peers.promise(best.ID)
	return best, true
}

// Holder gives the node where a session of that name lives. One that is leaving holds no name.
func (n *Node) Holder(name string) (Peer, bool) {
	if name == "" {
		return Peer{}, false
	}
	return n.peers.find(func(e *entry) bool { return !e.Leaving && slices.Contains(e.Names, name) })
}

// Peer gives a node by its id.
func (n *Node) Peer(id string) (Peer, bool) {
	return n.peers.find(func(e *entry) bool { return e.ID == id })
}

// Ours tells whether a web origin is that of a node's page.
func (n *Node) Ours(origin string) bool {
	_, ok := n.peers.find(func(e *entry) bool { return strings.EqualFold(e.URL, origin) })
	return ok
}

// Run makes the node known until ctx ends, and says goodbye. Where NATS is not reached the node is alone, and goes on trying.
func (n *Node) Run(ctx context.Context) {
	l, err := n.connect()
	if err != nil {
		n.o.Log.Error("no cluster", "error", err) // the URL was checked; it cannot be
		return
	}
	defer l.close()
	var said string
	for ctx.Err() == nil {
		err := l.serve(ctx)
		n.up.Store(false)
		if ctx.Err() != nil {
			return
		}
		if text := err.Error(); text != said {
			said = text
			n.o.Log.Warn("the cluster is not reached; this node serves alone until it is", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}
