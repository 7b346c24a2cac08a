package rtctest

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Listener is a net.Listener in memory, for a bubble of synctest: to be blocked on it lets fake time go on.
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

// Listen begins to listen.
func Listen() *Listener {
	l := &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// Dial connects; the connection closes when either end does.
func (l *Listener) Dial() (net.Conn, error) {
	up, down := newStream(), newStream()
	select {
	case l.conns <- &conn{in: up, out: down}:
		return &conn{in: down, out: up}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error { l.close(); return nil }

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return address() }

func address() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// conn is one end of a connection.
type conn struct{ in, out *stream }

func (c *conn) Read(b []byte) (int, error)        { return c.in.read(b) }
func (c *conn) Write(b []byte) (int, error)       { return c.out.write(b) }
func (c *conn) Close() error                      { c.in.end(); c.out.end(); return nil }
func (c *conn) LocalAddr() net.Addr               { return address() }
func (c *conn) RemoteAddr() net.Addr              { return address() }
func (c *conn) SetReadDeadline(t time.Time) error { c.in.setDeadline(t); return nil }
func (c *conn) SetWriteDeadline(time.Time) error  { return nil } // a write never waits
func (c *conn) SetDeadline(t time.Time) error     { return c.SetReadDeadline(t) }

// stream is one direction. It holds what nobody has read yet.
type stream struct {
	mu      sync.Mutex
	changed *sync.Cond
	data    []byte
	ended   bool
	late    bool // the deadline has passed
	timer   *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(b []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.data) == 0 && !s.ended && !s.late {
		s.changed.Wait()
	}
	switch {
	case s.late:
		return 0, os.ErrDeadlineExceeded
	case len(s.data) == 0:
		return 0, io.EOF
	}
	n = copy(b, s.data)
	s.data = s.data[n:]
	return n, nil
}

func (s *stream) write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	s.data = append(s.data, b...)
	s.changed.Broadcast()
	return len(b), nil
}

func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.changed.Broadcast()
}

func (s *stream) setDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.late = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !s.late && !s.ended {
		var mine *time.Timer
		mine = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.timer == mine {
				s.late = true
				s.changed.Broadcast()
			}
		})
		s.timer = mine
	}
	s.changed.Broadcast()
}
