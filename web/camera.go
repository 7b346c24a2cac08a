package web

import (
	_ "embed"
	"net/http"
)

// CameraInfo is the answer to GET /api/camera.
type CameraInfo struct {
	ID      string  `json:"id"`
	Session string  `json:"session"` // that it drives
	State   string  `json:"state"`   // starting, live, missing, busy, denied, stalled, slow, black, no_face, failed
	Message string  `json:"message"` // a sentence that says what to do; "" where all is well
	Format  string  `json:"format"`  // of its pictures; "" while it is not open
	FPS     float64 `json:"fps"`

	Microphone *MicrophoneInfo `json:"microphone"` // that speaks beside it; null: none
}

// MicrophoneInfo is how the microphone of the server's machine is.
type MicrophoneInfo struct {
	ID      string  `json:"id"`
	State   string  `json:"state"`   // starting, live, silent, missing, busy, denied, stalled, failed
	Message string  `json:"message"` // a sentence that says what to do; "" where all is well
	Level   float64 `json:"level"`   // the loudest of the last moment, 0 to 1
}

// Camera is a camera of the server's machine that drives a session.
type Camera interface {
	Info() CameraInfo
	// Picture is what the tracker saw last, as JPEG with the landmarks drawn in; false where there is none yet.
	Picture() ([]byte, bool)
}

//go:embed camera.html
var cameraPage []byte

//go:embed camera.js
var cameraScript []byte

// handleCamera routes what there is of a camera. Its picture is of whoever sits at the machine: only that machine's own
// browsers and admins see it.
func (s *Server) handleCamera(mux *http.ServeMux) {
	mux.HandleFunc("GET /camera", content("text/html; charset=utf-8", cameraPage))
	mux.HandleFunc("GET /camera.js", content("text/javascript; charset=utf-8", cameraScript))
	mux.HandleFunc("GET /api/camera", func(w http.ResponseWriter, _ *http.Request) { reply(w, s.Camera.Info()) })
	mux.HandleFunc("GET /api/camera/picture.jpg", s.cameraPicture)
}

// content answers with one text.
func content(kind string, text []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(text) // the client may have gone
	}
}

func (s *Server) cameraPicture(w http.ResponseWriter, _ *http.Request) {
	b, ok := s.Camera.Picture()
	if !ok {
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable, "no_picture", "The camera has not given a picture yet; ask again in a moment.")
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b) // the client may have gone
}
