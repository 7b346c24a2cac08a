package signalling

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/limit"
)

const (
	helloWithin  = 10 * time.Second
	writeWithin  = 5 * time.Second
	signalQueue  = 128 // messages that may wait for the websocket
	missedPings  = 3
	probeEvery   = 20 * time.Millisecond
	probeTimeout = time.Second
	lingerFor    = time.Second
)

// conn is one browser's visit: a websocket, and the peer connection that was negotiated over it. Media goes on when
// the websocket drops; the visit ends when both are gone, or when it is told to.
type conn struct {
	srv   *Server
	log   *slog.Logger
	leave Leave
	ws    *websocket.Conn

	out     chan []byte   // to the websocket's writer
	flush   chan struct{} // closed: write what is queued, then close the websocket
	written chan struct{} // closed: the writer has ended
	flushed sync.Once
	contact atomic.Uint64 // how often the browser was heard

	// Owned by the goroutine that reads the websocket.
	hello *signal          // once it has come
	early []*rtc.Candidate // candidates that came before the offer

	greeted chan struct{} // closed: the hello is answered, by a welcome or a refusal that hangs up

	reading   sync.Mutex // held to set the deadline of reading
	lingering bool       // it is set for good

	mu      sync.Mutex // guards the following
	sess    *session
	peer    *rtc.Peer
	wsGone  bool
	ended   bool
	endOnce sync.Once
}

func newConn(s *Server, ws *websocket.Conn, leave Leave) *conn {
	c := &conn{
		srv: s, ws: ws, leave: leave, log: s.log.With("remote", ws.RemoteAddr().String()),
		out: make(chan []byte, signalQueue), flush: make(chan struct{}), written: make(chan struct{}),
		greeted: make(chan struct{}),
	}
	return c
}

// serve reads the websocket until it closes. Called once, on the HTTP server's goroutine.
func (c *conn) serve(ctx context.Context) {
	go c.write()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if e := c.read(ctx); e != nil {
		c.refuse(e)
	}
	cancel()
	if c.hello != nil {
		<-c.greeted
	}
	c.hangUp()
	<-c.written
	c.linger()
	_ = c.ws.Close() // it has served its purpose
	c.websocketGone()
}

// read handles messages until the websocket fails (nil) or something fatal is refused.
func (c *conn) read(ctx context.Context) *rtc.Error {
	silence := missedPings * c.srv.cfg.PingEvery
	c.listenFor(helloWithin)
	c.ws.SetPongHandler(func(string) error {
		c.Alive()
		if c.hello != nil {
			c.listenFor(silence)
		}
		return nil
	})
	allowed := limit.NewBucket(c.srv.media.MessageRate, 2*c.srv.media.MessageRate, time.Now())
	for {
		kind, r, err := c.ws.NextReader()
		if err != nil {
			return nil //nolint:nilerr // the browser has gone, which is no fault
		}
		c.Alive()
		if !allowed.Take(time.Now()) {
			return rtc.Fail(rtc.CodeTooFast, "at most %d messages a second; slow down", c.srv.media.MessageRate)
		}
		b, err := io.ReadAll(io.LimitReader(r, maxSignal+1))
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		if c.hello != nil {
			<-c.greeted // a browser that goes on before it is welcome is not heard leaving until then
		}
		select {
		case <-c.flush: // hung up meanwhile
			return nil
		default:
		}
		if e := c.handle(ctx, kind, b); e != nil {
			e = c.fatalBeforeWelcome(e)
			if e.Fatal {
				return e
			}
			c.send(messageOf(e))
		}
		if c.hello != nil {
			c.listenFor(silence)
		}
	}
}

// listenFor sets how long the browser may be silent from now on.
func (c *conn) listenFor(long time.Duration) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if !c.lingering {
		_ = c.ws.SetReadDeadline(time.Now().Add(long)) // it fails on one that has closed; reading tells
	}
}

// listenLast sets how long is waited for the browser's end, whatever it says.
func (c *conn) listenLast() {
	c.listenFor(lingerFor)
	c.reading.Lock()
	defer c.reading.Unlock()
	c.lingering = true
}

// fatalBeforeWelcome makes any refusal before the welcome fatal: there is nothing to go on with.
func (c *conn) fatalBeforeWelcome(e *rtc.Error) *rtc.Error {
	if c.hello == nil && !e.Fatal {
		return &rtc.Error{Code: e.Code, Message: e.Message, Fatal: true}
	}
	return e
}

func (c *conn) handle(ctx context.Context, kind int, b []byte) *rtc.Error {
	if kind != websocket.TextMessage {
		return rtc.Refuse(rtc.CodeBadMessage, "messages are JSON text, not binary")
	}
	s, e := parseSignal(b)
	if e != nil {
		return e
	}
	if (s.Type == "hello") != (c.hello == nil) {
		return rtc.Refuse(rtc.CodeBadMessage, "hello comes first, and once")
	}
	switch s.Type {
	case "hello":
		c.hello = s
		go c.greet(ctx) // and go on reading, to hear the browser leave
	case "offer":
		if err := c.offer(ctx, s.SDP); err != nil {
			return rtc.Public(err)
		}
	case "candidate":
		c.candidate(s.Candidate)
	case "bye":
		c.session().end("the browser said bye")
	}
	return nil
}

func (c *conn) session() *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sess
}

// alive asks the browser for a sign of life, and waits for one for up to a second.
// A browser whose websocket has closed is not asked: it is the one that comes back.
func (c *conn) alive(ctx context.Context) bool {
	c.mu.Lock()
	gone := c.wsGone || c.ended
	c.mu.Unlock()
	if gone {
		return false
	}
	before := c.contact.Load()
	if c.ping() != nil {
		return false
	}
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	deadline := time.Now().Add(probeTimeout)
	for time.Now().Before(deadline) {
		select {
		case <-ctx.Done():
			return true // nobody takes over
		case <-tick.C:
			if c.contact.Load() != before {
				return true
			}
		}
	}
	return false
}

// websocketGone ends the visit if there is no media to keep it up.
func (c *conn) websocketGone() {
	c.mu.Lock()
	c.wsGone = true
	p := c.peer
	c.mu.Unlock()
	if p == nil || p.Down() {
		c.end()
	}
}

// end closes websocket and peer, and tells the session, which then waits for its browser. It returns when the
// viewer has left, also if another call is at it. Safe from any goroutine but the peer's.
func (c *conn) end() {
	c.endOnce.Do(func() {
		c.mu.Lock()
		p, s := c.peer, c.sess
		c.ended = true
		c.mu.Unlock()
		c.hangUp()
		if p != nil {
			p.Close()
		}
		if s != nil {
			s.left(c)
		}
	})
}
