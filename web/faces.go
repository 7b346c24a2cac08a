package web

import (
	"context"
	"net/http"
)

// FaceList is what a picture shows: its size, upright, and its faces from the left, number 1 first, in pixels.
type FaceList struct {
	Width  int       `json:"width"`
	Height int       `json:"height"`
	Faces  []FaceBox `json:"faces"`
}

// FaceBox is a face, forehead to chin.
type FaceBox struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// FaceFinder looks for faces in a picture, which it does not keep. Errors are as those of Personas.
type FaceFinder interface {
	Find(ctx context.Context, picture []byte) (FaceList, error)
}

// findFaces numbers the faces of a picture, so that one of them can be chosen.
func (s *Server) findFaces(w http.ResponseWriter, r *http.Request) {
	s.withBody(w, r, s.Config.UploadMax, func(picture []byte) { //nolint:contextcheck // it is the request's, as everywhere here
		list, err := s.Faces.Find(r.Context(), picture)
		if err != nil {
			s.failWith(w, err)
			return
		}
		reply(w, list)
	})
}
