package signalling

import (
	"context"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

// Router knows other servers to which a browser may be sent. Its methods are called from many goroutines at once. The contexts are
// those of the browser's request.
type Router interface {
	// Node names this server: it begins the ids of sessions, and is what others know it by.
	Node() string
	// Elsewhere says where a hello should go instead; false: it is to be answered here.
	Elsewhere(ctx context.Context, v Visit) (Place, bool)
	// Nodes are where a browser may go when this server is lost, the best first; four at most count.
	Nodes(ctx context.Context, v Visit) []Place
	// Leaving is closed once everybody has to go elsewhere.
	Leaving() <-chan struct{}
}

// Visit is what is known of a browser that may be sent on.
type Visit struct {
	Session string   // id that it wants back; "": none
	Name    string   // that its session is to have; "": any
	Tried   []string // nodes that it has been at, or could not reach
	Inside  bool     // it has a session here
}

// Place is another server for one browser.
type Place struct {
	Node  string `json:"node"`
	URL   string `json:"url"`             // of its websocket
	Token string `json:"token,omitempty"` // to be shown there
}

const (
	maxTried     = 8
	maxNodes     = 4               // that a browser is told of
	nodesEvery   = time.Second     // it is looked whether they are others,
	renewEvery   = time.Minute     // and told again, since what is to be shown there may end
	moveAgain    = 5 * time.Second // a browser that does not go is told again
	retryFull    = 10              // seconds until a full house is worth another try,
	retryLeaving = 2               // and one that closes
)

// retryAfter is when a refusal is worth another try, in seconds; 0: there is nothing to say.
func retryAfter(code rtc.Code) int {
	switch code {
	case rtc.CodeFull:
		return retryFull
	case rtc.CodeShuttingDown:
		return retryLeaving
	default:
		return 0
	}
}

// visit is the browser of a hello.
func (c *conn) visit(hello *signal) Visit {
	return Visit{Session: hello.Session, Name: hello.Name, Tried: hello.Tried}
}

// elsewhere sends a hello on, and tells whether it did.
func (c *conn) elsewhere(ctx context.Context, v Visit) bool {
	r := c.srv.router
	if r == nil {
		return false
	}
	to, ok := r.Elsewhere(ctx, v)
	if !ok {
		return false
	}
	c.log.Debug("browser sent on", "node", to.Node, "inside", v.Inside)
	c.send(redirectMessage{Type: "redirect", From: r.Node(), Place: to})
	if !v.Inside {
		c.hangUp()
	}
	return true
}

// node names this server; "": it knows of no others.
func (s *Server) node() string {
	if s.router == nil {
		return ""
	}
	return s.router.Node()
}

// leaving tells whether everybody has to go.
func (s *Server) leaving() bool {
	if s.router == nil {
		return false
	}
	select {
	case <-s.router.Leaving():
		return true
	default:
		return false
	}
}

// followNodes tells a browser that has a session where else it may go, and to go once this server is leaving, until ctx ends. Where there
// is no room elsewhere it stays.
func (c *conn) followNodes(ctx context.Context, hello *signal) {
	r := c.srv.router
	v := Visit{Name: hello.Name, Inside: true}
	if x := c.session(); x != nil {
		v.Session, v.Name = x.id, x.host.Info().Name
	}
	tick := time.NewTicker(nodesEvery)
	defer tick.Stop()
	leaving := r.Leaving()
	var told []string
	var at, moved time.Time
	for {
		places := r.Nodes(ctx, v)
		places = places[:min(len(places), maxNodes)]
		ids := []string{}
		for _, p := range places {
			ids = append(ids, p.Node)
		}
		slices.Sort(ids) // their order changes all the time
		// While nobody is heard of, those of before are better than none.
		if now := time.Now(); len(ids) > 0 && (!slices.Equal(ids, told) || now.Sub(at) > renewEvery) {
			c.send(nodesMessage{Type: "nodes", Nodes: places})
			told, at = ids, now
		}
		if c.srv.leaving() && time.Since(moved) > moveAgain {
			if c.elsewhere(ctx, v) {
				moved = time.Now()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-c.flush:
			return
		case <-leaving:
			leaving = nil
		case <-tick.C:
		}
	}
}
