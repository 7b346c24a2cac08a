package live

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/web/access"
)

// guarded is a server that listens to everybody over TLS, as a device sees it that trusts its authority alone.
type guarded struct {
	*Server
	t       *testing.T
	address string
	trust   *tls.Config
	tokens  *access.Tokens // as another program has them
	admin   string         // a token
	log     lockedBuffer
}

func serveGuarded(t *testing.T) *guarded {
	t.Helper()
	cfg := testenv.Config(t)
	cfg.Gallery.Dir = filepath.Join(t.TempDir(), "personas")
	cfg.Pipeline.Size, cfg.Pipeline.MaxSessions = 256, 2
	cfg.Web.Listen, cfg.Web.TLS = "0.0.0.0:8443", "lan"
	g := &guarded{t: t}
	log := slog.New(slog.NewTextHandler(&g.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n := testenv.Networks(t)
	maker := personas.NewMaker(n, filepath.Join(filepath.Dir(cfg.Models.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	var err error
	if g.tokens, err = access.OpenTokens(TokensFile(&cfg)); err != nil {
		t.Fatal(err)
	}
	o := &Options{
		Config: &cfg, Networks: n, Maker: maker, Log: log,
		Engine: &engine.Options{Use: engine.MeshOnly, Device: "cpu", Pipeline: cfg.Pipeline, Mesh: mesh.Options{Size: 256}, Log: log},
	}
	if d, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "token create") {
		t.Fatalf("it opens to others without a token: %v, %v", d, err)
	}
	g.admin, _ = g.token(access.Token{Scope: access.ScopeAdmin})
	if g.Server, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, g.Server)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	g.address = "localhost:" + port
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(g.certs.Authority)
	g.trust = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return g
}

// token makes a token, as `gioconda token create` does.
func (g *guarded) token(want access.Token) (secret, id string) {
	g.t.Helper()
	secret, made, err := g.tokens.Create(want)
	if err != nil {
		g.t.Fatal(err)
	}
	return secret, made.ID
}

// ask sends a request and gives the status and what was answered.
func (g *guarded) ask(method, path, secret, body string) (int, string) {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, "https://"+g.address+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/sdp")
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: g.trust, DisableKeepAlives: true}, Timeout: 20 * time.Second}
	w, err := c.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	b, err := io.ReadAll(w.Body)
	if err != nil || w.Body.Close() != nil {
		g.t.Fatal(err)
	}
	return w.StatusCode, string(b)
}

// message is what a driver hears.
type message struct {
	Type, Code, Message, Session, Secret, Name string
	Fatal, Resumed                             bool
}

// drive opens a websocket and says hello; status is that of a refusal.
func (g *guarded) drive(secret string, hello map[string]any) (ws *websocket.Conn, first message, status int) {
	g.t.Helper()
	d := &websocket.Dialer{TLSClientConfig: g.trust, HandshakeTimeout: 20 * time.Second}
	ws, w, err := d.DialContext(g.t.Context(), "wss://"+g.address+"/ws", http.Header{"Authorization": {"Bearer " + secret}})
	if w == nil {
		g.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }() // it was read
	if err != nil {
		return nil, message{}, w.StatusCode
	}
	g.t.Cleanup(func() { _ = ws.Close() })
	hello["type"], hello["version"] = "hello", 1
	if err := ws.WriteJSON(hello); err != nil {
		g.t.Fatal(err)
	}
	return ws, g.hear(ws), w.StatusCode
}

func (g *guarded) hear(ws *websocket.Conn) (m message) {
	g.t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second)) // reading tells
	if err := ws.ReadJSON(&m); err != nil {
		g.t.Fatal(err)
	}
	return m
}

