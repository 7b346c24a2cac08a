package web

import (
	"net/http"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/web/gate"
)

// safe keeps a fault of the program in the request where it happens.
func (s *Server) safe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer wall.Catch("http", func(f *wall.FaultError) {
			if f.Value == http.ErrAbortHandler { //nolint:errorlint // it is panicked with as it is
				panic(f.Value)
			}
			s.Log.Error("a request is broken", "path", r.URL.Path, "error", f, "stack", f.Stack)
			if s.Faulted != nil {
				s.Faulted(f)
			}
			fail(w, http.StatusInternalServerError, "internal", "Something went wrong here; the server's log says what.")
		})
		next.ServeHTTP(w, r)
	})
}

// rated refuses an address that asks more often than rates allow.
func (s *Server) rated(rates *gate.Rates, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rates.Allow(r) {
			w.Header().Set("Retry-After", "1")
			fail(w, http.StatusTooManyRequests, "too_fast", "Too many requests come from this address; wait a second.")
			return
		}
		next.ServeHTTP(w, r)
	})
}
