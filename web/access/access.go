// Package access says who may do what. It is asked in one place, before every handler.
package access

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Action is what a request wants to do.
type Action string

// The actions. Look is everything that changes nothing: the page, the gallery, the tracker's networks.
const (
	Look   Action = "look"
	Drive  Action = "drive"  // a session of one's own
	Upload Action = "upload" // a persona or a backdrop
	Delete Action = "delete" // a persona
)

// Policy says who may do what. It is not changed while it is used.
type Policy struct {
	// Listen is the address that is served. One on loopback is this machine's own business: it answers to its own names only.
	Listen string
	// Origins are web origins (https://example.org) whose pages may use the server besides its own pages; "*" is any.
	Origins []string
}

// Grant is what was allowed, and to whom.
type Grant struct {
	Action Action
	Origin string // of the page that asks; "" for a program
}

// DeniedError is a refusal, as the HTTP answer tells it.
type DeniedError struct {
	Status  int    // of HTTP
	Code    string // for programs
	Message string // one sentence that says what to do
}

// Error implements error.
func (d *DeniedError) Error() string { return fmt.Sprintf("%s: %s", d.Code, d.Message) }

// Authorise allows an action, or fails with *DeniedError. Programs send no origin and are let in by their host name alone.
func (p *Policy) Authorise(r *http.Request, a Action) (Grant, error) {
	if !p.hostAllowed(r) {
		return Grant{}, &DeniedError{
			http.StatusMisdirectedRequest, "bad_host",
			"This server answers to its own names only; open it as localhost, or add the address to web.allowed_origins.",
		}
	}
	origin := r.Header.Get("Origin")
	if !p.originAllowed(origin, r.Host) {
		return Grant{}, &DeniedError{
			http.StatusForbidden, "bad_origin",
			fmt.Sprintf("Pages of %q may not use this server; add that origin to web.allowed_origins.", origin),
		}
	}
	return Grant{Action: a, Origin: origin}, nil
}

// originAllowed lets in pages of this server, the listed ones, and programs.
func (p *Policy) originAllowed(origin, host string) bool {
	if origin == "" || slices.Contains(p.Origins, "*") || slices.ContainsFunc(p.Origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// hostAllowed stops pages that point a name of their own at this machine (DNS rebinding): what listens on loopback, or is
// reached over it, answers to loopback names and those of listed origins only.
func (p *Policy) hostAllowed(r *http.Request) bool {
	if !p.onLoopback(r) || loopback(hostname(r.Host)) {
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
