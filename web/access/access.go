// Package access says who may do what. It is asked in one place, before every handler.
package access

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Action is what a request wants to do.
type Action string

// The actions.
const (
	Open   Action = "open"   // the page itself, and whether the server lives: for everybody
	Look   Action = "look"   // what the server offers, its portraits and its gallery
	Drive  Action = "drive"  // a session
	Upload Action = "upload" // a persona or a backdrop
	Watch  Action = "watch"  // a session
	Push   Action = "push"   // a session elsewhere
	Admin  Action = "admin"  // tokens, and whatever takes something away from others
)

// Policy says who may do what. It is not changed while it is used.
type Policy struct {
	// Listen is the address that is served. One on loopback is this machine's own business: it answers to its own names only,
	// and to them without a token.
	Listen string
	// Origins are web origins (https://example.org) whose pages may use the server besides its own pages; "*" is any.
	Origins []string
	// Extensions are origins of browser extensions (chrome-extension://ID, moz-extension://ID) that may look, drive and watch.
	// What is administration stays with the server's own pages: whoever replaces an extension gets no further.
	Extensions []string
	// Proxied tells that others come through a proxy on this machine: then loopback is not enough to be let in.
	Proxied bool
	// Tokens are asked of whoever is not on this machine; nil: there are none, and such are not let in.
	Tokens *Tokens
	// Cluster are the other servers that this one works with; nil: none.
	Cluster Cluster
}

// Cluster knows other servers that serve the same pages, and reads what they let visitors bring.
type Cluster interface {
	// Ours tells whether an origin is that of such a server's pages.
	Ours(origin string) bool
	// Redeem reads a ticket for this server.
	Redeem(ticket string) (Ticket, error)
}

// Ticket is what another server has let a visitor do here.
type Ticket struct {
	Token   string // id of the token that was shown there; "": none was asked for
	Scope   Scope
	Session string // as in Grant
	Persona string // as in Grant
	Home    string // names the server whose pages the visitor has open, and whose gallery it sees
	Origin  string // of the page that was let in there; "": a program
}

// Request is what is asked for.
type Request struct {
	Action  Action
	Session string // that it is about; "": none, or one that is not known yet
	Persona string // that it is about; "": none
}

// Grant is what was allowed, and to whom.
type Grant struct {
	Action  Action
	Origin  string // of the page that asks; "" for a program
	Token   string // id of the token; "": allowed without one
	Scope   Scope  // ScopeAdmin without a token
	Session string // the only one that it is for; "": any
	Persona string // the only one that it is for; "": any
	Home    string // of a ticket; "": this server
	// Over is closed when the token ends, and so must whatever was allowed; nil: never.
	Over <-chan struct{}
}

// May tells whether the same caller would be allowed another thing.
func (g *Grant) May(want Request) bool {
	return g.Scope.allows(want.Action) && (g.Session == "" || want.Session == "" || g.Session == want.Session) &&
		(g.Persona == "" || want.Persona == "" || g.Persona == want.Persona)
}

// contextKey is where a grant stands in a context.
type contextKey struct{}

// In returns ctx with the grant, for the handlers behind the policy.
func (g Grant) In(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, g)
}

// From returns the grant of a request's context; the zero Grant, which allows nothing, if there is none.
func From(ctx context.Context) Grant {
	g, _ := ctx.Value(contextKey{}).(Grant)
	return g
}

// DeniedError is a refusal, as the HTTP answer tells it.
type DeniedError struct {
	Status  int    // of HTTP
	Code    string // for programs
	Message string // one sentence that says what to do
}

// Error implements error.
func (d *DeniedError) Error() string { return fmt.Sprintf("%s: %s", d.Code, d.Message) }

// Authorise allows what is wanted, or fails with *DeniedError. Programs send no origin; their token alone counts.
func (p *Policy) Authorise(r *http.Request, want Request) (Grant, error) {
	if !p.hostAllowed(r) {
		return Grant{}, &DeniedError{
			http.StatusMisdirectedRequest, "bad_host",
			"This server answers to its own names only; open it as localhost, or add the address to web.allowed_origins.",
		}
	}
	origin := r.Header.Get("Origin")
	foreign := !p.originAllowed(origin, r.Host)
	foreign = foreign && !p.Vouched(r)
	if g, ok := p.byTicket(r, origin, want); ok && (!foreign || want.Action == Watch) {
		return g, nil
	}
	if foreign && want.Action == Watch && bearer(r) != "" { // a player on somebody's page, who was given a token for it
		return p.byToken(r, origin, want)
	}
	if foreign && r.Method != http.MethodOptions {
		return Grant{}, &DeniedError{
			http.StatusForbidden, "bad_origin",
			refusal(origin),
		}
	}
	if p.trusted(r) {
		return p.here(origin, want)
	}
	if want.Action == Open {
		return Grant{Action: Open, Origin: origin}, nil
	}
	return p.byToken(r, origin, want)
}

