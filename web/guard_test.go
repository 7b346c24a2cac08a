package web

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/web/access"
)

// TestWhatRequestsWant names what every route wants; what is not named wants to be admin.
func TestWhatRequestsWant(t *testing.T) {
	for route, want := range map[string]access.Request{
		"GET /":                                {Action: access.Open},
		"HEAD /index.html":                     {Action: access.Open},
		"GET /assets/main.js":                  {Action: access.Open},
		"GET /healthz":                         {Action: access.Open},
		"GET /livez":                           {Action: access.Open},
		"GET /readyz":                          {Action: access.Open},
		"GET /view/ann":                        {Action: access.Open},
		"GET /models/face.onnx":                {Action: access.Open},
		"POST /":                               {Action: access.Admin},
		"GET /ws":                              {Action: access.Drive},
		"POST /ws":                             {Action: access.Drive},
		"POST /whep/ann":                       {Action: access.Watch, Session: "ann"},
		"GET /whep/ann":                        {Action: access.Watch, Session: "ann"},
		"PATCH /whep/ann/r":                    {Action: access.Watch, Session: "ann"},
		"DELETE /whep/ann/r":                   {Action: access.Watch, Session: "ann"},
		"OPTIONS /whep/ann":                    {Action: access.Open},
		"GET /api/config":                      {Action: access.Look},
		"GET /api/performances/talking":        {Action: access.Look},
		"GET /api/personas":                    {Action: access.Look},
		"GET /api/personas/x/portrait.jpg":     {Action: access.Look, Persona: "x"},
		"GET /api/personas/x/file.persona":     {Action: access.Look, Persona: "x"},
		"POST /api/personas":                   {Action: access.Upload},
		"POST /api/personas/file":              {Action: access.Upload},
		"POST /api/personas/views":             {Action: access.Upload},
		"PUT /api/personas/order":              {Action: access.Admin},
		"PATCH /api/personas/x":                {Action: access.Admin},
		"POST /api/backdrops":                  {Action: access.Upload},
		"DELETE /api/personas/x":               {Action: access.Admin},
		"PUT /api/personas/x":                  {Action: access.Admin},
		"GET /api/sessions/ann/exits":          {Action: access.Push, Session: "ann"},
		"POST /api/sessions/ann/exits":         {Action: access.Push, Session: "ann"},
		"DELETE /api/sessions/ann/exits/1":     {Action: access.Push, Session: "ann"},
		"GET /api/sessions":                    {Action: access.Admin},
		"GET /api/tokens":                      {Action: access.Admin},
		"POST /api/tokens":                     {Action: access.Admin},
		"DELETE /api/tokens/1":                 {Action: access.Admin},
		"GET /api/":                            {Action: access.Admin},
		"GET /api/whatever":                    {Action: access.Admin},
		"POST /api/config":                     {Action: access.Admin},
		"DELETE /healthz":                      {Action: access.Admin},
		"GET //api/tokens":                     {Action: access.Admin},
		"GET /api/sessions/ann/exits/../../..": {Action: access.Push, Session: "ann"}, // the mux redirects it, and it is asked again
	} {
		method, path, _ := strings.Cut(route, " ")
		if got := requestOf(httptest.NewRequest(method, "http://localhost:8080"+path, nil)); got != want {
			t.Errorf("%s: %+v, want %+v", route, got, want)
		}
	}
}

