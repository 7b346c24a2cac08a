// Package web serves the browser client and the HTTP interface that API.md describes.
package web

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/web/access"
	"github.com/gioconda-live/gioconda/web/certs"
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
	Face     int // number of the face to take, counted from the left from 1; 0: the largest
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

// Performance is a driver written by program, as clients hear of it.
type Performance struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Seconds float64 `json:"seconds"`
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
	Config     Config
	Access     *access.Policy // asked before everything
	Certs      *certs.Source  // nil: no TLS
	About      About
	Client     fs.FS
	ModelsDir  string // tracker networks for the browser
	Personas   Personas
	Backdrops  Backdrops
	Faces      FaceFinder
	Exits      Exits
	Signalling http.Handler // answers /ws
	Viewers    http.Handler // answers /whep/
	Log        *slog.Logger

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
	mux.HandleFunc("POST /api/faces", s.findFaces)
	mux.HandleFunc("GET /api/sessions/{session}/exits", s.listExits)
	mux.HandleFunc("POST /api/sessions/{session}/exits", s.startExit)
	mux.HandleFunc("DELETE /api/sessions/{session}/exits/{id}", s.stopExit)
	mux.HandleFunc("GET /api/tokens", s.listTokens)
	mux.HandleFunc("POST /api/tokens", s.createToken)
	mux.HandleFunc("DELETE /api/tokens/{id}", s.revokeToken)
	if s.Certs != nil && s.Certs.Authority != nil {
		mux.HandleFunc("GET /ca", s.authority)
		mux.HandleFunc("GET /ca.crt", s.authorityFile)
		mux.HandleFunc("GET /ca.png", s.authorityCode)
	}
	mux.HandleFunc("GET /models/{file}", s.model)
	mux.Handle("GET /ws", s.Signalling)
	mux.HandleFunc("GET /view/{session}", s.view)
	mux.Handle("GET /", s.client())
	all := http.NewServeMux() // of its own, since viewers answer every method
	all.Handle("/whep/", s.Viewers)
	all.Handle("/", mux)
	return s.guard(all)
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
	for _, p := range perform.List() {
		about.Performances = append(about.Performances, Performance{Name: p.Name, Title: p.Title, Seconds: p.Seconds})
	}
	reply(w, about)
}

func (s *Server) performance(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if known := slices.ContainsFunc(perform.List(), func(p perform.Info) bool { return p.Name == name }); !known {
		fail(w, http.StatusNotFound, "unknown_performance", "There is no such performance; /api/config lists them.")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-cache")
	if err := perform.Encode(w, name); err != nil {
		s.Log.Debug("sending a performance", "name", name, "error", err)
	}
}
