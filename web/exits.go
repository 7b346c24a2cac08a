package web

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/gioconda-live/gioconda/web/access"
)

// maxExitRequest bounds the body that asks for an exit, in bytes.
const maxExitRequest = 16 << 10

// ExitInfo is what a client may know of a way out of a session.
type ExitInfo struct {
	ID         string `json:"id"`
	URL        string `json:"url"`             // without secrets
	Codec      string `json:"codec,omitempty"` // that was asked for
	Configured bool   `json:"configured"`      // it comes back with its session
	State      string `json:"state"`           // connecting, live, waiting or ended
	Message    string `json:"message"`         // a sentence where something is wrong
	Bytes      uint64 `json:"bytes"`           // of video, sent so far
}

// ExitRequest asks for one.
type ExitRequest struct {
	URL     string `json:"url"`
	Token   string `json:"token"` // that the other side asks for
	Codec   string `json:"codec"`
	Aspect  string `json:"aspect"`  // 1:1 or 16:9
	Bitrate int    `json:"bitrate"` // bit/s at most
	Trickle bool   `json:"trickle"` // of WHIP

	PublicOnly bool            `json:"-"` // it may lead to public addresses only
	Over       <-chan struct{} `json:"-"` // closed: the caller may do so no more; nil: never
}

// Exits are the ways out of sessions as the handlers need them. Errors that a client should understand carry Code() string;
// others are a fault of the server.
type Exits interface {
	List(session string) ([]ExitInfo, error)
	Start(session string, want *ExitRequest) (ExitInfo, error)
	Stop(session, id string) error
}

func (s *Server) listExits(w http.ResponseWriter, r *http.Request) {
	list, err := s.Exits.List(r.PathValue("session"))
	if err != nil {
		s.failWith(w, err)
		return
	}
	reply(w, map[string][]ExitInfo{"exits": list})
}

// startExit opens a way out. Who has a token for pushing only may not reach into the server's own network with it.
func (s *Server) startExit(w http.ResponseWriter, r *http.Request) {
	var want ExitRequest
	d := json.NewDecoder(io.LimitReader(r.Body, maxExitRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(&want); err != nil || want.URL == "" {
		fail(w, http.StatusBadRequest, "bad_exit_request", "Send JSON with url and, where they are wanted, token, codec, aspect, bitrate and trickle.")
		return
	}
	grant := access.From(r.Context())
	want.PublicOnly, want.Over = grant.Scope != access.ScopeAdmin && !s.Config.PushAnywhere, grant.Over
	session := r.PathValue("session")
	made, err := s.Exits.Start(session, &want)
	if err != nil {
		s.failWith(w, err)
		return
	}
	w.Header().Set("Location", "/api/sessions/"+session+"/exits/"+made.ID)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]ExitInfo{"exit": made}) // the client may have gone
}

func (s *Server) stopExit(w http.ResponseWriter, r *http.Request) {
	if err := s.Exits.Stop(r.PathValue("session"), r.PathValue("id")); err != nil {
		s.failWith(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
