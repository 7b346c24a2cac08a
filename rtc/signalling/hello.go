package signalling

import (
	"context"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
)

// greet answers the hello; on a goroutine of its own, which serve waits for.
func (c *conn) greet(ctx context.Context) {
	defer close(c.greeted)
	defer wall.Catch("hello", c.broken)
	e, on := c.srv.greet(ctx, c, c.hello)
	switch {
	case on:
	case e != nil:
		c.log.Info("browser not let in", "code", e.Code)
		c.refuse(e)
	case c.srv.router != nil:
		c.srv.spawn(func() { c.followNodes(ctx, c.hello) })
	}
}

// greet answers a hello: with the session that it names and knows the secret of, or with a new one, or sends it on. Its errors
// are fatal.
func (s *Server) greet(ctx context.Context, c *conn, hello *signal) (e *rtc.Error, on bool) {
	c.leave.narrow(hello)
	if s.leaving() {
		if c.elsewhere(ctx, c.visit(hello)) {
			return nil, true
		}
		return rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down, and no other one has room"), false
	}
	x, e := s.resume(ctx, c, hello)
	if e != nil {
		return e, false
	}
	resumed := x != nil
	if !resumed {
		if c.elsewhere(ctx, c.visit(hello)) {
			return nil, true
		}
		if x, e = s.open(ctx, c, hello); e != nil {
			// Others came first.
			return e, e.Code == rtc.CodeFull && c.elsewhere(ctx, c.visit(hello))
		}
	}
	return s.welcome(c, x, resumed), false
}

// welcome makes x the session of c, and says so.
func (s *Server) welcome(c *conn, x *session, resumed bool) *rtc.Error {
	c.mu.Lock()
	c.sess = x
	ended := c.ended
	c.mu.Unlock()
	if ended { // the server closed meanwhile
		x.end("the server is closing")
		return rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down")
	}
	if !resumed {
		s.endWithHost(x)
	}
	x.endWith(c.leave)
	defer c.expectOffer()
	info := x.host.Info()
	servers := s.media.ICEServers
	if servers == nil {
		servers = []rtc.ICEServer{}
	}
	c.log.Info("browser connected", "session", x.id, "name", info.Name, "resumed", resumed, "persona", info.Persona)
	c.send(welcomeMessage{
		Type: "welcome", Version: protocolVersion, Session: x.id, Secret: x.secret, Resumed: resumed,
		Name: info.Name, Persona: info.Persona, Size: info.Size, Generator: info.Generator, Note: info.GeneratorNote, ICEServers: servers,
		Rates: info.Rates, Rate: info.Rate, RateNote: info.RateNote,
		Node: s.node(),
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
	if c.leave.Session != "" && x.host.Info().Name != c.leave.Session {
		return nil, rtc.Fail(rtc.CodeDenied, "your token is for another session; open the link that you were given")
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

// broken ends a visit, and its session, because of a fault in them.
func (c *conn) broken(f *wall.FaultError) {
	c.srv.faulted(f)
	c.breakOff()
}

// breakOff tells the browser of a fault, and ends its session.
func (c *conn) breakOff() {
	c.refuse(brokenMessage())
	if x := c.session(); x != nil {
		c.srv.spawn(func() { x.end("a fault of the program broke it") })
	}
}

func brokenMessage() *rtc.Error {
	return rtc.Fail(rtc.CodeInternal, "a fault of the program ended this session; the log says which. Others are not touched; connect again")
}

// endWithHost ends a session that is broken in the Host.
func (s *Server) endWithHost(x *session) {
	s.spawn(func() {
		select {
		case <-x.ended:
		case <-x.host.Failed():
			if c, _ := x.current(); c != nil {
				c.refuse(brokenMessage())
			}
			x.end("a fault of the program broke it")
		}
	})
}

// open makes a new session with c as its visitor.
func (s *Server) open(ctx context.Context, c *conn, hello *signal) (*session, *rtc.Error) {
	address := hostOf(c.from)
	full := s.place(address)
	if full != nil && s.makeRoom(ctx, address) {
		full = s.place(address)
	}
	if full != nil {
		return nil, full
	}
	kept := false
	defer func() {
		if !kept {
			s.leavePlace(address)
		}
	}()
	o := OpenOptions{Persona: hello.Persona, Name: hello.Name, Bound: c.leave.Persona != ""}
	x, err := s.openSession(ctx, address, o)
	if err != nil && rtc.Public(err).Code == rtc.CodeFull && s.makeRoom(ctx, "") {
		x, err = s.openSession(ctx, address, o)
	}
	left := ctx.Err() != nil
	s.mu.Lock()
	closed := s.closed
	if err == nil && !closed && !left {
		x.visitor, x.visits = c, 1
		s.sessions[x.id] = x
		kept = true
	}
	s.mu.Unlock()
	switch {
	case err != nil:
		e := rtc.Public(err)
		if e.Code == rtc.CodeInternal && !left {
			c.log.Error("session not opened", "error", err)
		}
		return nil, &rtc.Error{Code: e.Code, Message: e.Message, Fatal: true}
	case closed:
		x.host.Close()
		return nil, rtc.Fail(rtc.CodeShuttingDown, "the server is shutting down")
	case left:
		x.host.Close()
		return nil, rtc.Fail(rtc.CodeInternal, "the browser has left")
	}
	return x, nil
}

func (s *Server) openSession(ctx context.Context, address string, o OpenOptions) (*session, error) {
	x := &session{srv: s, since: time.Now(), address: address, ended: make(chan struct{})}
	var err error
	if x.id, err = s.token(12); err != nil {
		return nil, err
	}
	if node := s.node(); node != "" { // whoever is asked for it knows where it lives
		x.id = node + "." + x.id
	}
	if x.secret, err = s.token(24); err != nil {
		return nil, err
	}
	o.ID = x.id
	x.host, err = s.host.Open(ctx, o)
	return x, err
}

// narrow makes a hello ask for what the leave is for, whatever its page is called and showed last; the welcome tells.
func (l *Leave) narrow(hello *signal) {
	if l.Session != "" {
		hello.Name = l.Session
	}
	if l.Persona != "" {
		hello.Persona = l.Persona
	}
}
