package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

// TestOnlyFilesOfThePage: folders are not listed and hidden files not shown.
func TestOnlyFilesOfThePage(t *testing.T) {
	s, _ := newServer(t)
	s.Client = fstest.MapFS{
		"index.html": {Data: []byte("page")}, ".keep": {}, "assets/main.js": {Data: []byte("js")}, "assets/.map": {}, "icon.svg": {Data: []byte("svg")},
	}
	h := s.Handler()
	for path, want := range map[string]int{
		"/": 200, "/assets/main.js": 200, "/icon.svg": 200,
		"/.keep": 404, "/assets/": 404, "/assets": 404, "/assets/.map": 404, "/%ff%fe": 404, "/nothing": 404, "/assets/../.keep": 307,
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:8080"+path, nil)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" && want != 307 {
			t.Errorf("%s has no headers", path)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "http://evil.example:8080/", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusMisdirectedRequest || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%d, headers %v", w.Code, w.Header())
	}
}
