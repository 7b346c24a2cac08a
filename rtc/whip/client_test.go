package whip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const someSDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"

// endpoint serves one handler, and makes the client of it.
func endpoint(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return clientOf(t, srv.URL+"/whip")
}

func clientOf(t *testing.T, text string) *Client {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{URL: u, Token: func() string { return "sesame" }}
}

func created(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/sdp")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, someSDP)
}

// TestWholeSession: what RFC 9725 asks of the requests, and what is read of the answers.
func TestWholeSession(t *testing.T) {
	var seen []string
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		seen = append(seen, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header.Get("Content-Type"), " ", r.Header.Get("Authorization"), " ", r.Header.Get("If-Match"), " ", string(b)))
		switch r.Method {
		case http.MethodPost:
			w.Header()["location"] = []string{"/whip/v1/PA_7?x=1"} // net/http writes it as it is
			w.Header().Set("ETag", "lXpB")
			w.Header().Add("Link", `<stun:stun.example.org:3478>; rel="ice-server"`)
			w.Header().Add("Link", `<turn:turn.example.org:3478%3Ftransport=udp>; rel=ice-server; username="a;b,\"c"; credential=x; credential-type="password"`)
			w.Header().Add("Link", `</style.css>; rel="stylesheet", <turn:incomplete.example.org>; rel="ice-server", nonsense, <stun:two.example.org>;rel="ICE-SERVER"`)
			created(w)
		case http.MethodPatch:
			w.WriteHeader(http.StatusNoContent)
		}
	})
	s, err := c.Publish(t.Context(), "the offer")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Trickle(t.Context(), "a fragment"), s.End(t.Context())); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"POST /whip application/sdp Bearer sesame  the offer",
		"PATCH /whip/v1/PA_7?x=1 application/trickle-ice-sdpfrag Bearer sesame lXpB a fragment",
		"DELETE /whip/v1/PA_7?x=1  Bearer sesame  ",
	} {
		if seen[i] != want {
			t.Errorf("%q, want %q", seen[i], want)
		}
	}
	if s.Answer != someSDP {
		t.Errorf("answer %q", s.Answer)
	}
	if got, want := fmt.Sprint(s.Servers), "[{[stun:stun.example.org:3478]  } {[turn:turn.example.org:3478?transport=udp] a;b,\"c x} {[stun:two.example.org]  }]"; got != want {
		t.Errorf("servers %s, want %s", got, want)
	}
}

// TestRefusals: each status has its sentence, and is tried again or not.
func TestRefusals(t *testing.T) {
	for status, want := range map[int]struct {
		says     string
		hopeless bool
	}{
		200: {"without a session description", true}, 204: {"no WHIP endpoint", true},
		301: {"forbids (301)", true}, 302: {"forbids (302)", true}, 303: {"forbids (303)", true},
		400: {"another codec", true}, 401: {"token (401)", true}, 403: {"right to publish", true}, 404: {"check the URL", true},
		405: {"no POST", true}, 406: {"another codec", true}, 408: {"(408)", false}, 409: {"another stream", false},
		410: {"(410)", true}, 413: {"(413)", true}, 415: {"another codec", true}, 418: {"(418)", true}, 422: {"another codec", true},
		425: {"(425)", false}, 429: {"fewer", false}, 500: {"fault of its own", false}, 502: {"(502)", false}, 503: {"not ready", false},
	} {
		c := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		_, err := c.Publish(t.Context(), "offer")
		e, ok := errors.AsType[*RefusedError](err)
		if !ok || e.Status != status || e.Hopeless != want.hopeless || !strings.Contains(e.Message, want.says) || !strings.HasSuffix(e.Message, ".") {
			t.Errorf("%d: %v, %+v", status, err, e)
		} else if e.RetryAfter != 7*time.Second {
			t.Errorf("%d: again after %v", status, e.RetryAfter)
		}
	}
}

