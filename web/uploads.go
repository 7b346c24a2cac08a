package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gioconda-live/gioconda/web/gate"
)

const maxNameRunes = 80

const jsonLines = "application/x-ndjson"

// createPersona makes a persona of a picture. Who accepts JSON lines hears of the progress; everybody else gets one
// answer with its status. What is refused before the picture is read gets its status either way.
func (s *Server) createPersona(w http.ResponseWriter, r *http.Request) {
	if !s.hasRoom(w) {
		return
	}
	up, ok := s.describeUpload(w, r)
	if !ok {
		return
	}
	s.withBody(w, r, s.Config.UploadMax, func(picture []byte) { //nolint:contextcheck // it is the request's
		up.Picture = picture
		s.create(w, r, up)
	})
}

// hasRoom tells whether the gallery takes another persona; it answers itself when it returns false.
func (s *Server) hasRoom(w http.ResponseWriter) bool {
	if len(s.Personas.List()) < s.Config.MaxPersonas {
		return true
	}
	fail(w, http.StatusInsufficientStorage, "too_many_personas", "The gallery is full; delete a persona first.")
	return false
}

func (s *Server) create(w http.ResponseWriter, r *http.Request, up Upload) {
	s.answer(w, r, func(progress func(float64, string)) (map[string]any, error) {
		info, err := s.Personas.Create(r.Context(), up, progress)
		return map[string]any{"persona": info, "warnings": info.Warnings}, err
	})
}

// answer tells what work makes: with its progress, as JSON lines, to whoever accepts that.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, work func(progress func(fraction float64, step string)) (map[string]any, error)) {
	lines := &lineWriter{w: w}
	made, err := work(func(fraction float64, step string) {
		if fraction > 0 && strings.Contains(r.Header.Get("Accept"), jsonLines) {
			lines.say(map[string]any{"progress": fraction, "step": step})
		}
	})
	switch {
	case err != nil && r.Context().Err() != nil: // nobody is there to hear it
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

// describeUpload reads what is said of a picture beside its bytes; it answers itself when it returns false.
func (s *Server) describeUpload(w http.ResponseWriter, r *http.Request) (up Upload, ok bool) {
	q := r.URL.Query()
	up.Name = strings.TrimSpace(q.Get("name"))
	up.Attested = q.Get("attest") == "true"
	switch {
	case !up.Attested:
		s.notAttested(w)
		return up, false
	case !validName(up.Name):
		badName(w)
		return up, false
	}
	if n := q.Get("face"); n != "" {
		var err error
		if up.Face, err = strconv.Atoi(n); err != nil || up.Face < 1 {
			fail(w, http.StatusBadRequest, "bad_face", "Faces are counted from the left, from 1.")
			return up, false
		}
	}
	return up, true
}

// addBackdrop keeps a picture to put behind the portrait.
func (s *Server) addBackdrop(w http.ResponseWriter, r *http.Request) {
	s.withBody(w, r, s.Config.UploadMax, func(picture []byte) { //nolint:contextcheck // it is the request's
		id, err := s.Backdrops.Add(r.Context(), picture)
		if err != nil {
			s.failWith(w, err)
			return
		}
		reply(w, map[string]string{"backdrop": id})
	})
}

// withBody takes the body in, of at most most bytes, and has use work on it when it is its turn; it answers itself where either
// cannot be.
func (s *Server) withBody(w http.ResponseWriter, r *http.Request, most int64, use func([]byte)) {
	s.withPlace(w, r, most, func(body []byte) {
		if s.worker.Do(r.Context(), func() { use(body) }) != nil {
			s.tooBusy(w)
		}
	})
}

// withPlace is withBody without waiting for a turn.
func (s *Server) withPlace(w http.ResponseWriter, r *http.Request, most int64, use func([]byte)) {
	place, err := s.uploads.Enter(r)
	if err != nil {
		s.tooBusy(w)
		return
	}
	defer place.Leave()
	body, err := place.Read(w, r, most)
	switch {
	case err == nil:
		use(body)
	case errors.Is(err, gate.ErrBusy):
		s.tooBusy(w)
	case errors.Is(err, gate.ErrTooLarge):
		s.tooLarge(w)
	default:
		fail(w, http.StatusBadRequest, "upload_broken", "The upload broke off; try again.")
	}
}

func (s *Server) notAttested(w http.ResponseWriter) {
	fail(w, http.StatusUnprocessableEntity, "not_attested",
		"Tick “"+s.About.Attestation+"” first: a persona is only made from a picture that you may use.")
}

func (s *Server) tooBusy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "3")
	fail(w, http.StatusTooManyRequests, "busy", "Other pictures are being made ready; try again in a few seconds.")
}

func (s *Server) tooLarge(w http.ResponseWriter) {
	fail(w, http.StatusRequestEntityTooLarge, "too_large_bytes",
		"The picture has more than "+strconv.FormatInt(s.Config.UploadMax>>20, 10)+" MiB; save it smaller, 2000 pixels are plenty.")
}