// TestNothingOutlivesItsToken: a driver and its viewer come with tokens from elsewhere over TLS; each is let go within two seconds of
// another program's revoking its token, and neither comes back. The log knows no secret.
func TestNothingOutlivesItsToken(t *testing.T) {
	g := serveGuarded(t)
	drive, driveID := g.token(access.Token{Scope: access.ScopeDrive, Session: "ann"})
	view, viewID := g.token(access.Token{Scope: access.ScopeView, Session: "ann"})
	rtctest.Eventually(t, "new tokens are known", func() bool {
		status, _ := g.ask(http.MethodGet, "/api/config", drive, "")
		return status == http.StatusOK
	})
	if status, said := g.ask(http.MethodGet, "/api/config", "", ""); status != http.StatusUnauthorized || !strings.Contains(said, "no_token") {
		t.Errorf("without a token: %d %s", status, said)
	}
	if _, _, status := g.drive(view, map[string]any{}); status != http.StatusForbidden {
		t.Errorf("a viewer drives: %d", status)
	}
	ws, m, _ := g.drive(drive, map[string]any{})
	if m.Type != "welcome" || m.Name != "ann" {
		t.Fatalf("the driver hears %+v", m)
	}
	back := map[string]any{"session": m.Session, "secret": m.Secret}
	b := rtctest.NewBrowser(t, nil, false, true)
	status, answer := g.ask(http.MethodPost, "/whep/ann", view, b.WholeOffer())
	if status != http.StatusCreated {
		t.Fatalf("the viewer: %d %s", status, answer)
	}
	b.Answer(answer)
	b.Frames(3)

	g.revoke(viewID, "the viewer", func() bool { return g.viewers.Viewers() == 0 })
	if status, said := g.ask(http.MethodPost, "/whep/ann", view, b.WholeOffer()); status != http.StatusUnauthorized || !strings.Contains(said, "bad_token") {
		t.Errorf("the viewer comes back: %d %s", status, said)
	}
	if g.rtc.Sessions() != 1 {
		t.Error("the driver went with the viewer")
	}
	g.revoke(driveID, "the session", func() bool { return g.rtc.Sessions() == 0 })
	if m := g.hear(ws); m.Code != string(rtc.CodeDenied) || !m.Fatal || !strings.Contains(m.Message, "token") {
		t.Errorf("the driver hears %+v", m)
	}
	if _, _, status := g.drive(drive, back); status != http.StatusUnauthorized {
		t.Errorf("the driver comes back: %d", status)
	}
	other, otherID := g.token(access.Token{Scope: access.ScopeDrive, Expires: time.Now().Add(time.Hour)})
	rtctest.Eventually(t, "new tokens are known", func() bool {
		status, _ := g.ask(http.MethodGet, "/api/config", other, "")
		return status == http.StatusOK
	})
	if _, m, _ := g.drive(other, back); m.Type != "welcome" || m.Resumed {
		t.Errorf("the session's secret outlived the token: %+v", m)
	}
	start := time.Now()
	if status, said := g.ask(http.MethodDelete, "/api/tokens/"+otherID, g.admin, ""); status != http.StatusNoContent {
		t.Errorf("revoking over HTTP: %d %s", status, said)
	}
	rtctest.Eventually(t, "the session is gone", func() bool { return g.rtc.Sessions() == 0 })
	if took := time.Since(start); took > time.Second { // Follow has no part in it
		t.Errorf("revoked over HTTP, the session is gone after %v", took)
	}
	for _, secret := range []string{drive, view, other, g.admin} {
		if strings.Contains(g.log.String(), secret) {
			t.Errorf("the log tells a token:\n%s", g.log.String())
		}
	}
}

// revoke ends a token as `gioconda token revoke` does, and waits for what follows.
func (g *guarded) revoke(id, what string, gone func() bool) {
	g.t.Helper()
	start := time.Now()
	if err := g.tokens.Revoke(id); err != nil {
		g.t.Fatal(err)
	}
	rtctest.Eventually(g.t, what+" is gone", gone)
	took := time.Since(start)
	g.t.Logf("%s is gone after %v", what, took.Round(time.Millisecond))
	if took > 2*time.Second {
		g.t.Errorf("%s is gone after %v", what, took)
	}
}