// TestBadAnswers: HTML, text, too much, nonsense, silence, a closed door.
func TestBadAnswers(t *testing.T) {
	type badAnswer struct {
		kind, body, says string
		status           int
		hopeless         bool
	}
	for name, b := range map[string]badAnswer{
		"a page":           {"text/html; charset=utf-8", "<!DOCTYPE html><p>Welcome", "web page (HTML): it is no WHIP endpoint", 200, true},
		"a page as 201":    {"", "\n<HTML><p>Welcome", "web page (HTML): it is no WHIP endpoint", 201, true},
		"a login":          {"text/html", "<html>", "token (401)", 401, true},
		"a gateway":        {"text/html", "<html>", "with a web page (HTML)", 502, false},
		"a reason":         {"text/plain", "no such\x1b[31m room,\n sesame.", `it says "no such [31m room, …"`, 404, true},
		"a reason in JSON": {"application/json", `{"error":"codec"}`, `{"error":"codec"}`, 400, true},
		"too much":         {typeSDP, strings.Repeat("v=0\r\n", maxBody), "more than", 201, true},
	} {
		c := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", b.kind)
			w.WriteHeader(b.status)
			_, _ = io.WriteString(w, b.body)
		})
		_, err := c.Publish(t.Context(), "offer")
		if e, ok := errors.AsType[*RefusedError](err); !ok || e.Hopeless != b.hopeless || !strings.Contains(e.Message, b.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for location, want := range map[string]string{"http://[::bad": "session URL", "ftp://x/y": "session URL", "": ""} {
		c := endpoint(t, func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			created(w)
		})
		s, err := c.Publish(t.Context(), "offer")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("session at %q: %v", location, err)
		}
		if err == nil && (s.End(t.Context()) != nil || s.Trickle(t.Context(), "") == nil) {
			t.Error("a session without a URL is deleted or takes candidates")
		}
	}
}

// TestSecretsStayOut: an error of the network names no URL, which may hold a stream key.
func TestSecretsStayOut(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	c := clientOf(t, gone.URL+"/key-of-the-stream?secret=1")
	gone.Close()
	_, err := c.Publish(t.Context(), "offer")
	if err == nil || strings.Contains(err.Error(), "key-of-the-stream") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	if _, refused := errors.AsType[*RefusedError](err); refused {
		t.Error("a closed door is a refusal")
	}
	hang := make(chan struct{})
	c = endpoint(t, func(http.ResponseWriter, *http.Request) { <-hang })
	t.Cleanup(func() { close(hang) })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err = c.Publish(ctx, "offer"); err == nil || !strings.Contains(err.Error(), "in time") || strings.Contains(err.Error(), "/whip") {
		t.Error(err)
	}
}

// TestEnd: a session that is gone is no error, one that hangs costs two seconds, and a request that was ended is no excuse.
func TestEnd(t *testing.T) {
	status := http.StatusOK
	hang := make(chan struct{})
	c := endpoint(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Location", "/whip/1")
			created(w)
			return
		}
		if status == 0 {
			<-hang
			return
		}
		w.WriteHeader(status)
	})
	t.Cleanup(func() { close(hang) })
	s, err := c.Publish(t.Context(), "offer")
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for n, wrong := range map[int]bool{200: false, 204: false, 404: false, 410: false, 401: true, 500: true} {
		status = n
		if err := s.End(ended); (err != nil) != wrong {
			t.Errorf("%d: %v", n, err)
		}
	}
	status = 0
	begin := time.Now()
	if err := s.End(t.Context()); err == nil || time.Since(begin) > 2*endWithin {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "5": 5 * time.Second, " 5 ": 5 * time.Second, "-1": 0, "99999999999": maxRetryAfter, "soon": 0,
		"Thu, 01 Jan 2026 00:01:00 GMT": time.Minute, "Wed, 31 Dec 2025 00:00:00 GMT": 0, "Fri, 01 Jan 2027 00:00:00 GMT": maxRetryAfter,
	} {
		if d := retryAfter(text, now); d != want {
			t.Errorf("%q: %v, want %v", text, d, want)
		}
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<stun:a>; rel="ice-server", <turn:b?transport=udp>; rel=ice-server; username="u\"; credential="`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range iceServers([]string{text}) {
			if !usable(&s) {
				t.Errorf("%+v cannot be used", s)
			}
		}
	})
}
