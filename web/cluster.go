package web

import (
	"net/http"
	"strings"

	"github.com/gioconda-live/gioconda/web/access"
)

// Cluster are other servers, whose sessions this one's visitors may ask for.
type Cluster interface {
	// Holder says where the session of a name lives, where that is not here; the request's context holds what it may do.
	Holder(r *http.Request, session string) (*Redirect, bool)
	// Ours tells whether an origin is that of their pages.
	Ours(origin string) bool
	// ServeHTTP answers other servers, below clusterPath, and asks who they are.
	http.Handler
}

// Redirect is where a request is sent on to.
type Redirect struct{ Origin, Ticket string }

const clusterPath = "/cluster/"

// elsewhere sends requests for a session on to where it lives. One that was sent here by another server stays.
func (s *Server) elsewhere(next http.Handler) http.Handler {
	if s.Cluster == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := sessionOf(r)
		if name == "" || r.Method == http.MethodOptions || access.TicketOf(r) != "" {
			next.ServeHTTP(w, r)
			return
		}
		to, found := s.Cluster.Holder(r, name)
		if !found {
			next.ServeHTTP(w, r)
			return
		}
		q := r.URL.Query()
		q.Set(access.TicketParam, to.Ticket)
		q.Del("token")
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cache-Control", "no-store")
		h.Set("Location", to.Origin+r.URL.EscapedPath()+"?"+q.Encode())
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
}

// sessionOf is the session that a request is about, where only the server that has it can answer; "" if there is none.
func sessionOf(r *http.Request) string {
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(part) > 1 && part[0] == "whep":
		return part[1]
	case len(part) > 3 && part[0] == "api" && part[1] == "sessions":
		return part[2]
	case len(part) == 2 && part[0] == "api" && part[1] == "backdrops":
		return r.URL.Query().Get("session")
	}
	return ""
}

// fromOurs lets pages of the other servers read the answer, and answers their preflights; it tells whether it has.
func (s *Server) fromOurs(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if s.Cluster == nil || origin == "" || !strings.HasPrefix(r.URL.Path, "/api/") || !s.Cluster.Ours(origin) && !s.Access.Vouched(r) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Vary", "Origin")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
