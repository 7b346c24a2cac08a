package whep

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/limit"
)

const viewerMethods = "GET, HEAD, PATCH, DELETE, OPTIONS"

// viewer is a player that watches, and what the draft calls its WHEP session.
type viewer struct {
	id, session string
	log         *slog.Logger
	peer        *rtc.Peer
	gone        chan struct{} // closed: the player has said so
	leave       func()        // closes gone
	freed       chan struct{} // closed: nothing is left of it

	mu         sync.Mutex // held while a PATCH is worked on
	patches    limit.Bucket
	offer      string // the player's, with the ICE of now
	ufrag      string // of the player
	tag        string // of the ICE session
	candidates int    // of the ICE session
}

func (s *Server) newViewer(session, offer string) (*viewer, error) {
	id, err := s.newID()
	if err != nil {
		return nil, err
	}
	gone := make(chan struct{})
	return &viewer{
		id: id, session: session, log: s.o.Log.With("session", session), gone: gone, leave: sync.OnceFunc(func() { close(gone) }),
		freed: make(chan struct{}), patches: limit.NewBucket(patchRate, patchBurst, time.Now()), offer: offer,
	}, nil
}

// negotiate brings an offer into force, the first or one that restarts ICE. mu is held, or nobody else knows v yet.
func (v *viewer) negotiate(ctx context.Context, offer string) (answer string, e *refusal) {
	ctx, cancel := context.WithTimeout(ctx, gatherWithin)
	defer cancel()
	answer, err := v.peer.Offer(ctx, offer)
	switch {
	case cutShort(err):
		v.log.Warn("no answer to a viewer's offer", "error", err)
		return "", &refusal{
			http.StatusServiceUnavailable, rtc.CodeInternal, "The server's addresses were not found in time; try again.", retryFull,
		}
	case err != nil:
		return "", refusalOf(err)
	}
	v.offer, v.ufrag, v.candidates = offer, attribute(offer, "ice-ufrag"), 0
	v.tag = `"` + attribute(answer, "ice-ufrag") + `"` // each ICE session has its own
	return answer, nil
}

// resource answers /whep/{session}/{viewer}.
func (s *Server) resource(w http.ResponseWriter, r *http.Request) {
	v := s.find(r.PathValue("session"), r.PathValue("viewer"))
	w.Header().Set("Accept-Patch", typeFragment)
	switch {
	case r.Method == http.MethodOptions: // a preflight carries no token, and learns nothing
		options(w, viewerMethods)
	case v == nil:
		refuse(w, unknown())
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPatch:
		v.patch(w, r)
	case r.Method == http.MethodDelete:
		v.leave()
		<-v.freed
		w.WriteHeader(http.StatusOK)
	default:
		notAllowed(w, viewerMethods)
	}
}

// patch takes candidates, or restarts ICE where the player has new credentials.
func (v *viewer) patch(w http.ResponseWriter, r *http.Request) {
	b, e := body(w, r, typeFragment)
	if e != nil {
		refuse(w, e)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	f, e := v.check(b, r.Header.Get("If-Match"))
	if e != nil {
		refuse(w, e)
		return
	}
	if f.ufrag == "" || f.ufrag == v.ufrag {
		for i := range f.candidates {
			v.peer.AddCandidate(&f.candidates[i])
		}
		v.candidates += len(f.candidates)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer, e := v.negotiate(r.Context(), f.restart(v.offer))
	if e != nil {
		if e.status == http.StatusBadRequest { // the fragment was well formed
			e.status = http.StatusUnprocessableEntity
		}
		refuse(w, e)
		return
	}
	v.log.Info("viewer restarted ICE")
	w.Header().Set("ETag", v.tag)
	w.Header().Set("Content-Type", typeFragment)
	_, _ = w.Write([]byte(fragmentOf(answer))) // the player may have gone
}

// check reads a fragment that may be taken.
func (v *viewer) check(b []byte, match string) (f fragment, e *refusal) {
	if !v.patches.Take(time.Now()) {
		return f, &refusal{http.StatusTooManyRequests, rtc.CodeTooFast, "Too many candidates come one by one; send several at once.", "1"}
	}
	if match == "" {
		return f, &refusal{
			http.StatusPreconditionRequired, "no_tag", "Send If-Match with the ETag of the ICE session, or with * to restart it.", "",
		}
	}
	if !matches(match, v.tag) {
		return f, &refusal{http.StatusPreconditionFailed, "old_tag", "The ICE session has been restarted meanwhile; use its newest ETag.", ""}
	}
	f, err := parseFragment(b)
	if err != nil {
		v.log.Debug("fragment refused", "error", err)
		return f, &refusal{http.StatusBadRequest, rtc.CodeBadSDP, "The body cannot be used: " + err.Error() + ".", ""}
	}
	if (f.ufrag == "" || f.ufrag == v.ufrag) && v.candidates+len(f.candidates) > maxCandidates {
		return f, &refusal{
			http.StatusUnprocessableEntity, rtc.CodeTooLarge,
			fmt.Sprintf("A viewer may have %d candidates; leave out those of networks that do not matter.", maxCandidates), "",
		}
	}
	return f, nil
}
