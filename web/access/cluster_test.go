package access

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// sisters are other servers: one page, and one ticket for each of some words.
type sisters map[string]Ticket

func (s sisters) Ours(origin string) bool { return origin == "https://sister.example" }

func (s sisters) Redeem(pass string) (Ticket, error) {
	t, ok := s[pass]
	if !ok {
		return Ticket{}, errors.New("no ticket")
	}
	return t, nil
}

// TestTickets: what another server has let a visitor do is allowed, that and no more, and while the token lives that was shown there.
func TestTickets(t *testing.T) {
	k := newTokens(t)
	shared := Token{ID: "far", Hash: hashOf("a secret made elsewhere"), Scope: ScopeView}
	k.Share([]Token{shared})
	p := &Policy{Listen: "0.0.0.0:8080", Tokens: k, Cluster: sisters{
		"drive.x": {Token: "far", Scope: ScopeDrive, Home: "home"}, "ann.x": {Token: "far", Scope: ScopeView, Session: "ann"},
		"revoked.x": {Token: "gone", Scope: ScopeDrive}, "open.x": {Scope: ScopeDrive},
		"named.x": {Token: "far", Scope: ScopeDrive, Origin: "https://other-name.example"},
	}}
	for _, c := range []struct {
		pass, origin string
		want         Request
		ok           bool
	}{
		{"drive.x", "", Request{Action: Drive}, true},
		{"drive.x", "https://sister.example", Request{Action: Drive}, true},
		{"drive.x", "https://evil.example", Request{Action: Drive}, false},
		{"drive.x", "", Request{Action: Admin}, false},
		{"ann.x", "", Request{Action: Watch, Session: "ann"}, true},
		{"ann.x", "https://evil.example", Request{Action: Watch, Session: "ann"}, true}, // a player on somebody's page
		{"ann.x", "", Request{Action: Watch, Session: "bob"}, false},
		{"ann.x", "", Request{Action: Drive}, false},
		{"revoked.x", "", Request{Action: Drive}, false},
		{"named.x", "https://other-name.example", Request{Action: Drive}, true}, // the other server's page under another name
		{"named.x", "https://evil.example", Request{Action: Drive}, false},
		{"open.x", "https://other-name.example", Request{Action: Drive}, false},
		{"open.x", "", Request{Action: Drive}, true},
		{"other.x", "", Request{Action: Drive}, false},
		{"drive", "", Request{Action: Drive}, false},
	} {
		for where, r := range map[string]*http.Request{
			"header": asked(c.pass), "URL": httptest.NewRequest(http.MethodGet, "/whep/ann?ticket="+c.pass, nil),
		} {
			r.Host = "me.example:8080"
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			g, err := p.Authorise(r, c.want)
			if (err == nil) != c.ok {
				t.Errorf("%s in %s from %q for %+v: %v", c.pass, where, c.origin, c.want, err)
			}
			if c.pass == "drive.x" && c.ok && (g.Home != "home" || g.Over == nil) {
				t.Errorf("%+v", g)
			}
		}
	}
	g, err := p.Authorise(asked("a secret made elsewhere"), Request{Action: Watch})
	if err != nil {
		t.Fatalf("a token of another server: %v", err)
	}
	k.Share(nil)
	select {
	case <-g.Over:
	default:
		t.Error("it outlives its token")
	}
	if _, err := p.Authorise(asked("drive.x"), Request{Action: Drive}); err == nil {
		t.Error("its tickets outlive it")
	}
}
