package whip

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gioconda-live/gioconda/rtc"
)

// trickler takes our candidates as they are found, and sends them once there is a session to send them to.
type trickler struct {
	found chan string // lines of SDP; what does not fit is dropped
}

var _ rtc.Signaller = (*trickler)(nil)

const endOfCandidates = "a=end-of-candidates"

func newTrickler() *trickler { return &trickler{found: make(chan string, 64)} }

// Candidate implements rtc.Signaller; so do Answer, Interrupted and Alive, which need nothing here.
func (t *trickler) Candidate(c *rtc.Candidate) {
	line := endOfCandidates
	if c != nil {
		line = "a=" + c.Candidate
	}
	select {
	case t.found <- line:
	default:
	}
}

// Answer implements rtc.Signaller.
func (t *trickler) Answer(string) {}

// Interrupted implements rtc.Signaller.
func (t *trickler) Interrupted(error) {}

// Alive implements rtc.Signaller.
func (t *trickler) Alive() {}

// run sends what was found since, in one fragment each time, until all were sent or ctx ends.
func (t *trickler) run(ctx context.Context, s *Session, offer string) error {
	head := fragmentHead(offer)
	for over := false; !over; {
		var lines []string
		select {
		case <-ctx.Done():
			return nil
		case line := <-t.found:
			lines = append(lines, line)
		}
		for len(t.found) > 0 {
			lines = append(lines, <-t.found)
		}
		over = lines[len(lines)-1] == endOfCandidates
		if err := s.Trickle(ctx, head+strings.Join(lines, "\r\n")+"\r\n"); err != nil {
			return fmt.Errorf("sending candidates: %w", err)
		}
	}
	return nil
}

// fragmentHead begins every fragment (RFC 8840): the offer's ICE credentials, and the section that carries all media.
func fragmentHead(offer string) string {
	first := func(prefix string) string {
		for line := range strings.SplitSeq(offer, "\r\n") {
			if strings.HasPrefix(line, prefix) {
				return line + "\r\n"
			}
		}
		return ""
	}
	return first("a=ice-ufrag:") + first("a=ice-pwd:") + first("m=") + first("a=mid:")
}

// trickleUnknown tells whether an error says that the endpoint takes no candidates.
func trickleUnknown(err error) bool {
	e, ok := errors.AsType[*RefusedError](err)
	if !ok {
		return false
	}
	switch e.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		return true
	}
	return false
}
