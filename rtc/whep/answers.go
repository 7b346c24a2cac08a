package whep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/gioconda-live/gioconda/rtc"
)

const (
	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"
)

// refusal is an answer of 4xx or 5xx.
type refusal struct {
	status  int
	code    rtc.Code
	message string // one sentence for a person
	retry   string // seconds for Retry-After; "": none
}

func unknown() *refusal {
	return &refusal{
		http.StatusNotFound, "not_found",
		"Nobody watches from here; POST an offer to /whep/NAME, where NAME is that of a session.", "",
	}
}

// refuse answers with {"error":{"code":"…","message":"…"}}.
func refuse(w http.ResponseWriter, e *refusal) {
	if e.retry != "" {
		w.Header().Set("Retry-After", e.retry)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the player may have gone
		"error": map[string]any{"code": e.code, "message": e.message},
	})
}

// notAllowed answers a method that does not belong to an address.
func notAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	refuse(w, &refusal{http.StatusMethodNotAllowed, "method_not_allowed", "This address takes " + allow + ".", ""})
}

// options answers OPTIONS, a browser's preflight among them.
func options(w http.ResponseWriter, allow string) {
	h := w.Header()
	h.Set("Allow", allow)
	h.Set("Access-Control-Allow-Methods", allow)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusOK)
}

// body reads a request's body of one type, or says why not.
func body(w http.ResponseWriter, r *http.Request, want string) ([]byte, *refusal) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != want {
		return nil, &refusal{http.StatusUnsupportedMediaType, "unsupported_type", "Send a body of type " + want + ".", ""}
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, &refusal{
			http.StatusRequestEntityTooLarge, rtc.CodeTooLarge, fmt.Sprintf("A body may have %d bytes; this one has more.", maxBody), "",
		}
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, rtc.CodeBadMessage, "The body did not come whole.", ""}
	}
	return b, nil
}

// refusalOf tells what went wrong with an offer.
func refusalOf(err error) *refusal {
	e := rtc.Public(err)
	status := http.StatusInternalServerError
	switch e.Code {
	case rtc.CodeBadSDP:
		status = http.StatusBadRequest
	case rtc.CodeNoCodec:
		status = http.StatusUnprocessableEntity
	}
	return &refusal{status, e.Code, sentence(e.Message), ""}
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// links tells a player which STUN and TURN servers there are, one Link for each address.
func links(h http.Header, servers []rtc.ICEServer) {
	quoted := func(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }
	for _, s := range servers {
		for _, u := range s.URLs {
			link := fmt.Sprintf(`<%s>; rel="ice-server"`, u)
			if s.Username != "" {
				link += fmt.Sprintf(`; username="%s"; credential="%s"; credential-type="password"`, quoted(s.Username), quoted(s.Credential))
			}
			h.Add("Link", link)
		}
	}
}

// matches tells whether an If-Match header names a tag, or any.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || part == tag {
			return true
		}
	}
	return false
}
