package live

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/configs"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
	"github.com/gioconda-live/gioconda/rtc/signalling"
	"github.com/gioconda-live/gioconda/web"
)

// TestExitsOverHTTP: a session is pushed by its name, to who asks and to where it is configured, and no longer than it lasts.
func TestExitsOverHTTP(t *testing.T) {
	d := openServer(t, engine.MeshOnly)
	ingest := newIngest(t)
	handler := d.web.Handler()
	ask := func(method, target, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	want := `{"url":"` + ingest.url + `/live?key=secret","token":"sesame","codec":"vp8"}`
	if w := ask(http.MethodPost, "/api/sessions/ann/exits", want); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "unknown_session") {
		t.Errorf("before the session: %d %s", w.Code, w.Body)
	}
	s, err := d.host.Open(t.Context(), signalling.OpenOptions{Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(http.MethodPost, "/api/sessions/ann/exits", want)
	if w.Code != http.StatusCreated || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "sesame") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	receiver := rtctest.Expect(t, ingest.came)
	if pictures, _ := receiver.Frames(10); pictures[9].Width != 256 {
		t.Errorf("a picture of %d", pictures[9].Width)
	}
	rtctest.Eventually(t, "the exit is live", func() bool {
		var answer struct{ Exits []web.ExitInfo }
		if err := json.Unmarshal(ask(http.MethodGet, "/api/sessions/ann/exits", "").Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return len(answer.Exits) == 1 && answer.Exits[0].State == "live"
	})
	begin := time.Now()
	s.Close()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the session's end took %v", took)
	}
	rtctest.Expect(t, ingest.deleted)
	if w := ask(http.MethodGet, "/api/sessions/ann/exits", ""); w.Code != http.StatusNotFound {
		t.Errorf("after the session: %d", w.Code)
	}
}

// TestConfiguredExits are opened with each session of their name.
func TestConfiguredExits(t *testing.T) {
	ingest := newIngest(t)
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openServer(t, engine.MeshOnly)
	d.host.exits.Close()
	d.o.Config.Exits = []configs.Exit{{Session: "ann", URL: ingest.url, TokenFile: secret, Codec: "vp8"}}
	if err := d.openExits(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := d.host.Open(t.Context(), signalling.OpenOptions{Name: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		rtctest.Expect(t, ingest.came).Frames(3)
		if token := rtctest.Expect(t, ingest.tokens); token != "Bearer sesame" {
			t.Errorf("it says %q", token)
		}
		s.Close()
		rtctest.Expect(t, ingest.deleted)
	}
	d.o.Config.Exits[0].TokenFile = "/nowhere"
	if err := d.openExits(); err == nil || !strings.Contains(err.Error(), "exits[0]: token_file") {
		t.Error(err)
	}
}

// ingest is a WHIP endpoint on this machine.
type ingest struct {
	url     string
	came    chan *rtctest.Browser
	tokens  chan string
	deleted chan struct{}
}

func newIngest(t *testing.T) *ingest {
	t.Helper()
	in := &ingest{came: make(chan *rtctest.Browser, 4), tokens: make(chan string, 4), deleted: make(chan struct{}, 4)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			in.deleted <- struct{}{}
			return
		}
		offer, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		b := rtctest.NewIngest(t, nil)
		answer, err := b.WholeAnswer(string(offer))
		if err != nil {
			t.Error(err)
		}
		in.tokens <- r.Header.Get("Authorization")
		w.Header().Set("Location", "/session")
		w.Header().Set("Content-Type", "application/sdp")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, answer)
		in.came <- b
	}))
	t.Cleanup(srv.Close)
	in.url = srv.URL
	return in
}
