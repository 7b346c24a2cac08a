// Package web serves the browser client and the HTTP interface that API.md describes.
package web

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// PersonaInfo is what a client may know of a persona.
type PersonaInfo struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Credit   string    `json:"credit,omitempty"`
	Builtin  bool      `json:"builtin"`
	Warnings []Warning `json:"warnings"`
}

// Warning is something about a persona in plain words.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Upload is a picture on its way to become a persona.
type Upload struct {
	Name     string
	Attested bool
	Picture  []byte
}

// Personas is the persona store as the handlers need it. Errors that a client should understand carry Code() string;
// others are a fault of the server.
type Personas interface {
	List() []PersonaInfo
	// Portrait returns the framing as JPEG, edge pixels wide.
	Portrait(id string, edge int) ([]byte, error)
	// File opens the persona file; the caller closes it.
	File(id string) (io.ReadCloser, error)
	// Create makes and keeps a persona; progress may be called from the same goroutine, fraction 0..1.
	Create(ctx context.Context, up Upload, progress func(fraction float64, step string)) (PersonaInfo, error)
	Delete(id string) error
}

// Performance is a driver written by program.
type Performance struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Seconds float64 `json:"seconds"`
}

// Performances lists them and writes one in the form that API.md describes.
type Performances interface {
	List() []Performance
	Write(w io.Writer, name string) error
}

// Backdrops keeps pictures to put behind a portrait for a while.
type Backdrops interface {
	Add(picture []byte) (id string, err error)
}

// About is the answer to GET /api/config.
type About struct {
	Version        string        `json:"version"`
	Generator      string        `json:"generator"` // the learned layer of new sessions while there is room, or mesh
	Size           int           `json:"size"`
	FPS            int           `json:"fps"`
	Codecs         []string      `json:"codecs"`
	DefaultPersona string        `json:"defaultPersona"`
	ICEServers     any           `json:"iceServers"`
	PlayoutDelay   bool          `json:"playoutDelay"`
	Performances   []Performance `json:"performances"`
	Attestation    string        `json:"attestation"`
}

// Server answers HTTP. Fill the fields, then use Handler; they are not changed afterwards.
type Server struct {
	Config       Config
	About        About
	Client       fs.FS
	ModelsDir    string // tracker networks for the browser
	Personas     Personas
	Performances Performances
	Backdrops    Backdrops
	Signalling   http.Handler // answers /ws
	Log          *slog.Logger

	ready atomic.Bool
	busy  atomic.Int32 // uploads being worked on
}

// SetReady turns /healthz to 200.
func (s *Server) SetReady() { s.ready.Store(true) }

// Handler routes requests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /api/config", s.config)
	mux.HandleFunc("GET /api/personas", s.listPersonas)
	mux.HandleFunc("POST /api/personas", s.createPersona)
	mux.HandleFunc("GET /api/personas/{id}/portrait.jpg", s.portrait)
	mux.HandleFunc("GET /api/personas/{id}/file.persona", s.personaFile)
	mux.HandleFunc("DELETE /api/personas/{id}", s.deletePersona)
	mux.HandleFunc("GET /api/performances/{name}", s.performance)
	mux.HandleFunc("POST /api/backdrops", s.addBackdrop)
	mux.HandleFunc("GET /models/{file}", s.model)
	mux.Handle("GET /ws", s.Signalling)
	mux.Handle("GET /", s.client())
	return s.guard(mux)
}

// guard refuses foreign origins and sets the headers that every answer carries.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.hostAllowed(r.Host) {
			fail(w, http.StatusMisdirectedRequest, "bad_host",
				"This server answers on this machine only; open it as localhost, or add the address to web.allowed_origins.")
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !s.originAllowed(origin, r.Host) {
			fail(w, http.StatusForbidden, "bad_origin",
				"This page may not use this server; add its origin to web.allowed_origins.")
			return
		}
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
		next.ServeHTTP(w, r)
	})
}

func (s *Server) originAllowed(origin, host string) bool {
	u, err := url.Parse(origin)
	if err == nil && u.Host == host {
		return true
	}
	return slices.Contains(s.Config.AllowedOrigins, origin) || slices.Contains(s.Config.AllowedOrigins, "*")
}

// hostAllowed stops pages that point a name of their own at this machine (DNS rebinding): a server that listens
// on loopback answers to loopback names only.
func (s *Server) hostAllowed(hostport string) bool {
	listen, _, err := net.SplitHostPort(s.Config.Listen)
	if ip := net.ParseIP(listen); err != nil || listen != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return true
	}
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	return slices.ContainsFunc(s.Config.AllowedOrigins, func(o string) bool {
		u, err := url.Parse(o)
		return o == "*" || err == nil && u.Host == hostport
	})
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		fail(w, http.StatusServiceUnavailable, "starting", "The server is still starting; try again in a moment.")
		return
	}
	reply(w, map[string]bool{"ok": true})
}

func (s *Server) config(w http.ResponseWriter, _ *http.Request) {
	about := s.About
	about.Performances = s.Performances.List()
	reply(w, about)
}

func (s *Server) performance(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	known := slices.ContainsFunc(s.Performances.List(), func(p Performance) bool { return p.Name == name })
	if !known {
		fail(w, http.StatusNotFound, "unknown_performance", "There is no such performance; /api/config lists them.")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-cache")
	if err := s.Performances.Write(w, name); err != nil {
		s.Log.Debug("sending a performance", "name", name, "error", err)
	}
}

// model serves the networks that the tracker in the browser runs.
func (s *Server) model(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	if ext := path.Ext(file); strings.ContainsAny(file, `/\`) || (ext != ".onnx" && ext != ".json") {
		fail(w, http.StatusNotFound, "unknown_model", "There is no such network.")
		return
	}
	root, err := os.OpenRoot(s.ModelsDir)
	if err == nil {
		defer root.Close()
		var f *os.File
		if f, err = root.Open(file); err == nil {
			defer f.Close()
			var st fs.FileInfo
			if st, err = f.Stat(); err == nil {
				w.Header().Set("Cache-Control", "public, max-age=3600")
				w.Header().Set("Content-Type", "application/octet-stream")
				http.ServeContent(w, r, file, st.ModTime(), f)
				return
			}
		}
	}
	fail(w, http.StatusNotFound, "unknown_model", "That network is not here; run `gioconda models build`.")
}

// client serves the built page, or says how to build it.
func (s *Server) client() http.Handler {
	files := http.FileServerFS(s.Client)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			fail(w, http.StatusNotFound, "not_found", "There is nothing at this address; see API.md.")
			return
		}
		if _, err := fs.Stat(s.Client, "index.html"); err != nil {
			http.Error(w, "The page was not built into this program; run `make build`.", http.StatusNotFound)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") { // hashed names
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			w.Header().Set("Vary", "Accept-Encoding")
			if s.packed(w, r) {
				return
			}
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		files.ServeHTTP(w, r)
	})
}

// packed answers with the gzip twin of an asset, if there is one and the client takes it.
func (s *Server) packed(w http.ResponseWriter, r *http.Request) bool {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Header.Get("Range") != "" {
		return false
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	b, err := fs.ReadFile(s.Client, name+".gz")
	if err != nil {
		return false
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".wasm" {
		kind = "application/wasm"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // the client went away: nothing left to tell it
	return true
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the client went away: nothing left to tell it
}

type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]apiError{"error": {code, message}})
}
