package access

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newTokens(t testing.TB) *Tokens {
	t.Helper()
	k, err := OpenTokens(filepath.Join(t.TempDir(), "personas", "tokens.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustCreate(t testing.TB, k *Tokens, want Token) (secret, id string) {
	t.Helper()
	secret, made, err := k.Create(want)
	if err != nil {
		t.Fatal(err)
	}
	if len(secret) != 22 || made.ID == "" || made.Hash != "" {
		t.Fatalf("secret of %d letters, %+v", len(secret), made)
	}
	return secret, made.ID
}

// TestScopes: every scope against every action, for its own session and another one's.
func TestScopes(t *testing.T) {
	k := newTokens(t)
	allowed := map[Scope]string{
		ScopeView: "open watch", ScopePush: "open watch push", ScopeDrive: "open look drive upload watch",
		ScopeAdmin: "open look drive upload watch push admin",
	}
	for scope, list := range allowed {
		secret, _ := mustCreate(t, k, Token{Scope: scope})
		bound := secret
		if scope != ScopeAdmin {
			bound, _ = mustCreate(t, k, Token{Scope: scope, Session: "ann"})
		}
		p := &Policy{Listen: "0.0.0.0:8080", Tokens: k}
		for _, a := range []Action{Open, Look, Drive, Upload, Watch, Push, Admin} {
			for _, c := range []struct {
				secret, session string
				elsewhere       bool
			}{{secret, "", false}, {secret, "bob", false}, {bound, "ann", false}, {bound, "bob", scope != ScopeAdmin}} {
				want := strings.Contains(" "+list+" ", " "+string(a)+" ") && (!c.elsewhere || a == Open)
				_, err := p.Authorise(asked(c.secret), Request{Action: a, Session: c.session})
				if (err == nil) != want {
					t.Errorf("%s token: %s of session %q: %v", scope, a, c.session, err)
				}
			}
		}
	}
}

// asked is a request from somewhere with a token.
func asked(secret string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "me.example:8080"
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	return r
}

func TestWhoNeedsAToken(t *testing.T) {
	k := newTokens(t)
	secret, _ := mustCreate(t, k, Token{Scope: ScopeAdmin})
	here := httptest.NewRequest(http.MethodGet, "/", nil)
	here.Host = "localhost:8080"
	for name, c := range map[string]struct {
		p    *Policy
		r    *http.Request
		code string
	}{
		"this machine":                     {&Policy{Listen: "127.0.0.1:8080", Tokens: k}, here, ""},
		"this machine behind a proxy":      {&Policy{Listen: "127.0.0.1:8080", Tokens: k, Proxied: true}, here, "no_token"},
		"a listed name on loopback":        {&Policy{Listen: "127.0.0.1:8080", Tokens: k, Origins: []string{"http://me.example:8080"}}, asked(""), "no_token"},
		"this machine, listening to all":   {&Policy{Listen: "0.0.0.0:8080", Tokens: k}, here, "no_token"},
		"somebody":                         {&Policy{Listen: "0.0.0.0:8080", Tokens: k}, asked(""), "no_token"},
		"somebody where there are none":    {&Policy{Listen: "0.0.0.0:8080"}, asked(secret), "bad_token"},
		"somebody with a token":            {&Policy{Listen: "0.0.0.0:8080", Tokens: k}, asked(secret), ""},
		"somebody with half a token":       {&Policy{Listen: "0.0.0.0:8080", Tokens: k}, asked(secret[:11]), "bad_token"},
		"somebody with a token and a tail": {&Policy{Listen: "0.0.0.0:8080", Tokens: k}, asked(secret + "x"), "bad_token"},
	} {
		_, err := c.p.Authorise(c.r, Request{Action: Drive})
		var d *DeniedError
		if errors.As(err, &d); c.code == "" && err != nil || c.code != "" && (d == nil || d.Code != c.code) {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
}

func TestCookies(t *testing.T) {
	k := newTokens(t)
	ann, _ := mustCreate(t, k, Token{Scope: ScopeView, Session: "ann"})
	bob, _ := mustCreate(t, k, Token{Scope: ScopeView, Session: "bob", Expires: time.Now().Add(time.Hour)})
	p := &Policy{Listen: "0.0.0.0:8080", Tokens: k}
	r := asked("")
	for _, secret := range []string{ann, bob} {
		c, err := p.Exchange(secret, true)
		if err != nil {
			t.Fatal(err)
		}
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge <= 0 {
			t.Errorf("%v", c)
		}
		r.AddCookie(c)
	}
	for session, want := range map[string]bool{"ann": true, "bob": true, "eve": false} {
		if _, err := p.Authorise(r, Request{Action: Watch, Session: session}); (err == nil) != want {
			t.Errorf("watching %s: %v", session, err)
		}
	}
	if _, err := p.Exchange(ann[:21]+"!", true); err == nil {
		t.Error("a broken token was exchanged")
	}
}

// TestNothingOutlivesItsToken: revoked here, revoked by another program, or expired.
func TestNothingOutlivesItsToken(t *testing.T) {
	k := newTokens(t)
	p := &Policy{Listen: "0.0.0.0:8080", Tokens: k}
	other, err := OpenTokens(k.path)
	if err != nil {
		t.Fatal(err)
	}
	go k.Follow(t.Context(), func(err error) { t.Error(err) })
	for name, c := range map[string]struct {
		want Token
		end  func(id string) error
	}{
		"revoked here":               {Token{Scope: ScopeDrive}, k.Revoke},
		"revoked by another program": {Token{Scope: ScopeDrive}, other.Revoke},
		"expired":                    {Token{Scope: ScopeDrive, Expires: time.Now().Add(1500 * time.Millisecond)}, func(string) error { return nil }},
	} {
		secret, id := mustCreate(t, k, c.want)
		g, err := p.Authorise(asked(secret), Request{Action: Drive})
		if err != nil || g.Token != id {
			t.Fatalf("%s: %+v, %v", name, g, err)
		}
		select {
		case <-g.Over:
			t.Errorf("%s: over before", name)
		default:
		}
		if err := c.end(id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-g.Over:
		case <-time.After(5 * time.Second):
			t.Errorf("%s: what was allowed goes on", name)
		}
		if _, err := p.Authorise(asked(secret), Request{Action: Drive}); err == nil {
			t.Errorf("%s: it is let in again", name)
		}
	}
}

func TestTheFileHoldsNoSecret(t *testing.T) {
	k := newTokens(t)
	secret, id := mustCreate(t, k, Token{Scope: ScopeDrive, Session: "ann", Persona: "mona-lisa", Label: "Ann's <phone>"})
	b, err := os.ReadFile(k.path)
	if err != nil || strings.Contains(string(b), secret) || !strings.Contains(string(b), id) {
		t.Errorf("%s, %v", b, err)
	}
	if info, err := os.Stat(k.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	again, err := OpenTokens(k.path)
	if err != nil || len(again.List()) != 1 || again.List()[0] != k.List()[0] {
		t.Errorf("read again: %v, %v", again, err)
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	k := newTokens(t)
	for name, want := range map[string]Token{
		"no scope": {}, "a strange scope": {Scope: "root"}, "a session in capitals": {Scope: ScopeView, Session: "Ann"},
		"a path for a session": {Scope: ScopeView, Session: "../x"}, "a bound admin": {Scope: ScopeAdmin, Session: "ann"},
		"a viewer's persona": {Scope: ScopeView, Persona: "x"}, "yesterday": {Scope: ScopeView, Expires: time.Now().Add(-time.Hour)},
		"an escape": {Scope: ScopeView, Label: "\x1b[2J"}, "a novel": {Scope: ScopeView, Label: strings.Repeat("x", 101)}, "a long id": {Scope: ScopeDrive, Persona: strings.Repeat("x", 129)},
	} {
		if _, _, err := k.Create(want); !errors.Is(err, ErrBadToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := k.Revoke("none"); !errors.Is(err, ErrUnknownToken) {
		t.Errorf("revoking what is not there: %v", err)
	}
	if n := k.Len(); n != 0 {
		t.Errorf("%d tokens", n)
	}
}

func TestBrokenFiles(t *testing.T) {
	k := newTokens(t)
	mustCreate(t, k, Token{Scope: ScopeView})
	line, err := os.ReadFile(k.path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, says string }{
		"a torn line":    {string(line) + string(line[:30]), "line 2"},
		"twice the same": {string(line) + string(line), "line 2"},
		"a strange key":  {`{"hash":"x","root":true}`, "line 1"},
		"no hash":        {`{"id":"a","scope":"view"}`, "line 1"},
		"a long line":    {strings.Repeat("x", maxLine+1), "more than"},
	} {
		path := filepath.Join(t.TempDir(), "tokens.jsonl")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenTokens(path); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNothingStaysOfAKill: what a kill left half written beside the tokens is gone after the next start.
func TestNothingStaysOfAKill(t *testing.T) {
	dir := t.TempDir()
	left, old := filepath.Join(dir, ".gioconda-1.jsonl"), time.Now().Add(-time.Hour)
	if err := errors.Join(os.WriteFile(left, []byte("{"), 0o600), os.Chtimes(left, old, old)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTokens(filepath.Join(dir, "tokens.jsonl")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("it is still there")
	}
}

func FuzzTokens(f *testing.F) {
	f.Add([]byte(`{"id":"a","hash":"` + strings.Repeat("0", 64) + `","scope":"view","created":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte("\n\n{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := parseTokens(strings.NewReader(string(b)))
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "t")
		if err := writeTokens(path, list); err != nil {
			t.Fatal(err)
		}
		if again, err := OpenTokens(path); err != nil || again.Len() != len(list) {
			t.Errorf("%d tokens come back as %v, %v", len(list), again, err)
		}
	})
}

func FuzzSecrets(f *testing.F) {
	f.Add("Bearer x", "gioconda-a=0123456789012345678901")
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Cookie", cookie)
		if n := len(secrets(r)); n > maxSecrets {
			t.Errorf("%d secrets", n)
		}
	})
}
