package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gioconda-live/gioconda/web/access"
)

// fakeCamera has a picture once it was asked.
type fakeCamera struct{ asked bool }

func (f *fakeCamera) Info() CameraInfo {
	return CameraInfo{ID: "video0", Session: "camera", State: "black", Message: "Take the cover off.", FPS: 30, Microphone: &MicrophoneInfo{ID: "tone", State: "live", Level: 0.25}}
}

func (f *fakeCamera) Picture() ([]byte, bool) {
	ok := f.asked
	f.asked = true
	return []byte("JPEG"), ok
}

func TestCamera(t *testing.T) {
	s, _ := newServer(t)
	if w := get(s.Handler(), "/api/camera"); w.Code != http.StatusNotFound {
		t.Errorf("without a camera: %d", w.Code)
	}
	s.Camera = &fakeCamera{}
	h := s.Handler()
	for _, c := range []struct {
		path   string
		status int
		kind   string
		says   string
	}{
		{"/api/camera", 200, "application/json", `{"id":"video0","session":"camera","state":"black","message":"Take the cover off.","format":"","fps":30,"microphone":{"id":"tone","state":"live","message":"","level":0.25}}`},
		{"/api/camera/picture.jpg", 503, "application/json", "no_picture"},
		{"/api/camera/picture.jpg", 200, "image/jpeg", "JPEG"},
		{"/camera", 200, "text/html; charset=utf-8", `src="camera.js"`},
		{"/camera.js", 200, "text/javascript; charset=utf-8", "fetch"},
	} {
		w := get(h, c.path)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %q\n%s", c.path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	return w
}

// TestWhoSeesTheCamera: the face before it is not for those who may only watch or drive.
func TestWhoSeesTheCamera(t *testing.T) {
	for _, path := range []string{"/api/camera", "/api/camera/picture.jpg"} {
		if got := requestOf(httptest.NewRequest(http.MethodGet, path, nil)); got.Action != access.Admin {
			t.Errorf("%s is for %s", path, got.Action)
		}
	}
}
