package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/web/gate"
)

// counted is a gallery that counts how often it draws a portrait.
type counted struct {
	fakePersonas
	drawn atomic.Int32
}

func (c *counted) Portrait(string, int) ([]byte, error) {
	c.drawn.Add(1)
	return make([]byte, 1<<20), nil
}

// TestPortraitsAreDrawnOnce asks for the same portrait at once and again: it is drawn once, and not sent to who has it.
func TestPortraitsAreDrawnOnce(t *testing.T) {
	s, _ := newServer(t)
	gallery := &counted{}
	s.Personas = gallery
	h := s.Handler()
	ask := func(edge int, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8080/api/personas/ann/portrait.jpg?edge="+strconv.Itoa(edge), nil)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if w := ask(256, ""); w.Code != http.StatusOK || w.Body.Len() != 1<<20 {
				t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
			}
		})
	}
	all.Wait()
	if n := gallery.drawn.Load(); n != 1 {
		t.Errorf("drawn %d times for 16 who asked at once", n)
	}
	tag := ask(256, "").Header().Get("ETag")
	if w := ask(256, tag); tag == "" || w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("tag %q: %d, %d bytes; want 304 and none", tag, w.Code, w.Body.Len())
	}
	if w := ask(257, tag); w.Code != http.StatusOK {
		t.Errorf("another size for the same tag: %d", w.Code)
	}
	for edge := 300; edge < 340; edge++ {
		ask(edge, "")
	}
	if s.portraits.bytes > maxPortraits || len(s.portraits.kept) != len(s.portraits.order) {
		t.Errorf("%d bytes of portraits are kept, %d names, %d in order", s.portraits.bytes, len(s.portraits.kept), len(s.portraits.order))
	}
	if ask(339, ""); gallery.drawn.Load() != 42 {
		t.Errorf("drawn %d times, want 42", gallery.drawn.Load())
	}
}

// full is a body that must not be read.
type full struct{ t *testing.T }

func (f full) Read([]byte) (int, error) {
	f.t.Error("the body was read")
	return 0, io.EOF
}

// TestGateBeforeBody refuses before it reads.
func TestGateBeforeBody(t *testing.T) {
	s, _ := newServer(t)
	h := s.Handler()
	var taken []*gate.Place
	for range ownUploads {
		place, err := s.uploads.Enter(httptest.NewRequest(http.MethodPost, "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, place)
	}
	for _, path := range []string{"/api/personas?attest=true&name=a", "/api/backdrops"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://localhost:8080"+path, full{t}))
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d, Retry-After %q", path, w.Code, w.Header().Get("Retry-After"))
		}
	}
	for _, place := range taken {
		place.Leave()
	}
	s.Config.MaxPersonas = 1 // and one there is
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://localhost:8080/api/personas?attest=true&name=a", full{t}))
	if w.Code != http.StatusInsufficientStorage {
		t.Errorf("a full gallery: %d", w.Code)
	}
}

// TestAFaultEndsOneRequest breaks a handler while it works on an upload: the client is told, the fault is counted, and the worker
// and the place come back.
func TestAFaultEndsOneRequest(t *testing.T) {
	s, _ := newServer(t)
	var faults atomic.Int32
	s.Faulted = func(*wall.FaultError) { faults.Add(1) }
	s.Backdrops = brokenBackdrops{}
	h := s.Handler()
	for range 2 * ownUploads {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://localhost:8080/api/backdrops", strings.NewReader("x")))
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%d", w.Code)
		}
	}
	if faults.Load() != 2*ownUploads || s.uploads.Held() != 0 {
		t.Errorf("%d faults, %d bytes held", faults.Load(), s.uploads.Held())
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://localhost:8080/api/personas?attest=true&name=a", strings.NewReader("img")))
	if w.Code != http.StatusOK {
		t.Errorf("another upload: %d", w.Code)
	}
}

type brokenBackdrops struct{}

func (brokenBackdrops) Add(context.Context, []byte) (string, error) { panic("a fault") }

// TestRequestsOfAnAddressAreBounded asks more often than a page does: after a burst it is told to wait, another address is not.
func TestRequestsOfAnAddressAreBounded(t *testing.T) {
	s, _ := newServer(t)
	h := s.Handler()
	codes := map[int]int{}
	ask := func(from string) int {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8080/healthz", nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for range 3 * askBurst {
		codes[ask("192.0.2.1:1")]++
	}
	if codes[http.StatusTooManyRequests] < askBurst {
		t.Errorf("%v", codes)
	}
	if code := ask("192.0.2.2:1"); code == http.StatusTooManyRequests {
		t.Error("another address has to wait, too")
	}
}
