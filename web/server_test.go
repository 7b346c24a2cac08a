package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/web/access"
)

type codedError struct{ code string }

func (e *codedError) Error() string {
	return "No face was found; use a picture that shows one from the front."
}
func (e *codedError) Code() string { return e.code }

type fakePersonas struct {
	got   Upload
	order []string
}

func (f *fakePersonas) List() []PersonaInfo {
	return []PersonaInfo{{ID: "mona-lisa", Name: "Mona Lisa", Builtin: true, Warnings: []Warning{}}}
}

func (f *fakePersonas) Portrait(id string, _ int) ([]byte, error) {
	if id != "mona-lisa" {
		return nil, &codedError{"persona_unknown"}
	}
	return []byte("jpeg"), nil
}

func (f *fakePersonas) File(string) (io.ReadSeekCloser, error) {
	return nil, errors.New("disk on fire")
}

func (f *fakePersonas) Version(id string) (string, error) {
	if id == "nobody" {
		return "", &codedError{"persona_unknown"}
	}
	return id, nil
}

func (f *fakePersonas) Create(_ context.Context, up Upload, p func(float64, string)) (PersonaInfo, error) {
	f.got = up
	p(0, "Reading the picture")
	if string(up.Picture) == "text" {
		return PersonaInfo{}, &codedError{"not_an_image"}
	}
	p(0.5, "Finding the face")
	if string(up.Picture) == "cat" {
		return PersonaInfo{}, &codedError{"no_face"}
	}
	return PersonaInfo{ID: "x", Name: up.Name, Warnings: []Warning{{"several_faces", "Two."}}}, nil
}
func (f *fakePersonas) Delete(string) error { return &codedError{"builtin"} }

func (f *fakePersonas) Rename(id, name string) (PersonaInfo, error) {
	if id == "mona-lisa" {
		return PersonaInfo{}, &codedError{"builtin"}
	}
	return PersonaInfo{ID: id, Name: name, Warnings: []Warning{}}, nil
}

func (f *fakePersonas) Reorder(ids []string) error {
	f.order = ids
	return nil
}

func (f *fakePersonas) Import(file io.Reader, attested bool) (PersonaInfo, error) {
	data, err := io.ReadAll(file)
	if string(data) != "persona" || !attested {
		return PersonaInfo{}, errors.Join(&codedError{"persona_corrupted"}, err)
	}
	return PersonaInfo{ID: "x", Name: "Ann", Warnings: []Warning{}}, err
}

// viewers tells which requests reach it.
func viewers() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "viewers: "+r.Method+" "+r.URL.Path)
	})
}

type fakeFaces struct{}

func (fakeFaces) Find(_ context.Context, p []byte) (FaceList, error) {
	if string(p) == "text" {
		return FaceList{}, &codedError{"not_an_image"}
	}
	return FaceList{Width: 40, Height: 20, Faces: []FaceBox{{1, 2, 3, 4}}}, nil
}

type fakeBackdrops struct{}

func (fakeBackdrops) Add(_ context.Context, p []byte) (string, error) {
	if string(p) == "cat" {
		return "", &codedError{"not_an_image"}
	}
	return "b1", nil
}

