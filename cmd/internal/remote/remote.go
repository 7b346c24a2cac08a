// Package remote asks a running server over its HTTP interface.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gioconda-live/gioconda/web"
)

const (
	answerWithin = 10 * time.Second
	maxAnswer    = 1 << 20 // bytes
)

// Server is a running server.
type Server struct {
	URL   string // http://localhost:8080
	Token string // "" on the same machine
}

// Error is a refusal of the server.
type Error struct {
	Status  int // of HTTP
	Code    string
	Message string // one sentence
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Exits lists the ways out of a session.
func (s *Server) Exits(ctx context.Context, session string) ([]web.ExitInfo, error) {
	var answer struct {
		Exits []web.ExitInfo `json:"exits"`
	}
	err := s.ask(ctx, http.MethodGet, exitsOf(session), nil, &answer)
	return answer.Exits, err
}

// StartExit opens one.
func (s *Server) StartExit(ctx context.Context, session string, want *web.ExitRequest) (web.ExitInfo, error) {
	var answer struct {
		Exit web.ExitInfo `json:"exit"`
	}
	err := s.ask(ctx, http.MethodPost, exitsOf(session), want, &answer)
	return answer.Exit, err
}

// StopExit ends one.
func (s *Server) StopExit(ctx context.Context, session, id string) error {
	return s.ask(ctx, http.MethodDelete, exitsOf(session)+"/"+url.PathEscape(id), nil, nil)
}

func exitsOf(session string) string { return "/api/sessions/" + url.PathEscape(session) + "/exits" }

// ask sends a request, with a body unless it is nil, and reads the answer into a variable, unless that is nil. It fails with
// *Error, or where there is no server.
func (s *Server) ask(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	q, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("server %s: write a URL such as http://localhost:8080", s.URL)
	}
	q.Header.Set("Content-Type", "application/json")
	if s.Token != "" {
		q.Header.Set("Authorization", "Bearer "+s.Token)
	}
	p, err := http.DefaultClient.Do(q)
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("no server answers at %s; start one with `gioconda serve`: %w", s.URL, e.Err)
	} else if err != nil {
		return err
	}
	defer p.Body.Close() //nolint:errcheck // read, or given up
	text, err = io.ReadAll(io.LimitReader(p.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("the answer of %s broke off: %w", s.URL, err)
	}
	if p.StatusCode/100 != 2 {
		return refusal(p.StatusCode, text, s.URL)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s is no Gioconda server: %w", s.URL, err)
	}
	return nil
}

// refusal reads what a server says when it refuses.
func refusal(status int, text []byte, server string) error {
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Error.Message == "" {
		return &Error{Status: status, Message: fmt.Sprintf("%s answers %d and no reason; it may be no Gioconda server, or an older one", server, status)}
	}
	return &Error{Status: status, Code: answer.Error.Code, Message: answer.Error.Message}
}
