package signalling

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/rtc"
)

// subprotocol is what is spoken here. Who names no subprotocol speaks it too; who sends a token as another one needs this one to
// be answered, since browsers want one of theirs to be chosen.
const subprotocol = "gioconda"

// ServeHTTP upgrades to the signalling websocket. It does not ask who comes, or from which page: whatever mounts it has to
// (package web/access does). What it refuses gets 4xx or 503 and
// {"error":{"code":"…","message":"…"}}.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	if status, e := s.enter(address); e != nil {
		s.refused(e.Code)
		writeHTTPError(w, status, e)
		return
	}
	defer s.leave(address)
	up := websocket.Upgrader{
		HandshakeTimeout: writeWithin,
		ReadBufferSize:   4 << 10, // of its own: the server's would read past the meter
		Subprotocols:     []string{subprotocol},
		CheckOrigin:      func(*http.Request) bool { return true }, // see above
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			s.log.Debug("not a websocket", "remote", address, "reason", reason)
			writeHTTPError(w, status, rtc.Fail(rtc.CodeBadMessage, "this address speaks websocket only; the page is at /"))
		},
	}
	meter := &metered{ResponseWriter: w}
	ws, err := up.Upgrade(meter, r, nil)
	if err != nil {
		return // answered by the upgrader
	}
	c := newConn(s, ws, s.leaveOf(r.Context()))
	c.from, c.meter = r.RemoteAddr, meter.conn
	c.log = s.log.With("remote", r.RemoteAddr)
	if !s.register(c) {
		c.refuse(rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down"))
	}
	defer s.unregister(c)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.base, cancel)() //nolint:contextcheck // the server may end before the request
	c.serve(ctx)
}

// enter counts a websocket in; leave counts it out.
func (s *Server) enter(address string) (int, *rtc.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return http.StatusServiceUnavailable, rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down")
	case s.total >= s.cfg.MaxConnections:
		return http.StatusServiceUnavailable, rtc.Fail(rtc.CodeFull, "the server has no room for another connection")
	case s.cfg.MaxPerAddress > 0 && s.callers[address] >= s.cfg.MaxPerAddress:
		return http.StatusTooManyRequests, rtc.Fail(rtc.CodeFull, "too many connections from this address; close some")
	}
	s.callers[address]++
	s.total++
	s.wg.Add(1)
	return 0, nil
}

func (s *Server) leave(address string) {
	s.mu.Lock()
	s.total--
	if s.callers[address]--; s.callers[address] == 0 {
		delete(s.callers, address)
	}
	s.mu.Unlock()
	s.wg.Done()
}

// register makes a websocket known to Close; false if that has begun.
func (s *Server) register(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = struct{}{}
	return !s.closed
}

func (s *Server) unregister(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func writeHTTPError(w http.ResponseWriter, status int, e *rtc.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if wait := retryAfter(e.Code); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wait))
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the browser may have gone
		"error": map[string]any{"code": e.Code, "message": e.Message},
	})
}
