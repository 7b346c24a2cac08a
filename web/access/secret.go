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

// bearer is the secret of the Authorization header; "" if there is none (RFC 6750).
func bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
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
