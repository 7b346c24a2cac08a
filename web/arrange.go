package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxArrangeRequest bounds the bodies that rename and reorder, in bytes.
const maxArrangeRequest = 256 << 10

// importPersona keeps a persona file that somebody exported elsewhere. It counts among the pictures that are worked on.
func (s *Server) importPersona(w http.ResponseWriter, r *http.Request) {
	attested := r.URL.Query().Get("attest") == "true"
	if !attested {
		s.notAttested(w)
		return
	}
	if !s.hasRoom(w) {
		return
	}
	s.withBody(w, r, s.Config.UploadMax, func(file []byte) { //nolint:contextcheck // it is the request's
		info, err := s.Gallery.Import(bytes.NewReader(file), attested)
		if err != nil {
			s.failWith(w, err)
			return
		}
		reply(w, map[string]any{"persona": info, "warnings": info.Warnings})
	})
}

// renamePersona gives a persona another name; its address stays.
func (s *Server) renamePersona(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Name string `json:"name"`
	}
	if !readJSON(w, r, &want, "Send JSON with name.") {
		return
	}
	want.Name = strings.TrimSpace(want.Name)
	if !validName(want.Name) || want.Name == "" {
		badName(w)
		return
	}
	info, err := s.Gallery.Rename(r.PathValue("id"), want.Name)
	if err != nil {
		s.failWith(w, err)
		return
	}
	reply(w, map[string]any{"persona": info})
}

// reorderPersonas puts the gallery into another order.
func (s *Server) reorderPersonas(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Order []string `json:"order"`
	}
	if !readJSON(w, r, &want, "Send JSON with order, the list of all ids.") {
		return
	}
	if err := s.Gallery.Reorder(want.Order); err != nil {
		s.failWith(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// readJSON takes a small body in; it answers itself when it returns false.
func readJSON(w http.ResponseWriter, r *http.Request, into any, ask string) bool {
	d := json.NewDecoder(io.LimitReader(r.Body, maxArrangeRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		fail(w, http.StatusBadRequest, "bad_request", ask)
		return false
	}
	return true
}

func validName(name string) bool {
	return utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxNameRunes
}

func badName(w http.ResponseWriter) {
	fail(w, http.StatusBadRequest, "bad_name", "The name must be text of at most 80 characters.")
}
