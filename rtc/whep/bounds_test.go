package whep

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestBounds: how many may watch, from where, and how fast they may come.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *Config, o *Options) { c.MaxViewers, o.PerAddress = 3, 2 })
		offer := s.player(t).WholeOffer()
		come := func(from string) (int, string) {
			r, w := newPost(offer), newRecorder()
			r.RemoteAddr = from
			s.ServeHTTP(w, r)
			return w.Code, w.Header().Get("Retry-After")
		}
		for i, c := range []struct {
			from   string
			status int
			retry  string
		}{
			{"10.0.0.3:1", 201, ""},
			{"10.0.0.3:2", 201, ""},
			{"10.0.0.3:3", 429, "10"},
			{"[fd00::1]:4", 201, ""},
			{"10.0.0.4:5", 503, "10"},
		} {
			if status, retry := come(c.from); status != c.status || retry != c.retry {
				t.Errorf("%d: %d after %q s, want %d", i, status, retry, c.status)
			}
		}
		for range offerBurst {
			come("10.0.0.3:3")
		}
		if status, retry := come("10.0.0.5:1"); status != 429 || retry != "2" {
			t.Errorf("a flood: %d after %q s", status, retry)
		}
		time.Sleep(connectWithin + time.Second) // nobody has connected
		if status, _ := come("10.0.0.3:3"); status != 201 {
			t.Errorf("places are not free again: %d", status)
		}
	})
}

// TestAFullSession says so before a player is let in: by number, whatever other sessions have, or because it cannot make this
// form of its picture too.
func TestAFullSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *Config, _ *Options) { c.MaxViewers = 1000 })
		bob := &portrait{t: t, done: make(chan struct{})}
		s.stage.live["bob"] = bob
		offer := s.player(t).WholeOffer()
		come := func(session string) *httptest.ResponseRecorder {
			return s.ask(http.MethodPost, "/whep/"+session, offer, "Content-Type", typeSDP)
		}
		for n := range MaxPerSession {
			if w := come("ann"); w.Code != http.StatusCreated {
				t.Fatalf("player %d: %d %s", n+1, w.Code, w.Body)
			}
		}
		bob.full.Store(true)
		for session, says := range map[string]string{"ann": "when somebody has left", "bob": "As many watch as can."} {
			w := come(session)
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != retryFull || !strings.Contains(w.Body.String(), says) {
				t.Errorf("%s: %d after %q s: %s", session, w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		}
		bob.full.Store(false)
		if w := come("bob"); w.Code != http.StatusCreated {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
