package whip

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// TestRedirects: 307 and 308 are followed with method, body and bearer, five times and no more.
func TestRedirects(t *testing.T) {
	hops := 0
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || string(b) != "offer" || r.Header.Get("Authorization") != "Bearer sesame" {
			t.Errorf("%s %q %s", r.Method, b, r.Header.Get("Authorization"))
		}
		if hops--; hops < 0 {
			w.Header().Set("Location", "session/1")
			created(w)
			return
		}
		w.Header().Set("Location", "/node/ingest")
		w.WriteHeader([]int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect}[hops%2])
	})
	for n, ok := range map[int]bool{1: true, 2: true, maxRedirects: true, maxRedirects + 1: false, 1000: false} {
		hops = n
		s, err := c.Publish(t.Context(), "offer")
		if (err == nil) != ok {
			t.Errorf("%d redirects: %v", n, err)
		}
		if err == nil && s.at.Path != "/node/session/1" {
			t.Errorf("the session is at %s: not from where the answer came", s.at)
		}
		if e, refused := errors.AsType[*RefusedError](err); err != nil && (!refused || !e.Hopeless || !strings.Contains(e.Message, "circles")) {
			t.Errorf("%d redirects: %v", n, err)
		}
	}
}

// TestRedirectsToNowhere are refused with a sentence.
func TestRedirectsToNowhere(t *testing.T) {
	for _, location := range []string{"", "ftp://x/", "http://", "http://[::bad"} {
		c := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		if _, err := c.Publish(t.Context(), "offer"); err == nil || !strings.Contains(err.Error(), "redirects to nowhere") {
			t.Errorf("%q: %v", location, err)
		}
	}
}

// TestMayHear: where a bearer may go.
func TestMayHear(t *testing.T) {
	for pair, want := range map[string]bool{
		"http://a/ http://a/x": true, "http://a:1/ http://A:2/": true, "http://a/ https://a/": true, "https://a/ https://a:444/": true,
		"https://a/ https://b/": true, "http://a/ http://b/": false, "http://a/ https://b/": false, "https://a/ http://a/": false,
	} {
		from, to, _ := strings.Cut(pair, " ")
		f, err1 := url.Parse(from)
		g, err2 := url.Parse(to)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if mayHear(f, g) != want {
			t.Errorf("%s: want %v", pair, want)
		}
	}
}

// TestBearerStays: another host behind plain http gets the offer, and no token; and nothing goes from https to http.
func TestBearerStays(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := r.Header.Get("Authorization"); h != "" {
			t.Errorf("%s heard %s", r.Host, h)
		}
		w.Header().Set("Location", "/s")
		created(w)
	}))
	defer other.Close()
	away := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	c := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", away)
		w.WriteHeader(http.StatusPermanentRedirect)
	})
	s, err := c.Publish(t.Context(), "offer")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context()); err != nil {
		t.Error(err)
	}
	safe := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	defer safe.Close()
	c = clientOf(t, safe.URL)
	c.Transport = safe.Client().Transport
	if _, err := c.Publish(t.Context(), "offer"); err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Error(err)
	}
}
