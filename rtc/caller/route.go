package caller

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

// Place is a server of several that work together.
type Place struct {
	Node  string `json:"node"`
	URL   string `json:"url"` // of its websocket
	Token string `json:"token"`
}

// Route is one visitor's way through servers that send it to each other: it remembers where it was, and what else it was told of, so
// that it comes back after its server was lost. It is used by one goroutine.
type Route struct {
	home Place
	at   Place
	last *Caller
}

// NewRoute begins at the page of a server.
func NewRoute(server, token string) *Route {
	home := Place{URL: server, Token: token}
	if u, err := url.Parse(server); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
		u.Path = strings.TrimSuffix(u.Path, "/") + "/ws"
		home.URL = u.String()
	}
	return &Route{home: home, at: home}
}

const (
	maxTried  = 8               // nodes, as PROTOCOL.md has it
	openIn    = 3 * time.Second // where there are others to try
	maxPlaces = 4               // that are remembered
)

// sentOnError says that a server is not the one.
type sentOnError struct {
	from string
	to   Place
}

func (s *sentOnError) Error() string { return "sent on to " + s.to.URL }

// unreachedError says that nobody was there.
type unreachedError struct{ error }

func (u unreachedError) Unwrap() error { return u.error }

// place is the server that a message names.
func (m *message) place() Place { return Place{Node: m.Node, URL: m.URL, Token: m.Token} }

// Dial is like the function of that name. The second time it comes back: to the session it had where that lives, or to another server.
func (r *Route) Dial(ctx context.Context, o *Options) (*Caller, error) {
	if !strings.HasPrefix(r.home.URL, "ws") {
		return nil, fmt.Errorf("%q is not the address of a server; write http://HOST:PORT", o.Server)
	}
	hello := &message{Type: "hello", Version: 1, Persona: o.Persona, Name: o.Name, Codec: "auto"}
	next := r.places(hello)
	var first error
	for len(next) > 0 && len(hello.Tried) <= maxTried {
		at := next[0]
		next = next[1:]
		c, err := r.try(ctx, o, at, hello, len(next) > 0)
		if err == nil {
			r.at, r.last = c.at, c
			return c, nil
		}
		if first == nil {
			first = err
		}
		_, lost := errors.AsType[unreachedError](err)
		on, sent := errors.AsType[*sentOnError](err)
		switch {
		case sent:
			if !strings.HasPrefix(on.to.URL, "ws") || on.to.Node == "" || slices.Contains(hello.Tried, on.to.Node) {
				return nil, fmt.Errorf("%s sends its visitors in circles", at.URL)
			}
			hello.Tried = append(hello.Tried, on.from)
			next = append([]Place{on.to}, next...)
		case lost && ctx.Err() == nil:
			if at.Node != "" {
				hello.Tried = append(hello.Tried, at.Node)
			}
		default:
			return nil, err
		}
	}
	return nil, first
}

// places are where to go, the best first, and what the hello has to say there.
func (r *Route) places(hello *message) []Place {
	places := []Place{r.at}
	if c := r.last; c != nil {
		hello.Session, hello.Secret, hello.Name = c.welcome.Session, c.welcome.Secret, c.welcome.Name
		c.mu.Lock()
		nodes, moved := c.nodes, c.moved
		c.mu.Unlock()
		if moved != nil {
			hello.Tried = []string{c.at.Node}
			places = []Place{*moved}
		}
		places = append(places, nodes[:min(len(nodes), maxPlaces)]...)
	}
	if !slices.Contains(places, r.home) {
		places = append(places, r.home)
	}
	return places
}

// try connects to one place, not for long where others wait.
func (r *Route) try(ctx context.Context, o *Options, at Place, hello *message, others bool) (*Caller, error) {
	if !others {
		return dial(ctx, o, at, hello)
	}
	within, cancel := context.WithTimeout(ctx, openIn)
	defer cancel()
	c, err := dial(within, o, at, hello)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		err = unreachedError{err}
	}
	if e, refused := errors.AsType[*rtc.Error](err); refused && e.Code == rtc.CodeShuttingDown {
		err = unreachedError{err}
	}
	return c, err
}
