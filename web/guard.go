package web

import (
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/gioconda-live/gioconda/web/access"
)

// guard asks who may do what, and sets the headers that every answer carries.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.setHeaders(w.Header())
		if s.Cluster != nil && strings.HasPrefix(r.URL.Path, clusterPath) {
			s.Cluster.ServeHTTP(w, r)
			return
		}
		if s.fromOurs(w, r) {
			return
		}
		want := requestOf(r)
		secret := r.URL.Query().Get("token")
		if secret != "" && want.Action == access.Open && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			s.exchange(w, r, secret)
			return
		}
		grant, err := s.Access.Authorise(r, want)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(grant.In(r.Context())))
	})
}

func (s *Server) setHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	// Threads in WebAssembly need an isolated page.
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "geolocation=(), payment=(), usb=()")
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; script-src 'self' 'wasm-unsafe-eval'; "+
		"worker-src 'self' blob:; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "+
		"connect-src 'self' ws: wss: blob: data:"+s.otherServers()+"; frame-ancestors 'self'")
}

// otherServers is what a policy's connect-src names so that a page can go on at other servers; websockets lead anywhere as it is.
func (s *Server) otherServers() string {
	if s.Cluster == nil {
		return ""
	}
	return " http: https:"
}

// refuse answers what the policy does not allow. The query, which may hold a token, is not logged.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Info("refused", "remote", r.RemoteAddr, "path", r.URL.Path, "origin", r.Header.Get("Origin"), "host", r.Host, "error", err)
	d, ok := errors.AsType[*access.DeniedError](err)
	if !ok {
		s.failWith(w, err)
		return
	}
	if d.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	fail(w, d.Status, d.Code, d.Message)
}

// exchange answers a link with ?token= by a cookie and the same link without it. The page itself goes on from here: browsers
// keep a strict cookie from a redirect that another site's link began.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request, secret string) {
	cookie, err := s.Access.Exchange(secret, s.secure(r))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	q := r.URL.Query()
	q.Del("token")
	to := "/" + strings.TrimLeft(r.URL.EscapedPath(), "/") // one slash: two would lead to another host
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = template.Must(template.New("").Parse(onward)).Execute(w, to) // the client may have gone
}

const onward = `<!doctype html><meta http-equiv="refresh" content="0;url={{.}}"><title>Gioconda</title><a href="{{.}}">Go on</a>
`

// secure tells whether the browser came over TLS, to us or to the proxy before us.
func (s *Server) secure(r *http.Request) bool {
	return r.TLS != nil || s.Access.Proxied && r.Header.Get("X-Forwarded-Proto") == "https"
}

// requestOf says what a request wants to do. What no line names wants to be admin.
func requestOf(r *http.Request) access.Request {
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	at := func(i int) string {
		if i < len(part) {
			return part[i]
		}
		return ""
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case r.Method == http.MethodOptions: // asks what may be asked
		return access.Request{Action: access.Open}
	case at(0) == "ws":
		return access.Request{Action: access.Drive}
	case at(0) == "whep":
		return access.Request{Action: access.Watch, Session: at(1)}
	case at(0) == "api":
		return apiRequest(r.Method, reads, at)
	case reads:
		return access.Request{Action: access.Open}
	}
	return access.Request{Action: access.Admin}
}

// apiRequest is requestOf below /api.
func apiRequest(method string, reads bool, at func(int) string) access.Request {
	switch what := at(1); {
	case what == "tokens":
	case what == "sessions" && at(3) == "exits":
		return access.Request{Action: access.Push, Session: at(2)}
	case what == "personas" && reads:
		return access.Request{Action: access.Look, Persona: at(2)}
	case (what == "personas" || what == "backdrops" || what == "faces") && method == http.MethodPost:
		return access.Request{Action: access.Upload}
	case (what == "config" || what == "performances") && reads:
		return access.Request{Action: access.Look}
	}
	return access.Request{Action: access.Admin}
}