// guarded is a server that others reach, with a token file, and its log.
func guarded(t *testing.T) (http.Handler, *access.Tokens, *bytes.Buffer) {
	t.Helper()
	s, _ := newServer(t)
	tokens, err := access.OpenTokens(filepath.Join(t.TempDir(), "tokens.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Access = &access.Policy{Listen: "0.0.0.0:8080", Tokens: tokens}
	return s.Handler(), tokens, &log
}

func ask(h http.Handler, method, path, bearer, body string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://me.example:8080"+path, strings.NewReader(body))
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestALinkWithATokenBecomesACookie(t *testing.T) {
	h, tokens, log := guarded(t)
	secret, _, err := tokens.Create(access.Token{Scope: access.ScopeDrive})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(h, http.MethodGet, "/?token="+secret+"&mirror=1", "", "")
	if w.Code != http.StatusOK || len(w.Result().Cookies()) != 1 || !strings.Contains(w.Body.String(), `url=/?mirror=1"`) ||
		strings.Contains(w.Body.String(), secret) {
		t.Fatalf("%d %s %v", w.Code, w.Body, w.Result().Cookies())
	}
	cookie := w.Result().Cookies()[0]
	if w := ask(h, http.MethodGet, "/api/personas", "", "", cookie); w.Code != http.StatusOK {
		t.Errorf("with the cookie: %d %s", w.Code, w.Body)
	}
	if w := ask(h, http.MethodGet, "//foe.example/x?token="+secret, "", ""); !strings.Contains(w.Body.String(), `url=/foe.example/x"`) {
		t.Errorf("two slashes lead to %s", w.Body)
	}
	for _, path := range []string{"/?token=" + secret[1:] + "x", "/api/personas?token=" + secret, "/api/tokens?token=" + secret} {
		if w := ask(h, http.MethodGet, path, "", ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if ask(h, http.MethodGet, "/api/tokens", secret, ""); strings.Contains(log.String(), secret) || strings.Contains(log.String(), secret[1:]) {
		t.Errorf("the log tells the token: %s", log)
	} else if !strings.Contains(log.String(), "refused") {
		t.Error("refusals are not logged")
	}
}

func TestTokensOverHTTP(t *testing.T) {
	h, tokens, log := guarded(t)
	admin, _, err := tokens.Create(access.Token{Scope: access.ScopeAdmin})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(h, http.MethodPost, "/api/tokens", admin, `{"scope":"drive","persona":"somebody","label":"Ann"}`)
	var made struct {
		Secret string
		Token  access.Token
	}
	decode(t, w, &made)
	if w.Code != http.StatusOK || made.Token.Scope != access.ScopeDrive || made.Token.Hash != "" {
		t.Fatalf("%d %+v", w.Code, made)
	}
	var list struct{ Personas []PersonaInfo }
	decode(t, ask(h, http.MethodGet, "/api/personas", made.Secret, ""), &list)
	if len(list.Personas) != 0 {
		t.Errorf("a token for one persona shows %v", list.Personas)
	}
	for path, want := range map[string]int{
		"GET /api/personas/mona-lisa/portrait.jpg": 403, "GET /api/tokens": 403, "DELETE /api/personas/somebody": 403, "GET /api/config": 200,
	} {
		method, path, _ := strings.Cut(path, " ")
		if w := ask(h, method, path, made.Secret, ""); w.Code != want {
			t.Errorf("%s %s: %d, want %d", method, path, w.Code, want)
		}
	}
	for body, want := range map[string]int{`{"scope":"root"}`: 422, `{`: 400, `{"scope":"view","admin":true}`: 400} {
		if w := ask(h, http.MethodPost, "/api/tokens", admin, body); w.Code != want {
			t.Errorf("%s: %d, want %d", body, w.Code, want)
		}
	}
	if w := ask(h, http.MethodGet, "/api/tokens", admin, ""); w.Code != 200 || !strings.Contains(w.Body.String(), "Ann") || strings.Contains(w.Body.String(), "hash") {
		t.Errorf("the list: %d %s", w.Code, w.Body)
	}
	for _, want := range []int{204, 404} {
		if w := ask(h, http.MethodDelete, "/api/tokens/"+made.Token.ID, admin, ""); w.Code != want {
			t.Errorf("revoking: %d, want %d", w.Code, want)
		}
	}
	if w := ask(h, http.MethodGet, "/api/config", made.Secret, ""); w.Code != 401 || w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("after that: %d", w.Code)
	}
	if strings.Contains(log.String(), admin) || strings.Contains(log.String(), made.Secret) {
		t.Errorf("the log tells a token: %s", log)
	}
}

func decode(t *testing.T, w *httptest.ResponseRecorder, into any) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
}
