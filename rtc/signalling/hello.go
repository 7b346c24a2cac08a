package signalling

import (
	"context"

	"github.com/gioconda-live/gioconda/rtc"
)

// greet answers a hello: with the session that it names and knows the secret of, or with a new one.
func (s *Server) greet(ctx context.Context, c *conn, hello *signal) *rtc.Error {
	x, e := s.resume(ctx, c, hello)
	if e != nil {
		return e
	}
	resumed := x != nil
	if !resumed {
		if x, e = s.open(ctx, c, hello); e != nil {
			return e
		}
	}
	c.mu.Lock()
	c.sess = x
	ended := c.ended
	c.mu.Unlock()
	if ended { // the server closed meanwhile
		x.end()
		return rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down")
	}
	info := x.host.Info()
	servers := s.media.ICEServers
	if servers == nil {
		servers = []rtc.ICEServer{}
	}
	c.log.Info("browser connected", "session", x.id, "resumed", resumed, "persona", info.Persona)
	c.send(welcomeMessage{
		Type: "welcome", Version: protocolVersion, Session: x.id, Secret: x.secret, Resumed: resumed,
		Persona: info.Persona, Size: info.Size, Generator: info.Generator, Note: info.GeneratorNote, ICEServers: servers,
	})
	return nil
}

// resume finds the session of a hello and makes c its visitor; nil if there is none. A visitor that shows no sign
// of life gives way; one that does is left alone.
func (s *Server) resume(ctx context.Context, c *conn, hello *signal) (*session, *rtc.Error) {
	s.mu.Lock()
	x := s.sessions[hello.Session]
	s.mu.Unlock()
	if x == nil || !x.knows(hello.Secret) {
		return nil, nil
	}
	old, over := x.current()
	if over {
		return nil, nil
	}
	if old != nil && old.alive(ctx) {
		return nil, rtc.Fail(rtc.CodeSessionTaken, sessionTakenText)
	}
	if current, ok := x.admit(c, old); !ok {
		if current == nil && old != nil { // it left while we asked
			if _, ok = x.admit(c, nil); ok {
				return x, nil
			}
		}
		if _, over := x.current(); over {
			return nil, nil
		}
		return nil, rtc.Fail(rtc.CodeSessionTaken, sessionTakenText)
	}
	if old != nil {
		old.end()
	}
	return x, nil
}

// open makes a new session with c as its visitor.
func (s *Server) open(ctx context.Context, c *conn, hello *signal) (*session, *rtc.Error) {
	if e := s.reserve(); e != nil {
		return nil, e
	}
	x, err := s.openSession(ctx, hello.Persona)
	s.mu.Lock()
	s.opening--
	closed := s.closed
	if err == nil && !closed {
		x.visitor = c
		s.sessions[x.id] = x
	}
	s.mu.Unlock()
	switch {
	case err != nil:
		e := rtc.Public(err)
		if e.Code == rtc.CodeInternal {
			c.log.Error("session not opened", "error", err)
		}
		return nil, &rtc.Error{Code: e.Code, Message: e.Message, Fatal: true}
	case closed:
		x.host.Close()
		return nil, rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down")
	}
	return x, nil
}

// reserve counts a session in before the host opens it, so that the bound holds.
func (s *Server) reserve() *rtc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions)+s.opening >= s.most {
		return rtc.Fail(rtc.CodeFull, "the server has no room for another portrait; try again later")
	}
	s.opening++
	return nil
}

func (s *Server) openSession(ctx context.Context, persona string) (*session, error) {
	x := &session{srv: s}
	var err error
	if x.id, err = s.token(12); err != nil {
		return nil, err
	}
	if x.secret, err = s.token(24); err != nil {
		return nil, err
	}
	x.host, err = s.host.Open(ctx, OpenOptions{ID: x.id, Persona: persona})
	return x, err
}
