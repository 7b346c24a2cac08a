package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/web/access"
)

// fakeExits has one session, ann, with one exit, x1.
type fakeExits struct{ got ExitRequest }

func (f *fakeExits) List(session string) ([]ExitInfo, error) {
	if session != "ann" {
		return nil, &codedError{"unknown_session"}
	}
	return []ExitInfo{{ID: "x1", URL: "https://host/whip", State: "live", Bytes: 7}}, nil
}

func (f *fakeExits) Start(session string, want *ExitRequest) (ExitInfo, error) {
	f.got = *want
	switch {
	case session != "ann":
		return ExitInfo{}, &codedError{"unknown_session"}
	case want.URL == "full:":
		return ExitInfo{}, &codedError{"too_many_exits"}
	case want.URL == "bad:":
		return ExitInfo{}, &codedError{"bad_exit"}
	}
	return ExitInfo{ID: "x2", State: "connecting"}, nil
}

func (f *fakeExits) Stop(_, id string) error {
	if id != "x1" {
		return &codedError{"unknown_exit"}
	}
	return nil
}

func TestExits(t *testing.T) {
	s, _ := newServer(t)
	f := &fakeExits{}
	s.Exits = f
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/api/sessions/ann/exits", "", 200, `{"exits":[{"id":"x1","url":"https://host/whip","configured":false,"state":"live","message":"","bytes":7}]}`},
		{"GET", "/api/sessions/bob/exits", "", 404, "unknown_session"},
		{"POST", "/api/sessions/ann/exits", `{"url":"https://host/","token":"t","codec":"vp8","aspect":"16:9","bitrate":5,"trickle":true}`, 201, `"id":"x2"`},
		{"POST", "/api/sessions/bob/exits", `{"url":"https://host/"}`, 404, "unknown_session"},
		{"POST", "/api/sessions/ann/exits", `{"url":"full:"}`, 429, "too_many_exits"},
		{"POST", "/api/sessions/ann/exits", `{"url":"bad:"}`, 422, "bad_exit"},
		{"POST", "/api/sessions/ann/exits", `{"url":""}`, 400, "bad_exit_request"},
		{"POST", "/api/sessions/ann/exits", `{"url":"x","PublicOnly":false}`, 400, "bad_exit_request"},
		{"POST", "/api/sessions/ann/exits", `{"url":"` + strings.Repeat("x", maxExitRequest) + `"}`, 400, "bad_exit_request"},
		{"POST", "/api/sessions/ann/exits", "no JSON", 400, "bad_exit_request"},
		{"DELETE", "/api/sessions/ann/exits/x1", "", 204, ""},
		{"DELETE", "/api/sessions/ann/exits/x9", "", 404, "unknown_exit"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "http://localhost"+c.path, strings.NewReader(c.body))
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %.60s: %d %s", c.method, c.path, c.body, w.Code, w.Body)
		}
		if w.Code == http.StatusCreated && (w.Header().Get("Location") != "/api/sessions/ann/exits/x2" || !json.Valid(w.Body.Bytes())) {
			t.Errorf("%v %s", w.Header(), w.Body)
		}
	}
}

// TestExitsOfTokens: who may push only reaches public addresses, unless that is configured; the exit hears of its token's end.
func TestExitsOfTokens(t *testing.T) {
	s, _ := newServer(t)
	f := &fakeExits{}
	s.Exits = f
	over := make(chan struct{})
	for _, c := range []struct {
		scope    access.Scope
		anywhere bool
		public   bool
	}{{access.ScopeAdmin, false, false}, {access.ScopePush, false, true}, {access.ScopePush, true, false}} {
		s.Config.PushAnywhere = c.anywhere
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"url":"https://host/"}`))
		r.SetPathValue("session", "ann")
		grant := access.Grant{Action: access.Push, Scope: c.scope, Over: over}
		w := httptest.NewRecorder()
		s.startExit(w, r.WithContext(grant.In(r.Context())))
		if w.Code != http.StatusCreated || f.got.PublicOnly != c.public || f.got.Over != (<-chan struct{})(over) {
			t.Errorf("%+v: %d, %+v", c, w.Code, f.got)
		}
	}
}
