package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/cluster"
	"github.com/gioconda-live/gioconda/cmd/internal/cluster/embedded"
	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/cmd/internal/personas"
	"github.com/gioconda-live/gioconda/cmd/internal/testenv"
	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/caller"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/web/access"
)

const clusterSecret = "a secret that all of them share"

// clusterNode is a server among others that asks everybody for a token.
type clusterNode struct {
	*Server
	t   *testing.T
	url string
	log lockedBuffer
}

func serveNode(t *testing.T, networks *face.Networks, bus string, places int) *clusterNode {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := testenv.Config(t)
	cfg.Gallery.Dir, cfg.Gallery.Paintings = t.TempDir(), false
	cfg.Pipeline.Size, cfg.Pipeline.MaxSessions = 256, places
	cfg.Web.Listen, cfg.Web.BehindProxy = l.Addr().String(), true
	cfg.Cluster.URL, cfg.Cluster.Secret, cfg.Cluster.Address = bus, clusterSecret, "http://"+l.Addr().String()
	n := &clusterNode{t: t, url: "http://" + l.Addr().String()}
	log := slog.New(slog.NewTextHandler(&n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	maker := personas.NewMaker(networks, filepath.Join(filepath.Dir(cfg.Models.Dir), "builtin"))
	testenv.CloseAfter(t, maker)
	if n.Server, err = Open(t.Context(), &Options{
		Config: &cfg, Networks: networks, Maker: maker, Log: log,
		Engine: &engine.Options{Use: engine.MeshOnly, Device: "cpu", Pipeline: cfg.Pipeline, Mesh: mesh.Options{Size: 256}, Log: log},
	}); err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, n.Server)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return n
}

// token makes one here.
func (n *clusterNode) token(scope access.Scope) (secret, id string) {
	n.t.Helper()
	secret, made, err := n.tokens.Create(access.Token{Scope: scope})
	if err != nil {
		n.t.Fatal(err)
	}
	return secret, made.ID
}

// answered is what came of a request, and from where.
type answered struct {
	status int
	header http.Header
	from   *url.URL
}

// ask sends a request and goes where it is sent; the token is for this node alone, as most clients have it.
func (n *clusterNode) ask(method, path, token string, body []byte) (answered, string) {
	n.t.Helper()
	r, err := http.NewRequestWithContext(n.t.Context(), method, n.url+path, bytes.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/sdp")
	r.Header.Set("Authorization", "Bearer "+token)
	c := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		r.Header.Del("Authorization")
		return nil
	}}
	w, err := c.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	b, err := io.ReadAll(w.Body)
	if err != nil || w.Body.Close() != nil {
		n.t.Fatal(err)
	}
	return answered{w.StatusCode, w.Header, w.Request.URL}, string(b)
}

func (n *clusterNode) dial(o caller.Options) (*caller.Caller, error) {
	o.Server = n.url
	ctx, cancel := context.WithTimeout(n.t.Context(), 20*time.Second)
	defer cancel()
	return caller.Dial(ctx, &o)
}

