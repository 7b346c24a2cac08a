package web

import (
	"net/http"

	"github.com/gioconda-live/gioconda/rtc"
)

// viewPolicy lets the view page do what it needs and nothing else. It has nothing to click on, so any page may frame it.
const viewPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; media-src 'self' blob:; " +
	"img-src data:; base-uri 'none'; form-action 'none'; connect-src 'self'"

// view serves the page that shows nothing but the picture of a session, whether it lives now or not.
func (s *Server) view(w http.ResponseWriter, r *http.Request) {
	if !rtc.ValidName(r.PathValue("session")) {
		fail(w, http.StatusNotFound, "bad_name", "No session is called so: names have 1 to 64 of the letters a to z, digits and hyphens.")
		return
	}
	if s.unbuilt(w, "view.html") {
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", viewPolicy+s.otherServers()+"; frame-ancestors *")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, s.Client, "view.html")
}