// refusal says what to do about an origin that may not use the server.
func refusal(origin string) string {
	if strings.Contains(origin, "-extension://") {
		return fmt.Sprintf("The extension %q may not use this server; add that origin to web.extensions.", origin)
	}
	return fmt.Sprintf("Pages of %q may not use this server; add that origin to web.allowed_origins.", origin)
}

// here allows a caller on this machine everything, and an extension what driving takes.
func (p *Policy) here(origin string, want Request) (Grant, error) {
	g := Grant{Action: want.Action, Origin: origin, Scope: ScopeAdmin}
	if slices.Contains(p.Extensions, origin) {
		g.Scope = ScopeDrive
	}
	if !g.May(want) {
		return Grant{}, &DeniedError{
			http.StatusForbidden, "not_allowed",
			fmt.Sprintf("The extension may look, drive and watch, but not that (%s); do it on the server's own page.", want.Action),
		}
	}
	return g, nil
}

// byToken allows what one of the request's tokens allows.
func (p *Policy) byToken(r *http.Request, origin string, want Request) (Grant, error) {
	known := false
	for _, secret := range secrets(r) {
		if p.Tokens == nil {
			break
		}
		k, over, ok := p.Tokens.find(secret)
		if !ok {
			continue
		}
		known = true
		g := Grant{
			Action: want.Action, Origin: origin, Token: k.ID, Scope: k.Scope, Session: k.Session, Persona: k.Persona, Over: over,
		}
		if g.May(want) {
			return g, nil
		}
	}
	if known {
		return Grant{}, &DeniedError{
			http.StatusForbidden, "not_allowed",
			fmt.Sprintf("This token is not for that (%s); ask for one whose scope, session and persona fit.", want.Action),
		}
	}
	if len(secrets(r)) > 0 {
		return Grant{}, &DeniedError{
			http.StatusUnauthorized, "bad_token", "This token is unknown, expired or revoked; ask whoever runs the server for a new one.",
		}
	}
	return Grant{}, &DeniedError{
		http.StatusUnauthorized, "no_token",
		"This server asks for a token: open the link with ?token= that you were given, or ask whoever runs the server for one.",
	}
}

// Vouched tells whether another server has let the page that asks in under its present name, which need not be the one by which servers
// know each other, and has given it a ticket for this one.
func (p *Policy) Vouched(r *http.Request) bool {
	origin, pass := r.Header.Get("Origin"), bearer(r)
	if p.Cluster == nil || origin == "" || !strings.Contains(pass, ".") {
		return false
	}
	t, err := p.Cluster.Redeem(pass)
	return err == nil && t.Origin == origin
}

// byTicket allows what another server has let the visitor do here, as long as the token lives that was shown there.
func (p *Policy) byTicket(r *http.Request, origin string, want Request) (Grant, bool) {
	pass := bearer(r)
	if p.Cluster == nil || !strings.Contains(pass, ".") { // no token has one
		return Grant{}, false
	}
	t, err := p.Cluster.Redeem(pass)
	if err != nil {
		return Grant{}, false
	}
	g := Grant{Action: want.Action, Origin: origin, Token: t.Token, Scope: t.Scope, Session: t.Session, Persona: t.Persona, Home: t.Home}
	if t.Token != "" {
		known := false
		if p.Tokens != nil {
			g.Over, known = p.Tokens.lives(t.Token)
		}
		if !known {
			return Grant{}, false
		}
	}
	return g, g.May(want)
}

// trusted tells that a request comes from this machine, by what is listened on and by the name that was asked for; the
// remote address would say the same of a proxy's.
func (p *Policy) trusted(r *http.Request) bool {
	host, _, err := net.SplitHostPort(p.Listen)
	return !p.Proxied && err == nil && loopback(host) && loopback(hostname(r.Host))
}

// originAllowed lets in pages of this server, the listed ones and extensions, and programs.
func (p *Policy) originAllowed(origin, host string) bool {
	if origin == "" || slices.Contains(p.Extensions, origin) || slices.Contains(p.Origins, "*") || slices.ContainsFunc(p.Origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return true
	}
	if p.Cluster != nil && p.Cluster.Ours(origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// hostAllowed stops pages that point a name of their own at this machine (DNS rebinding): what listens on loopback, or is
// reached over it, answers to loopback names and those of listed origins only.
func (p *Policy) hostAllowed(r *http.Request) bool {
	if p.Proxied || !p.onLoopback(r) || loopback(hostname(r.Host)) {
		return true
	}
	return slices.ContainsFunc(p.Origins, func(o string) bool {
		u, err := url.Parse(o)
		return o == "*" || err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
	})
}

func (p *Policy) onLoopback(r *http.Request) bool {
	if listen, _, err := net.SplitHostPort(p.Listen); err == nil && loopback(listen) {
		return true
	}
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

// hostname takes the port off a host, and the brackets off an address.
func hostname(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		return h
	}
	return strings.Trim(hostport, "[]")
}

// loopback tells whether a name is this machine's own.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
