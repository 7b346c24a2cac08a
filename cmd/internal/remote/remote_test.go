package remote

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/web"
)

func serve(t *testing.T, h http.HandlerFunc) *Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &Server{URL: s.URL, Token: "sesame"}
}

func TestExits(t *testing.T) {
	var seen []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		seen = append(seen, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(b))
		switch r.Method {
		case http.MethodGet:
			_, _ = io.WriteString(w, `{"exits":[{"id":"x1","state":"live"}]}`)
		case http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"exit":{"id":"x1"}}`)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	})
	made, err := s.StartExit(t.Context(), "ann", &web.ExitRequest{URL: "https://host/", Codec: "vp8"})
	if err != nil || made.ID != "x1" {
		t.Errorf("%+v, %v", made, err)
	}
	list, err := s.Exits(t.Context(), "ann")
	if err != nil || len(list) != 1 || list[0].State != "live" {
		t.Errorf("%+v, %v", list, err)
	}
	if err := s.StopExit(t.Context(), "ann", "x1"); err != nil {
		t.Error(err)
	}
	want := []string{
		`POST /api/sessions/ann/exits Bearer sesame {"url":"https://host/","token":"","codec":"vp8","aspect":"","bitrate":0,"trickle":false}`,
		"GET /api/sessions/ann/exits Bearer sesame ", "DELETE /api/sessions/ann/exits/x1 Bearer sesame ",
	}
	if got := strings.Join(seen, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("asked\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestRefusals(t *testing.T) {
	answer, status := "", 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
	for _, c := range []struct {
		status       int
		answer, says string
		code         string
	}{
		{404, `{"error":{"code":"unknown_session","message":"There is none."}}`, "There is none.", "unknown_session"},
		{502, "<html>", "answers 502", ""},
		{200, "<html>", "no Gioconda server", ""},
	} {
		status, answer = c.status, c.answer
		_, err := s.Exits(t.Context(), "ann")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d %s: %v", c.status, c.answer, err)
		}
		if e, ok := errors.AsType[*Error](err); ok && e.Code != c.code {
			t.Errorf("%d: %+v", c.status, e)
		}
	}
	for _, u := range []string{"http://127.0.0.1:1", "http://a b"} {
		if _, err := (&Server{URL: u}).Exits(t.Context(), "ann"); err == nil || !strings.Contains(err.Error(), "server") {
			t.Errorf("%s: %v", u, err)
		}
	}
}
