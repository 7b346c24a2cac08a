package rtctest

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pion/webrtc/v3"
)

// Endpoint is a WHIP server over HTTP in memory, with a real receiver behind it, for a bubble of synctest.
type Endpoint struct {
	Nets *Nets
	Over *http.Transport // leads to the endpoint, whatever the URL says
	Came chan *Browser   // each receiver, as it is made; room for 4

	t testing.TB

	mu        sync.Mutex // guards the following
	refuse    []Refusal
	patch     int
	deaf      bool
	answer    string
	receiver  *Browser
	offers    []string
	fragments []string
	tokens    []string
	deleted   int
}

// Refusal is an answer to one POST.
type Refusal struct {
	Status     int
	RetryAfter string
}

// NewEndpoint serves until the test ends.
func NewEndpoint(t testing.TB) *Endpoint {
	t.Helper()
	e := &Endpoint{t: t, Nets: NewNets(t), Came: make(chan *Browser, 4), patch: http.StatusNoContent}
	l := Listen()
	srv := &http.Server{Handler: e} //nolint:gosec // in memory
	go func() { _ = srv.Serve(l) }()
	e.Over = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}
	t.Cleanup(func() { e.Over.CloseIdleConnections(); _ = srv.Close() })
	return e
}

// Refuse lets the next POSTs be answered so, one after the other.
func (e *Endpoint) Refuse(with ...Refusal) { e.set(func() { e.refuse = with }) }

// Patch is the status of each PATCH from now on; only with 204 its candidates are taken.
func (e *Endpoint) Patch(status int) { e.set(func() { e.patch = status }) }

// Deafen lets answers lead nowhere, or somewhere again.
func (e *Endpoint) Deafen(deaf bool) { e.set(func() { e.deaf = deaf }) }

// Answer is given instead of the receiver's.
func (e *Endpoint) Answer(sdp string) { e.set(func() { e.answer = sdp }) }

func (e *Endpoint) set(change func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change()
}

// Seen are the offers, the fragments and the bearers of the POSTs that came, and how many sessions were deleted.
func (e *Endpoint) Seen() (offers, fragments, tokens []string, deleted int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.offers, e.fragments, e.tokens, e.deleted
}

// ServeHTTP implements http.Handler.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	switch r.Method {
	case http.MethodPost:
		e.offers = append(e.offers, string(b))
		e.tokens = append(e.tokens, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		e.post(w, string(b))
	case http.MethodPatch:
		e.fragments = append(e.fragments, string(b))
		if e.patch == http.StatusNoContent {
			e.take(string(b))
		}
		w.WriteHeader(e.patch)
	case http.MethodDelete:
		e.deleted++
	}
}

func (e *Endpoint) post(w http.ResponseWriter, offer string) {
	if len(e.refuse) > 0 {
		with := e.refuse[0]
		e.refuse = e.refuse[1:]
		w.Header().Set("Retry-After", with.RetryAfter)
		w.WriteHeader(with.Status)
		return
	}
	e.receiver = NewIngest(e.t, e.Nets.Client)
	answer, err := e.receiver.WholeAnswer(offer)
	if err != nil {
		e.t.Error(err)
	}
	if e.deaf {
		answer = strings.ReplaceAll(answer, "10.0.0.3", "10.0.0.77")
		e.receiver.Close()
	}
	if e.answer != "" {
		answer = e.answer
	}
	h := w.Header()
	h.Set("Location", "/session/1")
	h.Set("Content-Type", "application/sdp")
	h.Set("Link", `<stun:10.0.0.99>; rel="ice-server"`)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
	select {
	case e.Came <- e.receiver:
	default:
	}
}

// take hands a fragment's candidates to the receiver.
func (e *Endpoint) take(fragment string) {
	zero := uint16(0)
	for line := range strings.SplitSeq(fragment, "\r\n") {
		if c, ok := strings.CutPrefix(line, "a="); ok && strings.HasPrefix(c, "candidate:") {
			if err := e.receiver.PC.AddICECandidate(webrtc.ICECandidateInit{Candidate: c, SDPMLineIndex: &zero}); err != nil {
				e.t.Error(err)
			}
		}
	}
}
