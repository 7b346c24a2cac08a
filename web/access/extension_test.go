package access

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

func TestExtensions(t *testing.T) {
	const ours, another = "chrome-extension://feakilipjgmckfieemaeinolnjfijmod", "chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh"
	tokens, err := OpenTokens(filepath.Join(t.TempDir(), "tokens.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := tokens.Create(Token{Scope: ScopeDrive})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		origin   string
		proxied  bool
		bearer   string
		offered  string // subprotocols
		action   Action
		wantCode string // "" is let in
	}{
		"ours drives":                       {origin: ours, action: Drive},
		"ours watches":                      {origin: ours, action: Watch},
		"ours looks":                        {origin: ours, action: Look},
		"ours makes no tokens":              {origin: ours, action: Admin, wantCode: "not_allowed"},
		"ours sends nothing elsewhere":      {origin: ours, action: Push, wantCode: "not_allowed"},
		"the own page makes tokens":         {origin: "http://localhost:8080", action: Admin},
		"another drives":                    {origin: another, action: Drive, wantCode: "bad_origin"},
		"another watches":                   {origin: another, action: Watch, wantCode: "bad_origin"},
		"ours from afar without a token":    {origin: ours, proxied: true, action: Drive, wantCode: "no_token"},
		"ours from afar with a token":       {origin: ours, proxied: true, bearer: secret, action: Drive},
		"ours from afar by websocket":       {origin: ours, proxied: true, offered: "gioconda, bearer." + secret, action: Drive},
		"with a token that is none":         {origin: ours, proxied: true, offered: "gioconda, bearer.AAAAAAAAAAAAAAAAAAAAAA", action: Drive, wantCode: "bad_token"},
		"another subprotocol":               {origin: ours, proxied: true, offered: "gioconda", action: Drive, wantCode: "no_token"},
		"another from afar with that token": {origin: another, proxied: true, bearer: secret, action: Drive, wantCode: "bad_origin"},
	} {
		p := &Policy{Listen: "127.0.0.1:8080", Extensions: []string{ours}, Proxied: c.proxied, Tokens: tokens}
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Host = "localhost:8080"
		r.Header.Set("Origin", c.origin)
		if c.bearer != "" {
			r.Header.Set("Authorization", "Bearer "+c.bearer)
		}
		if c.offered != "" {
			r.Header.Set("Sec-Websocket-Protocol", c.offered)
		}
		_, err := p.Authorise(r, Request{Action: c.action})
		var d *DeniedError
		if c.wantCode == "" && err != nil || c.wantCode != "" && (!errors.As(err, &d) || d.Code != c.wantCode) {
			t.Errorf("%s: %v, want %q", name, err, c.wantCode)
		}
	}
}