// TestTwoNodes: a visitor of one server is sent to the other, and finds there what it had: its token, the portrait that only the first
// one has, and all that is asked for its session at the first one.
func TestTwoNodes(t *testing.T) {
	bus, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", Password: cluster.Password(clusterSecret), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, bus)
	networks := testenv.Networks(t)
	a, b := serveNode(t, networks, bus.URL(), 1), serveNode(t, networks, bus.URL(), 4)
	drive, driveID := a.token(access.ScopeDrive)
	admin, _ := a.token(access.ScopeAdmin)
	view, _ := b.token(access.ScopeView)
	rtctest.Eventually(t, "they know each other and all tokens", func() bool {
		return len(a.others.Peers()) == 1 && len(b.others.Peers()) == 1 && len(a.tokens.List()) == 3 && len(b.tokens.List()) == 3
	})
	lisa, err := a.host.persona("mona-lisa")
	if err != nil {
		t.Fatal(err)
	}
	mine := *lisa
	mine.Manifest.ID, mine.Manifest.Name = "ann", "Ann"
	mine.Others = []persona.View{lisa.View}
	mine.Others[0].Full = nil
	if _, err = a.host.store.Add(&mine); err != nil {
		t.Fatal(err)
	}

	c, err := a.dial(caller.Options{Token: drive, Name: "visitor", Persona: "ann"})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, a.log.String(), b.log.String())
	}
	defer func() { _ = c.Close() }()
	if c.At().Node != b.others.ID() || c.Name() != "visitor" || b.rtc.Sessions() != 1 {
		t.Fatalf("it is at %+v, called %s", c.At(), c.Name())
	}
	s, _ := b.host.Find("visitor")
	if got := s.shown.persona.Manifest; got.Name != "Ann" || got.ID == "ann" || s.Info().Persona != "ann" {
		t.Errorf("it shows %+v", got)
	}
	if got := len(s.shown.persona.Others); got != 1 {
		t.Errorf("%d further views have come along", got)
	}
	rtctest.Eventually(t, "the first one knows where it is", func() bool { _, ok := a.others.Node.Holder("visitor"); return ok })
	watchElsewhere(t, a, view)
	for _, path := range []string{"/", "/view/visitor"} { // pages that go on at other nodes
		if w, _ := a.ask(http.MethodGet, path, admin, nil); w.status != http.StatusOK || !strings.Contains(w.header.Get("Content-Security-Policy"), "connect-src 'self' ") {
			t.Errorf("%s may not reach another node: %s", path, w.header.Get("Content-Security-Policy"))
		}
	}
	if w, text := a.ask(http.MethodGet, "/api/sessions/visitor/exits", admin, nil); w.status != http.StatusOK || !strings.Contains(w.from.String(), b.url) {
		t.Errorf("its exits: %d from %s: %s", w.status, w.from, text)
	}
	var picture bytes.Buffer
	canvas := image.NewGray(image.Rect(0, 0, 64, 64))
	canvas.SetGray(3, 3, color.Gray{Y: 200})
	if err = png.Encode(&picture, canvas); err != nil {
		t.Fatal(err)
	}
	if w, text := a.ask(http.MethodPost, "/api/backdrops?session=visitor", drive, picture.Bytes()); w.status != http.StatusOK || !strings.Contains(w.from.String(), b.url) {
		t.Errorf("its backdrop: %d from %s: %s", w.status, w.from, text)
	}
	preflights(t, a, b)
	hostileFetches(t, a)

	// A name that somebody has at another node is taken.
	var no *rtc.Error
	if _, err = a.dial(caller.Options{Token: drive, Name: "visitor"}); !errors.As(err, &no) || no.Code != rtc.CodeNameTaken {
		t.Errorf("another one of that name: %v", err)
	}
	// Revoked at the one that does not keep it, it ends everywhere, in the file too.
	if err = b.tokens.Revoke(driveID); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Done():
	case <-time.After(10 * time.Second):
		t.Error("a session outlives its token at another node")
	}
	rtctest.Eventually(t, "the file loses it", func() bool { return len(a.tokens.Kept()) == 1 && len(b.tokens.List()) == 2 })
	if _, err = a.dial(caller.Options{Token: drive}); err == nil {
		t.Error("a revoked token is good")
	}
}

// watchElsewhere watches a session of another node from this one, as a player does that follows redirects.
func watchElsewhere(t *testing.T, n *clusterNode, token string) {
	t.Helper()
	player := rtctest.NewBrowser(t, nil, false, true)
	w, answer := n.ask(http.MethodPost, "/whep/visitor?alpha=0", token, []byte(player.WholeOffer()))
	if w.status != http.StatusCreated || strings.HasPrefix(w.from.String(), n.url) || w.from.Query().Get("alpha") != "0" {
		t.Fatalf("a player gets %d from %s: %s", w.status, w.from, answer)
	}
	player.Answer(answer)
	player.Frames(5)
	at, err := w.from.Parse(w.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{at.Path + "?ticket=x.y": http.StatusUnauthorized, at.RequestURI(): http.StatusOK} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, (&url.URL{Scheme: at.Scheme, Host: at.Host}).String()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		left, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = left.Body.Close()
		if left.StatusCode != want && want == http.StatusOK {
			t.Errorf("leaving: %d", left.StatusCode)
		}
		if want != http.StatusOK && left.StatusCode == http.StatusOK {
			t.Errorf("leaving without a ticket: %d", left.StatusCode)
			return
		}
	}
}

