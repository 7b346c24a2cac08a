package signalling

import (
	"encoding/json"
	"slices"

	"github.com/gioconda-live/gioconda/rtc"
)

const (
	protocolVersion  = 1
	maxSignal        = 64 << 10 // bytes of one signalling message
	maxID            = 128      // bytes of a session's id, a secret, a persona's id
	maxCandidate     = 2 << 10
	maxEarly         = 64 // candidates that may come before the offer
	sessionTakenText = "another window is using this portrait; close it there and try again"
)

// signal is any message from a browser; Type says which fields count.
type signal struct {
	Type string `json:"type"`

	// hello
	Version      int    `json:"version"`
	Session      string `json:"session"`
	Secret       string `json:"secret"`
	Name         string `json:"name"`
	Persona      string `json:"persona"`
	Codec        string `json:"codec"`
	PlayoutDelay *bool  `json:"playoutDelay"`
	// Tried are nodes where it has been, or could not be.
	Tried []string `json:"tried"`

	SDP       string         `json:"sdp"`       // offer
	Candidate *rtc.Candidate `json:"candidate"` // candidate; nil is the end of them
}

// parseSignal reads and checks one message of a browser.
func parseSignal(b []byte) (*signal, *rtc.Error) {
	if len(b) > maxSignal {
		return nil, rtc.Fail(rtc.CodeTooLarge, "a signalling message may have %d bytes; this one has more", maxSignal)
	}
	var s signal
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, rtc.Refuse(rtc.CodeBadMessage, "the message is not the JSON that this server understands")
	}
	switch s.Type {
	case "hello":
		return &s, s.checkHello()
	case "offer":
		if s.SDP == "" {
			return nil, rtc.Refuse(rtc.CodeBadSDP, "the offer has no sdp")
		}
	case "candidate":
		if s.Candidate != nil && len(s.Candidate.Candidate) > maxCandidate {
			return nil, rtc.Refuse(rtc.CodeBadMessage, "a candidate may have %d bytes", maxCandidate)
		}
	case "bye":
	default:
		return nil, rtc.Refuse(rtc.CodeBadMessage, "type must be hello, offer, candidate or bye")
	}
	return &s, nil
}

func (s *signal) checkHello() *rtc.Error {
	if s.Version != protocolVersion {
		return rtc.Fail(rtc.CodeBadVersion, "this server speaks version %d; reload the page", protocolVersion)
	}
	if len(s.Session) > maxID || len(s.Secret) > maxID || len(s.Persona) > maxID {
		return rtc.Refuse(rtc.CodeBadMessage, "session, secret and persona may have %d bytes each", maxID)
	}
	if s.Name != "" && !rtc.ValidName(s.Name) {
		return rtc.Refuse(rtc.CodeBadMessage, "a name has 1 to %d of the letters a to z, digits and hyphens, the first no hyphen", rtc.MaxName)
	}
	if len(s.Tried) > maxTried || slices.ContainsFunc(s.Tried, func(id string) bool { return len(id) > maxID }) {
		return rtc.Refuse(rtc.CodeBadMessage, "tried may name %d nodes", maxTried)
	}
	switch s.Codec {
	case "":
		s.Codec = rtc.CodecAuto
	case rtc.CodecAuto, rtc.CodecVP8, rtc.CodecH264:
	default:
		return rtc.Refuse(rtc.CodeBadMessage, "codec must be auto, vp8 or h264")
	}
	return nil
}

// What the server says.
type (
	welcomeMessage struct {
		Type       string          `json:"type"`
		Version    int             `json:"version"`
		Session    string          `json:"session"`
		Secret     string          `json:"secret"`
		Name       string          `json:"name"`
		Resumed    bool            `json:"resumed"`
		Persona    string          `json:"persona"`
		Size       int             `json:"size"`
		Generator  string          `json:"generator"`
		Note       string          `json:"generator_note"`
		Rates      []int           `json:"rates"`
		Rate       int             `json:"rate"`
		RateNote   string          `json:"rate_note"`
		ICEServers []rtc.ICEServer `json:"iceServers"`
		Node       string          `json:"node,omitempty"`
	}
	redirectMessage struct {
		Type string `json:"type"`
		From string `json:"from"`
		Place
	}
	nodesMessage struct {
		Type  string  `json:"type"`
		Nodes []Place `json:"nodes"`
	}
	answerMessage struct {
		Type string `json:"type"`
		SDP  string `json:"sdp"`
	}
	candidateMessage struct {
		Type      string         `json:"type"`
		Candidate *rtc.Candidate `json:"candidate"`
	}
	errorMessage struct {
		Type    string   `json:"type"`
		Code    rtc.Code `json:"code"`
		Message string   `json:"message"`
		Fatal   bool     `json:"fatal"`
		Retry   int      `json:"retry_after,omitempty"` // seconds
	}
)

// messageOf is an error on the wire.
func messageOf(e *rtc.Error) errorMessage {
	return errorMessage{Type: "error", Code: e.Code, Message: e.Message, Fatal: e.Fatal, Retry: retryAfter(e.Code)}
}
