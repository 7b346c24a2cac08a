package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gioconda-live/gioconda/web/access"
)

// maxTokenRequest bounds the body that asks for a token, in bytes.
const maxTokenRequest = 4 << 10

func (s *Server) listTokens(w http.ResponseWriter, _ *http.Request) {
	list := []access.Token{}
	if s.Access.Tokens != nil {
		list = append(list, s.Access.Tokens.List()...)
	}
	reply(w, map[string][]access.Token{"tokens": list})
}

// createToken answers with the secret, this once.
func (s *Server) createToken(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Scope   access.Scope `json:"scope"`
		Session string       `json:"session"`
		Persona string       `json:"persona"`
		Label   string       `json:"label"`
		Expires time.Time    `json:"expires"`
	}
	d := json.NewDecoder(io.LimitReader(r.Body, maxTokenRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(&want); err != nil {
		fail(w, http.StatusBadRequest, "bad_token_request", "Send JSON with scope and, where they are wanted, session, persona, label and expires.")
		return
	}
	if s.Access.Tokens == nil {
		fail(w, http.StatusConflict, "no_tokens", "This server keeps no tokens.")
		return
	}
	secret, made, err := s.Access.Tokens.Create(access.Token{
		Scope: want.Scope, Session: want.Session, Persona: want.Persona, Label: want.Label, Expires: want.Expires,
	})
	switch {
	case errors.Is(err, access.ErrBadToken):
		fail(w, http.StatusUnprocessableEntity, "bad_token_request", err.Error())
	case err != nil:
		s.failWith(w, err)
	default:
		w.Header().Set("Location", "/api/tokens/"+made.ID)
		reply(w, map[string]any{"secret": secret, "token": made})
	}
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) {
	err := access.ErrUnknownToken
	if s.Access.Tokens != nil {
		err = s.Access.Tokens.Revoke(r.PathValue("id"))
	}
	switch {
	case errors.Is(err, access.ErrUnknownToken):
		fail(w, http.StatusNotFound, "unknown_token", "There is no such token; GET /api/tokens lists them.")
	case err != nil:
		s.failWith(w, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}
