package signalling

import (
	"context"
	"net"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

// vanishedAfter is how long nothing must have been heard of a browser before its place is given to one that waits: longer than
// a page takes to load again, or a phone to change networks.
const vanishedAfter = 10 * time.Second

// place counts a session of an address in, or says why not; leavePlace counts it out.
func (s *Server) place(address string) *rtc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if most := s.cfg.MaxSessionsPerAddress; most > 0 && s.places[address] >= most {
		return rtc.Fail(rtc.CodeFull, "as many portraits move from your address as one may have (%d); close one and try again", most)
	}
	s.places[address]++
	return nil
}

func (s *Server) leavePlace(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.places[address]--; s.places[address] == 0 {
		delete(s.places, address)
	}
}

// makeRoom ends a session whose browser has vanished, of one address or of any (""), and tells whether there was one. It waits
// for a sign of life from those that were not heard for long.
func (s *Server) makeRoom(ctx context.Context, address string) bool {
	s.mu.Lock()
	var quiet []*session
	for _, x := range s.sessions {
		if (address == "" || x.address == address) && x.quietFor() >= vanishedAfter {
			quiet = append(quiet, x)
		}
	}
	s.mu.Unlock()
	for _, x := range quiet {
		if c, over := x.current(); over || c != nil && c.alive(ctx) {
			continue
		}
		x.end("its browser has vanished, and another one waits")
		return true
	}
	return false
}

// quietFor is how long nothing was heard of the session's browser.
func (s *session) quietFor() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.visitor == nil {
		return time.Since(s.leftAt)
	}
	return time.Since(time.Unix(0, s.visitor.heard.Load()))
}

// expectOffer ends the visit of a browser that is welcome and goes no further.
func (c *conn) expectOffer() {
	time.AfterFunc(c.srv.cfg.OfferWithin, func() {
		if c.offered.Load() {
			return
		}
		c.refuse(rtc.Fail(rtc.CodeTooSlow, "no offer came within %v of the welcome, so the place is free for others; connect again", c.srv.cfg.OfferWithin))
		c.srv.spawn(c.end)
	})
}

// watched lets a browser view its session, and notes that it does: media flows.
type watched struct{ *session }

// View implements rtc.Viewable.
func (w watched) View(out *rtc.Output) (rtc.Viewer, error) {
	w.proven.Store(true)
	return w.host.View(out)
}

// hostOf takes the port off an address.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}