func newServer(t *testing.T) (*Server, *fakePersonas) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "face.onnx"), []byte("onnx"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &fakePersonas{}
	return &Server{
		Config: DefaultConfig(), Access: &access.Policy{Listen: DefaultConfig().Listen}, About: About{Size: 512, Attestation: "I may use this picture"},
		Client: fstest.MapFS{
			"index.html": {Data: []byte("<title>page</title>")}, "view.html": {Data: []byte("<title>picture</title>")},
		},
		ModelsDir: dir, Personas: p, Gallery: p, Backdrops: fakeBackdrops{}, Faces: fakeFaces{},
		Signalling: http.NotFoundHandler(), Viewers: viewers(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, p
}

func TestRequests(t *testing.T) {
	s, _ := newServer(t)
	s.Config.UploadMax = 2048
	h := s.Handler()
	var talking, fast bytes.Buffer
	if err := errors.Join(perform.Encode(&talking, "talking", perform.FPS), perform.Encode(&fast, "talking", perform.MostFPS)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, method, target, body string
		header                     map[string]string
		status                     int
		want                       string
	}{
		{"page", "GET", "/", "", nil, 200, "page"},
		{"not ready", "GET", "/healthz", "", nil, 503, `"starting"`},
		{"config", "GET", "/api/config", "", nil, 200, `{"name":"talking"`},
		{"list", "GET", "/api/personas", "", nil, 200, `"builtin":true`},
		{"portrait", "GET", "/api/personas/mona-lisa/portrait.jpg?edge=64", "", nil, 200, "jpeg"},
		{"portrait edge", "GET", "/api/personas/mona-lisa/portrait.jpg?edge=9999", "", nil, 400, "bad_edge"},
		{"unknown persona", "GET", "/api/personas/nobody/portrait.jpg", "", nil, 404, "persona_unknown"},
		{"internal errors stay inside", "GET", "/api/personas/x/file.persona", "", nil, 500, `"internal"`},
		{"builtin", "DELETE", "/api/personas/mona-lisa", "", nil, 409, "builtin"},
		{"performance", "GET", "/api/performances/talking", "", nil, 200, talking.String()[:64]},
		{"performance at another rate", "GET", "/api/performances/talking?fps=60", "", nil, 200, fast.String()[:4096]},
		{"performance at no rate", "GET", "/api/performances/talking?fps=1000000", "", nil, 400, "fps is 30 or 60"},
		{"unknown performance", "GET", "/api/performances/opera", "", nil, 404, "unknown_performance"},
		{"model", "GET", "/models/face.onnx", "", nil, 200, "onnx"},
		{"model missing", "GET", "/models/other.onnx", "", nil, 404, "models build"},
		{"model outside", "GET", "/models/..%2f..%2fetc%2fpasswd", "", nil, 404, "unknown_model"},
		{"view", "GET", "/view/ann?fit=cover", "", nil, 200, "picture"},
		{"view of a bad name", "GET", "/view/Ann", "", nil, 404, "bad_name"},
		{"view of nobody", "GET", "/view/", "", nil, 404, "404"},
		{"viewers", "PATCH", "/whep/ann/x", "", nil, 200, "viewers: PATCH /whep/ann/x"},
		{"viewers' methods", "OPTIONS", "/whep/ann", "", nil, 200, "viewers: OPTIONS /whep/ann"},
		{"unknown api", "GET", "/api/nothing", "", nil, 404, "not_found"},
		{"not attested", "POST", "/api/personas?name=a", "img", nil, 422, "not_attested"},
		{"too large", "POST", "/api/personas?attest=true", strings.Repeat("x", 4096), nil, 413, "too_large_bytes"},
		{"bad name", "POST", "/api/personas?attest=true&name=" + strings.Repeat("n", 100), "img", nil, 400, "bad_name"},
		{"faces", "POST", "/api/faces", "img", nil, 200, `{"width":40,"height":20,"faces":[{"x":1,"y":2,"width":3,"height":4}]}`},
		{"faces of no picture", "POST", "/api/faces", "text", nil, 415, "not_an_image"},
		{"bad face", "POST", "/api/personas?attest=true&face=0", "img", nil, 400, "bad_face"},
		{"made", "POST", "/api/personas?attest=true&name=Ann", "img", nil, 200, `"several_faces"`},
		{"no face", "POST", "/api/personas?attest=true", "cat", nil, 422, `"error":{"code":"no_face"`},
		{"no face in lines", "POST", "/api/personas?attest=true", "cat", map[string]string{"Accept": jsonLines}, 200, `"error":{"code":"no_face"`},
		{"no picture", "POST", "/api/personas?attest=true", "text", nil, 415, `"error":{"code":"not_an_image"`},
		{"no picture in lines", "POST", "/api/personas?attest=true", "text", map[string]string{"Accept": jsonLines}, 415, `"error":{"code":"not_an_image"`},
		{"brought", "POST", "/api/personas/file?attest=true", "persona", nil, 200, `"name":"Ann"`},
		{"brought without attesting", "POST", "/api/personas/file", "persona", nil, 422, "not_attested"},
		{"brought and no persona", "POST", "/api/personas/file?attest=true", "cat", nil, 422, "persona_corrupted"},
		{"brought and too large", "POST", "/api/personas/file?attest=true", strings.Repeat("x", 4096), nil, 413, "too_large_bytes"},
		{"renamed", "PATCH", "/api/personas/ann", `{"name":" Änn "}`, nil, 200, `"name":"Änn"`},
		{"renamed to nothing", "PATCH", "/api/personas/ann", `{"name":"  "}`, nil, 400, "bad_name"},
		{"renamed too long", "PATCH", "/api/personas/ann", `{"name":"` + strings.Repeat("n", 100) + `"}`, nil, 400, "bad_name"},
		{"renamed by no JSON", "PATCH", "/api/personas/ann", `name`, nil, 400, "bad_request"},
		{"renamed and built in", "PATCH", "/api/personas/mona-lisa", `{"name":"Lisa"}`, nil, 409, "builtin"},
		{"reordered", "PUT", "/api/personas/order", `{"order":["ann","mona-lisa"]}`, nil, 204, ""},
		{"reordered by no list", "PUT", "/api/personas/order", `{"order":"ann"}`, nil, 400, "bad_request"},
		{"backdrop", "POST", "/api/backdrops", "img", nil, 200, `"backdrop":"b1"`},
		{"bad backdrop", "POST", "/api/backdrops", "cat", nil, 415, "not_an_image"},
		{"large backdrop", "POST", "/api/backdrops", strings.Repeat("x", 4096), nil, 413, "too_large_bytes"},
		{"foreign origin", "GET", "/api/config", "", map[string]string{"Origin": "https://evil.example"}, 403, "bad_origin"},
		{"own origin", "GET", "/api/config", "", map[string]string{"Origin": "http://localhost:8080"}, 200, "size"},
		{"foreign socket", "GET", "/ws", "", map[string]string{"Origin": "https://evil.example"}, 403, "bad_origin"},
		{"rebound name", "GET", "/api/config", "", map[string]string{"Host": "evil.example"}, 421, "bad_host"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.target, strings.NewReader(tc.body))
			r.Host = "localhost:8080"
			for k, v := range tc.header {
				if k == "Host" {
					r.Host = v
				}
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
				t.Errorf("%d %q, want %d with %q", w.Code, w.Body.String(), tc.status, tc.want)
			}
			if strings.Contains(w.Body.String(), "disk on fire") {
				t.Error("an internal error reached the client")
			}
		})
	}
}

