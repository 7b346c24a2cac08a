package web

import (
	"errors"
	"net/http"

	"github.com/gioconda-live/gioconda/web/access"
)

// guard asks who may do what, and sets the headers that every answer carries.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		// Threads in WebAssembly need an isolated page.
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; "+
			"worker-src 'self' blob:; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "+
			"connect-src 'self' ws: wss: blob: data:; frame-ancestors 'self'")
		if _, err := s.Access.Authorise(r, actionOf(r)); err != nil {
			s.Log.Info("refused", "remote", r.RemoteAddr, "path", r.URL.Path, "origin", r.Header.Get("Origin"), "host", r.Host, "error", err)
			if d, ok := errors.AsType[*access.DeniedError](err); ok {
				fail(w, d.Status, d.Code, d.Message)
			} else {
				s.failWith(w, err)
			}
			return
		}
		next.ServeHTTP(w, r)
	})
}

// actionOf says what a request wants to do.
func actionOf(r *http.Request) access.Action {
	switch {
	case r.URL.Path == "/ws":
		return access.Drive
	case r.Method == http.MethodDelete:
		return access.Delete
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return access.Upload
	}
	return access.Look
}
