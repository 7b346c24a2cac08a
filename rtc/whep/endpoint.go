package whep

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"github.com/gioconda-live/gioconda/rtc"
)

const endpointMethods = "GET, HEAD, POST, OPTIONS"

// endpoint answers /whep/{session}.
func (s *Server) endpoint(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("session")
	if !rtc.ValidName(name) {
		refuse(w, unknown())
		return
	}
	w.Header().Set("Accept-Post", typeSDP)
	switch r.Method {
	case http.MethodOptions:
		options(w, endpointMethods)
	case http.MethodGet: // the draft wants no content
		w.WriteHeader(http.StatusNoContent)
	case http.MethodHead:
		if _, live := s.o.Host.Watch(name); !live {
			refuse(w, idle())
			return
		}
		w.Header().Set("Content-Type", typeSDP)
		w.WriteHeader(http.StatusOK)
	case http.MethodPost:
		s.post(w, r, name)
	default:
		notAllowed(w, endpointMethods)
	}
}

func idle() *refusal {
	return &refusal{http.StatusConflict, "idle", "Nobody drives a session of this name now; try again in a moment.", retryIdle}
}

// post answers an offer.
func (s *Server) post(w http.ResponseWriter, r *http.Request, name string) {
	offer, e := body(w, r, typeSDP)
	if e != nil {
		refuse(w, e)
		return
	}
	session, live := s.o.Host.Watch(name)
	if !live {
		refuse(w, idle())
		return
	}
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	if e = s.enter(address, name); e != nil {
		refuse(w, e)
		return
	}
	came := false
	defer func() { // also where a fault breaks the request
		if !came {
			s.leave(address, name)
		}
	}()
	v, answer, e := s.open(r.Context(), name, session, r.URL.Query(), string(offer))
	if e != nil {
		refuse(w, e)
		return
	}
	came = true
	v.log.Info("viewer comes", "remote", r.RemoteAddr)
	go s.watch(v, session.Done(), s.o.Over(r.Context()), address)
	h := w.Header()
	links(h, s.transport.Config().ICEServers)
	at := "/whep/" + name + "/" + v.id
	if t := r.URL.Query().Get("ticket"); t != "" { // of another server that sent the player here; it is asked for again
		at += "?ticket=" + url.QueryEscape(t)
	}
	h.Set("Location", at)
	h.Set("Accept-Patch", typeFragment)
	h.Set("ETag", v.tag)
	h.Set("Content-Type", typeSDP)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte(answer)) // the player may have gone
}

// open makes the peer of a viewer and negotiates.
func (s *Server) open(ctx context.Context, name string, session Session, q url.Values, offer string) (*viewer, string, *refusal) {
	if !takesVideo(offer) {
		return nil, "", &refusal{http.StatusBadRequest, rtc.CodeBadSDP, "The offer receives no video; add a receive-only video section.", ""}
	}
	view, err := session.Form(q)
	if err != nil {
		return nil, "", &refusal{http.StatusBadRequest, "bad_form", "The address asks for what there is not: " + err.Error() + ".", ""}
	}
	codec, err := s.transport.ChooseCodec(offer, rtc.CodecAuto)
	if err != nil {
		return nil, "", refusalOf(err)
	}
	if err = view.Room(codec); err != nil { // now: who was let in and then gets nothing does not know why
		return nil, "", &refusal{http.StatusServiceUnavailable, rtc.CodeFull, sentence(err.Error()), retryFull}
	}
	v, err := s.newViewer(name, offer)
	if err == nil {
		v.peer, err = s.transport.NewPeer(s.base, rtc.PeerOptions{ //nolint:contextcheck // a viewer outlives its request
			View: view, Codec: codec, PlayoutDelay: true, Listen: session, Sync: q.Get("sync") == "1",
			ConnectWithin: connectWithin, SilentFor: silentFor, Log: v.log,
		})
	}
	if err != nil {
		s.o.Log.Error("viewer", "session", name, "error", err)
		return nil, "", refusalOf(err)
	}
	kept := false
	defer func() {
		if !kept {
			v.peer.Close()
		}
	}()
	answer, e := v.negotiate(ctx, offer)
	if e != nil {
		return nil, "", e
	}
	if !s.register(v) {
		s.forget(v)
		return nil, "", &refusal{http.StatusServiceUnavailable, rtc.CodeShuttingDown, "The server is shutting down.", retryFull}
	}
	kept = true
	return v, answer, nil
}

// watch lets a viewer go when it, what it watches, or its leave has ended.
func (s *Server) watch(v *viewer, done, over <-chan struct{}, address string) {
	defer s.leave(address, v.session)
	select {
	case <-v.peer.Done():
	case <-v.gone:
	case <-done:
	case <-over:
		v.log.Info("viewer's token has ended")
	case <-s.base.Done():
	}
	s.forget(v)
	v.peer.Close()
	close(v.freed)
	v.log.Info("viewer has left")
}

// cutShort tells an offer that came to no end from one that is wrong.
func cutShort(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, rtc.ErrClosed)
}