func TestCreateStreamsJSONLines(t *testing.T) {
	s, p := newServer(t)
	r := httptest.NewRequest(http.MethodPost, "/api/personas?attest=true&face=2&name=%20Ann%20", strings.NewReader("img"))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Accept", jsonLines)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	lines := strings.Split(strings.TrimSpace(w.Body.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("lines: %q", lines)
	}
	for _, l := range lines {
		if !json.Valid([]byte(l)) {
			t.Errorf("not JSON: %q", l)
		}
	}
	if p.got.Name != "Ann" || !p.got.Attested || string(p.got.Picture) != "img" || p.got.Face != 2 {
		t.Errorf("created from %+v", p.got)
	}
}

func TestAssetsArePackedAndCached(t *testing.T) {
	s, _ := newServer(t)
	s.Client = fstest.MapFS{
		"index.html": {Data: []byte("page")}, "assets/a-1.wasm": {Data: []byte("plain")}, "assets/a-1.wasm.gz": {Data: []byte("packed")},
		"assets/b-2.js": {Data: []byte("script")}, "assets/a-1.wasm.br": {Data: []byte("brotli")},
		"assets/c-3.css": {Data: []byte("style")}, "assets/c-3.css.gz": {Data: []byte("zipped")},
	}
	for _, tc := range []struct{ path, accept, body, encoding string }{
		{"/assets/a-1.wasm", "gzip, deflate, br, zstd", "brotli", "br"},
		{"/assets/a-1.wasm", "gzip, br;q=0", "packed", "gzip"},
		{"/assets/a-1.wasm", "gzip;q=1.0, br; q=0.5", "brotli", "br"},
		{"/assets/a-1.wasm", "brotli, gzip;q=0.0", "plain", ""},
		{"/assets/a-1.wasm", "gzip", "packed", "gzip"},
		{"/assets/c-3.css", "gzip, br", "zipped", "gzip"},
		{"/assets/a-1.wasm", "", "plain", ""},
		{"/assets/b-2.js", "gzip", "script", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, tc.path, nil)
		r.Host = "localhost"
		r.Header.Set("Accept-Encoding", tc.accept)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Body.String() != tc.body || w.Header().Get("Content-Encoding") != tc.encoding ||
			!strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%+v: %q %v", tc, w.Body.String(), w.Header())
		}
	}
}

func TestUnbuiltClientSaysSo(t *testing.T) {
	s, _ := newServer(t)
	s.Client = fstest.MapFS{".keep": {}}
	for _, page := range []string{"/", "/view/ann"} {
		r := httptest.NewRequest(http.MethodGet, page, nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != 404 || !strings.Contains(w.Body.String(), "make build") {
			t.Errorf("%s: %d %q", page, w.Code, w.Body.String())
		}
	}
}

// TestWhoMayFrameAPage: the picture may stand in any page, what can be clicked on in none.
func TestWhoMayFrameAPage(t *testing.T) {
	s, _ := newServer(t)
	for page, want := range map[string]string{"/": "frame-ancestors 'self'", "/view/ann": "frame-ancestors *"} {
		r := httptest.NewRequest(http.MethodGet, page, nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if got := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(got, want) || strings.Contains(got, "*") != (page != "/") {
			t.Errorf("%s: %q", page, got)
		}
	}
}

func TestEmbeddedClientOpens(t *testing.T) {
	if _, err := Client(); err != nil {
		t.Fatal(err)
	}
}