// preflights: pages of one node may ask the other, and no others.
func preflights(t *testing.T, a, b *clusterNode) {
	t.Helper()
	for origin, want := range map[string]string{a.url: a.url, "http://evil.example": ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, b.url+"/api/backdrops?session=visitor", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		if got := w.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("pages of %s are answered for %q: %d", origin, got, w.StatusCode)
		}
	}
}

// hostileFetches: what nodes give each other they give nobody else.
func hostileFetches(t *testing.T, a *clusterNode) {
	t.Helper()
	own, ok := a.host.shared.Find("ann", "")
	if !ok {
		t.Fatal("the gallery does not find its own")
	}
	for _, path := range []string{own.Hash, strings.Repeat("0", 64), "..%2f..%2fetc", ""} {
		for _, token := range []string{"", "x", "x.y", strings.Repeat("x", 5000)} {
			if w, _ := a.ask(http.MethodGet, cluster.PersonasPath+path, token, nil); w.status != http.StatusUnauthorized && w.status != http.StatusNotFound {
				t.Errorf("%s with %.10q: %d", path, token, w.status)
			}
		}
	}
}

// TestFullEverywhere: where no node has room it says so, and when to come back.
func TestFullEverywhere(t *testing.T) {
	testenv.Full(t)
	bus, err := embedded.Start(embedded.Options{Listen: "127.0.0.1:0", Password: cluster.Password(clusterSecret), Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	testenv.CloseAfter(t, bus)
	networks := testenv.Networks(t)
	a, b := serveNode(t, networks, bus.URL(), 1), serveNode(t, networks, bus.URL(), 1)
	drive, _ := a.token(access.ScopeDrive)
	rtctest.Eventually(t, "they know each other and the token", func() bool { return len(a.others.Peers()) == 1 && len(b.tokens.List()) == 1 })
	at := map[string]int{}
	for i := range 2 {
		c, err := a.dial(caller.Options{Token: drive, Name: fmt.Sprintf("v%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Bye() }()
		at[c.At().Node]++
	}
	if len(at) != 2 {
		t.Errorf("they are at %v", at)
	}
	var no *rtc.Error
	if _, err := a.dial(caller.Options{Token: drive}); !errors.As(err, &no) || no.Code != rtc.CodeFull {
		t.Errorf("a third one: %v", err)
	}
	if w, _ := a.ask(http.MethodGet, "/readyz", "", nil); w.status != http.StatusServiceUnavailable || w.header.Get("Retry-After") == "" {
		t.Errorf("/readyz: %d, %v", w.status, w.header)
	}
}

// TestAloneWithoutNATS: a server whose NATS is not there serves alone, and says so; one that stops does not wait for visitors who
// have nowhere to go.
func TestAloneWithoutNATS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nowhere := "nats://" + l.Addr().String()
	_ = l.Close()
	a := serveNode(t, testenv.Networks(t), nowhere, 2)
	drive, _ := a.token(access.ScopeDrive)
	c, err := a.dial(caller.Options{Token: drive, Name: "ann", Persona: "mona-lisa"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := a.dial(caller.Options{Token: drive, Persona: "nobody"}); err == nil {
		t.Error("an unknown persona is shown")
	}
	rtctest.Eventually(t, "it says so", func() bool { return strings.Contains(a.log.String(), "serves alone") })
	if s := a.state(); s.Cluster == nil || s.Cluster.Up || s.Cluster.Nodes != 1 {
		t.Errorf("%+v", s.Cluster)
	}
	before := time.Now()
	a.leave(t.Context())
	if took := time.Since(before); took > time.Second {
		t.Errorf("it waits %v for nobody", took)
	}
}
