package access

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// cookiePrefix begins the names of our cookies; the token's id follows, so that one browser may hold several tokens, such as
// OBS with two sources.
const cookiePrefix = "gioconda-"

// maxSecrets bounds how many tokens of one request are looked at.
const maxSecrets = 16

// secrets are the tokens that a request shows: the bearer's, or else those of its cookies. Things that cannot be tokens
// are left out.
func secrets(r *http.Request) []string {
	if secret := bearer(r); secret != "" {
		return []string{secret}
	}
	var all []string
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, cookiePrefix) && len(c.Value) == 22 && !slices.Contains(all, c.Value) && len(all) < maxSecrets {
			all = append(all, c.Value)
		}
	}
	return all
}

// protocolPrefix begins the subprotocol that carries a token to a websocket, for browsers' extensions: there browsers let
// scripts set no header, and keep strict cookies from other origins.
const protocolPrefix = "bearer."

// bearer is the secret of the Authorization header (RFC 6750), or of a websocket's subprotocol; "" if there is none.
func bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(secret)
	}
	for _, offered := range r.Header.Values("Sec-Websocket-Protocol") {
		for p := range strings.SplitSeq(offered, ",") {
			if secret, ok := strings.CutPrefix(strings.TrimSpace(p), protocolPrefix); ok {
				return secret
			}
		}
	}
	return TicketOf(r)
}

// TicketParam is the query parameter in which a redirect of another server gives a visitor its ticket: most clients leave headers
// out that were meant for the server that redirects.
const TicketParam = "ticket"

// TicketOf is the ticket of a request's URL; "" if there is none.
func TicketOf(r *http.Request) string {
	if !strings.Contains(r.URL.RawQuery, TicketParam+"=") {
		return ""
	}
	return r.URL.Query().Get(TicketParam)
}

// Exchange makes the cookie for the token in a link's ?token=, so that the secret need not stay in the address. secure is
// for pages over TLS. It fails with *DeniedError where the token is not good.
func (p *Policy) Exchange(secret string, secure bool) (*http.Cookie, error) {
	if p.Tokens != nil {
		if k, _, ok := p.Tokens.find(secret); ok {
			c := &http.Cookie{
				Name: cookiePrefix + k.ID, Value: secret, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode,
				MaxAge: int((400 * 24 * time.Hour).Seconds()), // what browsers keep at most
			}
			if !k.Expires.IsZero() {
				c.MaxAge = max(int(time.Until(k.Expires).Seconds()), 1)
			}
			return c, nil
		}
	}
	return nil, &DeniedError{
		http.StatusUnauthorized, "bad_token", "This token is unknown, expired or revoked; ask whoever runs the server for a new one.",
	}
}
