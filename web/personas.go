package web

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gioconda-live/gioconda/web/access"
)

func (s *Server) listPersonas(w http.ResponseWriter, r *http.Request) {
	grant := access.From(r.Context())
	list := slices.DeleteFunc(s.Personas.List(), func(p PersonaInfo) bool { // those of others are nobody's business
		return !grant.May(access.Request{Action: access.Look, Persona: p.ID})
	})
	reply(w, map[string][]PersonaInfo{"personas": list})
}

func (s *Server) portrait(w http.ResponseWriter, r *http.Request) {
	edge := s.About.Size
	if q := r.URL.Query().Get("edge"); q != "" {
		n, err := strconv.Atoi(q)
		if err != nil || n < 32 || n > 1024 {
			fail(w, http.StatusBadRequest, "bad_edge", "edge must be a number from 32 to 1024.")
			return
		}
		edge = n
	}
	id := r.PathValue("id")
	version, err := s.Personas.Version(id)
	if err != nil {
		s.failWith(w, err)
		return
	}
	tag := fmt.Sprintf("%s-%d", version, edge)
	jpeg, ok := s.portraits.get(id + "/" + tag)
	if !ok && !fresh(r, tag) {
		busy := s.worker.Do(r.Context(), func() {
			if jpeg, ok = s.portraits.get(id + "/" + tag); ok { // somebody else has waited for it
				return
			}
			if jpeg, err = s.Personas.Portrait(id, edge); err == nil {
				s.portraits.put(id+"/"+tag, jpeg)
			}
		})
		if busy != nil {
			s.tooBusy(w)
			return
		}
		if err != nil {
			s.failWith(w, err)
			return
		}
	}
	w.Header().Set("Content-Type", "image/jpeg")
	s.content(w, r, tag, bytes.NewReader(jpeg))
}

// fresh tells whether the client has what tag says.
func fresh(r *http.Request, tag string) bool { return r.Header.Get("If-None-Match") == `"`+tag+`"` }

// content answers with what tag names; a client that has it already is told so.
func (s *Server) content(w http.ResponseWriter, r *http.Request, tag string, body io.ReadSeeker) {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, body)
}

func (s *Server) personaFile(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	version, err := s.Personas.Version(id)
	if err != nil {
		s.failWith(w, err)
		return
	}
	f, err := s.Personas.File(id)
	if err != nil {
		s.failWith(w, err)
		return
	}
	defer func() { _ = f.Close() }() // it was only read
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(plainFile, id)+`.persona"`)
	s.content(w, r, version, f)
}

func plainFile(r rune) rune {
	if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '_'
}

func (s *Server) deletePersona(w http.ResponseWriter, r *http.Request) {
	if err := s.Personas.Delete(r.PathValue("id")); err != nil {
		s.failWith(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) failWith(w http.ResponseWriter, err error) {
	status, e := s.explain(err)
	fail(w, status, e.Code, e.Message)
}

// explain describes an error, and logs one that is the server's own.
func (s *Server) explain(err error) (status int, e apiError) {
	if status, e = describe(err); status >= http.StatusInternalServerError {
		s.Log.Error("request", "error", err)
	}
	return status, e
}
