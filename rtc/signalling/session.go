package signalling

import (
	"crypto/subtle"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

// session is a Host's session with the visits of its browser. It ends by bye, or when nobody has visited for the
// grace period, or with the server.
type session struct {
	srv        *Server
	id, secret string
	host       Session
	counters   rtc.Counters
	since      time.Time
	address    string        // that holds its place
	proven     atomic.Bool   // media has flowed
	ended      chan struct{} // closed: it is over

	mu      sync.Mutex // guards the following
	visitor *conn
	visits  int
	leftAt  time.Time // when the last visitor went
	grace   *time.Timer
	over    bool
	unwatch func() // stops looking for the end of the last visit's leave
}

// knows compares in constant time.
func (s *session) knows(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(s.secret), []byte(secret)) == 1
}

// admit makes c the visitor in place of old, and reports the visitor that was there, if it was another one:
// then nothing has changed.
func (s *session) admit(c, old *conn) (current *conn, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.visitor != old {
		return s.visitor, false
	}
	s.visitor = c
	s.visits++
	if s.grace != nil {
		s.grace.Stop()
		s.grace = nil
	}
	return old, true
}

// current is the visitor; gone tells that the session has ended.
func (s *session) current() (c *conn, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visitor, s.over
}

// left is called when a visit has ended, its viewer gone.
func (s *session) left(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visitor != c || s.over {
		return
	}
	s.visitor, s.leftAt = nil, time.Now()
	if !s.proven.Load() { // there is nothing to come back to
		s.srv.spawn(func() { s.finish(true, "its browser left before media flowed") })
		return
	}
	if s.srv.leaving() { // and so it goes on at another server
		s.srv.spawn(func() { s.finish(true, "its browser left, and this server is leaving") })
		return
	}
	s.grace = time.AfterFunc(s.srv.cfg.Grace, func() {
		s.srv.spawn(func() { s.finish(true, "its browser did not come back") })
	})
}

// end closes the session for good; why is for the log. Safe from any goroutine but the peer's, any number of times.
func (s *session) end(why string) { s.finish(false, why) }

// finish closes the session, with idle only if nobody visits it.
func (s *session) finish(idle bool, why string) {
	s.mu.Lock()
	if s.over || idle && s.visitor != nil {
		s.mu.Unlock()
		return
	}
	s.over = true
	close(s.ended)
	c := s.visitor
	if s.unwatch != nil {
		s.unwatch()
	}
	if s.grace != nil {
		s.grace.Stop()
	}
	s.mu.Unlock()
	if c != nil {
		c.end()
	}
	s.host.Close()
	s.srv.forget(s)
	s.srv.leavePlace(s.address)
	s.report(why)
}

// endWith ends the session when the leave of its newest visit is over.
func (s *session) endWith(l Leave) {
	stop := make(chan struct{})
	s.mu.Lock()
	if s.unwatch != nil {
		s.unwatch()
	}
	s.unwatch = sync.OnceFunc(func() { close(stop) })
	if s.over {
		s.unwatch()
	}
	s.mu.Unlock()
	if l.Over == nil {
		return
	}
	s.srv.spawn(func() {
		select {
		case <-stop:
		case <-l.Over:
			if c, _ := s.current(); c != nil {
				c.refuse(rtc.Fail(rtc.CodeDenied, "your token has ended; ask whoever runs the server for a new one"))
			}
			s.end("its token has ended")
		}
	})
}

// report writes what a session was into the log.
func (s *session) report(why string) {
	n := s.counters.Counts()
	s.srv.log.Info("session ended", "session", s.id, "why", why, "took", time.Since(s.since).Round(time.Millisecond),
		"visits", s.visits, "samples", n.Samples, "overwritten", s.host.Mailbox().Dropped(),
		"malformed", n.Malformed, "stale", n.Stale, "too_fast", n.Fast, "frames", n.Frames, "bytes", n.Bytes, "sounds", n.Sounds)
}
