// Package web serves the browser client and the HTTP interface that API.md describes.
package web

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/web/access"
	"github.com/gioconda-live/gioconda/web/certs"
	"github.com/gioconda-live/gioconda/web/gate"
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
	Kept
	// Create makes and keeps a persona; progress may be called from the same goroutine, fraction 0..1.
	Create(ctx context.Context, up Upload, progress func(fraction float64, step string)) (PersonaInfo, error)
	Delete(id string) error
}

// Kept is what is read of one persona.
type Kept interface {
	// Portrait returns the framing as JPEG, edge pixels wide.
	Portrait(id string, edge int) ([]byte, error)
	// File opens the persona file; the caller closes it.
	File(id string) (io.ReadSeekCloser, error)
	// Version is a word that changes with the persona: letters, digits and hyphens.
	Version(id string) (string, error)
}

// Gallery is what else can be done with the personas of the store, and with those that others made. Errors are as above.
type Gallery interface {
	Rename(id, name string) (PersonaInfo, error)
	// Reorder makes List follow ids.
	Reorder(ids []string) error
	// Import keeps a persona file that came from outside.
	Import(file io.Reader, attested bool) (PersonaInfo, error)
}

// Performance is a driver written by program, as clients hear of it.
type Performance struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Seconds float64 `json:"seconds"`
}

// Backdrops keeps pictures to put behind a portrait for a while.
type Backdrops interface {
	Add(ctx context.Context, picture []byte) (id string, err error)
}

// Health tells how the server is, in sentences for whoever runs it.
type Health interface {
	// Live fails where pictures are drawn no more: only a new start helps.
	Live(ctx context.Context) error
	// Ready fails where another visitor would get nothing now.
	Ready(ctx context.Context) error
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
	Gallery    Gallery
	Teacher    Teacher
	Backdrops  Backdrops
	Faces      FaceFinder
	Exits      Exits
	Health     Health
	Camera     Camera       // nil: there is none
	Cluster    Cluster      // nil: this server is alone
	Signalling http.Handler // answers /ws
	Viewers    http.Handler // answers /whep/
	Log        *slog.Logger
	Faulted    func(*wall.FaultError) // hears of faults of the program that ended a request; nil: nobody

	ready     atomic.Bool
	uploads   *gate.Uploads
	worker    *gate.Worker // of pictures and personas
	teaching  *gate.Worker // of several pictures at a time, each by worker
	portraits portraits
}

// SetReady turns /healthz to 200.
func (s *Server) SetReady() { s.ready.Store(true) }

// What requests may take of the server.
const (
	stallWithin = 10 * time.Second // for 32 KiB of a body or an answer
	ownUploads  = 16               // of one address at a time; what they hold is bounded in bytes
	askRate     = 50               // requests of an address in a second, with a burst of askBurst: a page that loads
	askBurst    = 500
	helloRate   = 3 // websockets of an address in a second, with a burst of helloBurst
	helloBurst  = 30
	workQueue   = 32               // requests that wait for the worker,
	workWithin  = 20 * time.Second // each so long
)

// Handler routes requests. Called once.
func (s *Server) Handler() http.Handler {
	s.uploads = gate.NewUploads(s.Config.UploadMemory, ownUploads, stallWithin, s.Config.UploadTimeout)
	s.worker = gate.NewWorker(workQueue, workWithin)
	s.teaching = gate.NewWorker(teachQueue, teachPatient)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /livez", s.live)
	mux.HandleFunc("GET /readyz", s.readyNow)
	mux.HandleFunc("GET /api/config", s.config)
	mux.HandleFunc("GET /api/personas", s.listPersonas)
	mux.HandleFunc("POST /api/personas", s.createPersona)
	mux.HandleFunc("POST /api/personas/views", s.teach)
	mux.HandleFunc("GET /api/personas/{id}/portrait.jpg", s.portrait)
	mux.HandleFunc("GET /api/personas/{id}/file.persona", s.personaFile)
	mux.HandleFunc("POST /api/personas/file", s.importPersona)
	mux.HandleFunc("PUT /api/personas/order", s.reorderPersonas)
	mux.HandleFunc("PATCH /api/personas/{id}", s.renamePersona)
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
	if s.Camera != nil {
		s.handleCamera(mux)
	}
	mux.HandleFunc("GET /models/{file}", s.model)
	mux.Handle("GET /ws", s.rated(gate.NewRates(helloRate, helloBurst), s.Signalling))
	mux.HandleFunc("GET /view/{session}", s.view)
	mux.Handle("GET /", s.client())
	all := http.NewServeMux() // of its own, since viewers answer every method
	all.Handle("/whep/", s.Viewers)
	all.Handle("/", s.rated(gate.NewRates(askRate, askBurst), mux))
	guarded := gate.Progress(s.safe(s.guard(s.elsewhere(all))), stallWithin)
	if s.Config.BehindProxy {
		return gate.Forwarded(guarded)
	}
	return guarded
}

func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		fail(w, http.StatusServiceUnavailable, "starting", "The server is still starting; try again in a moment.")
		return
	}
	reply(w, map[string]bool{"ok": true})
}

func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	if err := s.Health.Live(r.Context()); err != nil {
		s.unwell(w, "stuck", "Pictures are drawn no more; the server has to be started again.", err)
		return
	}
	reply(w, map[string]bool{"ok": true})
}

func (s *Server) readyNow(w http.ResponseWriter, r *http.Request) {
	if err := s.Health.Ready(r.Context()); err != nil || !s.ready.Load() {
		s.unwell(w, "not_ready", "There is no room for another visitor now; try again in a moment.", err)
		return
	}
	reply(w, map[string]bool{"ok": true})
}

// unwell answers who asks how the server is; the reasons are for the log.
func (s *Server) unwell(w http.ResponseWriter, code, message string, err error) {
	s.Log.Warn("not well", "code", code, "error", err)
	w.Header().Set("Retry-After", "5")
	fail(w, http.StatusServiceUnavailable, code, message)
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
	fps := perform.FPS
	if q := r.URL.Query().Get("fps"); q != "" {
		var err error
		if fps, err = strconv.Atoi(q); err != nil || fps != perform.FPS && fps != perform.MostFPS {
			fail(w, http.StatusBadRequest, "bad_request", fmt.Sprintf("fps is %d or %d.", perform.FPS, perform.MostFPS))
			return
		}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-cache")
	if err := perform.Encode(w, name, fps); err != nil {
		s.Log.Debug("sending a performance", "name", name, "error", err)
	}
}
