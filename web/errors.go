package web

import (
	"encoding/json"
	"errors"
	"net/http"
)

// describe finds the code, status and sentence of an error. One without a code is the server's own fault.
func describe(err error) (status int, e apiError) {
	var coded interface {
		error
		Code() string
	}
	if !errors.As(err, &coded) {
		return http.StatusInternalServerError, apiError{"internal", "Something went wrong here; the server's log says what."}
	}
	return statusOf(coded.Code()), apiError{coded.Code(), coded.Error()}
}

// statusOf is the HTTP status that suits the code of an error.
func statusOf(code string) int {
	switch code {
	case "persona_unknown", "unknown_session", "unknown_exit":
		return http.StatusNotFound
	case "too_many_exits":
		return http.StatusTooManyRequests
	case "builtin":
		return http.StatusConflict
	case "upload_broken":
		return http.StatusBadRequest
	case "too_slow":
		return http.StatusServiceUnavailable
	case "too_large_bytes", "too_large_pixels", "too_many_pictures":
		return http.StatusRequestEntityTooLarge
	case "not_an_image", "not_a_form", "unsupported_format", "unsupported_heic", "unsupported_avif":
		return http.StatusUnsupportedMediaType
	case "not_saved":
		return http.StatusInternalServerError
	case "disk_full":
		return http.StatusInsufficientStorage
	}
	return http.StatusUnprocessableEntity
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the client went away: nothing left to tell it
}

type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]apiError{"error": {code, message}})
}
