package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gioconda-live/gioconda/web/access"
)

const (
	maxNameRunes = 80
	maxUploads   = 2 // pictures worked on at once
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
	jpeg, err := s.Personas.Portrait(r.PathValue("id"), edge)
	if err != nil {
		s.failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(jpeg)
}

func (s *Server) personaFile(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	f, err := s.Personas.File(id)
	if err != nil {
		s.failWith(w, err)
		return
	}
	defer func() { _ = f.Close() }() // it was only read
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+strings.Map(plainFile, id)+`.persona"`)
	if _, err := io.Copy(w, f); err != nil {
		s.Log.Debug("sending a persona", "id", id, "error", err)
	}
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

const jsonLines = "application/x-ndjson"

// createPersona makes a persona of a picture. Who accepts JSON lines hears of the progress; everybody else gets one
// answer with its status. What is refused before the picture is read gets its status either way.
func (s *Server) createPersona(w http.ResponseWriter, r *http.Request) {
	up, ok := s.readUpload(w, r)
	if !ok {
		return
	}
	if s.busy.Add(1) > maxUploads {
		s.busy.Add(-1)
		s.tooBusy(w)
		return
	}
	defer s.busy.Add(-1)
	if len(s.Personas.List()) >= s.Config.MaxPersonas {
		fail(w, http.StatusInsufficientStorage, "too_many_personas", "The gallery is full; delete a persona first.")
		return
	}
	lines := &lineWriter{w: w}
	info, err := s.Personas.Create(r.Context(), up, func(fraction float64, step string) {
		if fraction > 0 && strings.Contains(r.Header.Get("Accept"), jsonLines) {
			lines.say(map[string]any{"progress": fraction, "step": step})
		}
	})
	made := map[string]any{"persona": info, "warnings": info.Warnings}
	switch {
	case err != nil && lines.begun:
		_, e := s.explain(err)
		lines.say(map[string]apiError{"error": e})
	case err != nil:
		s.failWith(w, err)
	case lines.begun:
		lines.say(made)
	default:
		reply(w, made)
	}
}

// lineWriter sends JSON lines as they come.
type lineWriter struct {
	w     http.ResponseWriter
	begun bool
}

func (l *lineWriter) say(v any) {
	if !l.begun {
		l.begun = true
		h := l.w.Header()
		h.Set("Content-Type", jsonLines)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no")
	}
	_ = json.NewEncoder(l.w).Encode(v) // the client went away: nothing left to tell it
	_ = http.NewResponseController(l.w).Flush()
}

// readUpload takes the body in; it answers itself when it returns false.
func (s *Server) readUpload(w http.ResponseWriter, r *http.Request) (up Upload, ok bool) {
	q := r.URL.Query()
	up.Name = strings.TrimSpace(q.Get("name"))
	up.Attested = q.Get("attest") == "true"
	switch {
	case !up.Attested:
		fail(w, http.StatusUnprocessableEntity, "not_attested",
			"Tick “"+s.About.Attestation+"” first: a persona is only made from a picture that you may use.")
		return up, false
	case !utf8.ValidString(up.Name) || utf8.RuneCountInString(up.Name) > maxNameRunes:
		fail(w, http.StatusBadRequest, "bad_name", "The name must be text of at most 80 characters.")
		return up, false
	}
	if n := q.Get("face"); n != "" {
		var err error
		if up.Face, err = strconv.Atoi(n); err != nil || up.Face < 1 {
			fail(w, http.StatusBadRequest, "bad_face", "Faces are counted from the left, from 1.")
			return up, false
		}
	}
	up.Picture, ok = s.readPicture(w, r)
	return up, ok
}

// addBackdrop keeps a picture to put behind the portrait.
func (s *Server) addBackdrop(w http.ResponseWriter, r *http.Request) {
	if s.busy.Add(1) > maxUploads {
		s.busy.Add(-1)
		s.tooBusy(w)
		return
	}
	defer s.busy.Add(-1)
	picture, ok := s.readPicture(w, r)
	if !ok {
		return
	}
	id, err := s.Backdrops.Add(picture)
	if err != nil {
		s.failWith(w, err)
		return
	}
	reply(w, map[string]string{"backdrop": id})
}

// readPicture takes a picture's bytes in; it answers itself when it returns false.
func (s *Server) readPicture(w http.ResponseWriter, r *http.Request) (picture []byte, ok bool) {
	if r.ContentLength > s.Config.UploadMax {
		s.tooLarge(w)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.Config.UploadMax))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		s.tooLarge(w)
	case err != nil:
		fail(w, http.StatusBadRequest, "upload_broken", "The upload broke off; try again.")
	default:
		return body, true
	}
	return nil, false
}

func (s *Server) tooBusy(w http.ResponseWriter) {
	fail(w, http.StatusTooManyRequests, "busy", "Other pictures are being made ready; try again in a few seconds.")
}

func (s *Server) tooLarge(w http.ResponseWriter) {
	fail(w, http.StatusRequestEntityTooLarge, "too_large_bytes",
		"The picture has more than "+strconv.FormatInt(s.Config.UploadMax>>20, 10)+" MiB; save it smaller, 2000 pixels are plenty.")
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
