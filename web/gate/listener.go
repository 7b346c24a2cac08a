package gate

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound open connections; zero is no bound.
type Limits struct {
	All        int
	PerAddress int
}

// Listener bounds connections in all and by address. At a bound the quietest connection of that address makes room for the new
// one, so that whoever holds many of them hinders nobody but himself; connections that were hijacked are left alone.
type Listener struct {
	net.Listener
	limits Limits

	mu    sync.Mutex // guards the following
	conns map[*conn]struct{}
	count map[string]int // of conns by address
}

// NewListener takes l over.
func NewListener(l net.Listener, limits Limits) *Listener {
	return &Listener{Listener: l, limits: limits, conns: map[*conn]struct{}{}, count: map[string]int{}}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if mine := l.admit(c); mine != nil {
			return mine, nil
		}
		_ = c.Close() // there is no room for it
	}
}

// admit counts a connection in, or returns nil where there is no room for it.
func (l *Listener) admit(c net.Conn) *conn {
	mine := &conn{Conn: c, from: l, address: hostOf(c.RemoteAddr().String())}
	mine.touch()
	l.mu.Lock()
	var victim *conn
	switch {
	case l.limits.PerAddress > 0 && l.count[mine.address] >= l.limits.PerAddress:
		victim = l.quietest(mine.address)
	case l.limits.All > 0 && len(l.conns) >= l.limits.All:
		victim = l.quietest(l.greediest())
	default:
		l.add(mine)
		l.mu.Unlock()
		return mine
	}
	if victim != nil {
		l.drop(victim)
		l.add(mine)
	}
	l.mu.Unlock()
	if victim == nil {
		return nil
	}
	_ = victim.Conn.Close() // it is out of the books
	return mine
}

// add, drop, quietest and greediest are called with mu held.
func (l *Listener) add(c *conn) {
	l.conns[c] = struct{}{}
	l.count[c.address]++
}

func (l *Listener) drop(c *conn) {
	if _, ok := l.conns[c]; !ok {
		return
	}
	delete(l.conns, c)
	if l.count[c.address]--; l.count[c.address] == 0 {
		delete(l.count, c.address)
	}
}

// quietest is the connection of an address that moved nothing for longest; nil where all are hijacked.
func (l *Listener) quietest(address string) (found *conn) {
	for c := range l.conns {
		if c.address == address && !c.hijacked.Load() && (found == nil || c.moved.Load() < found.moved.Load()) {
			found = c
		}
	}
	return found
}

// greediest is the address with most connections.
func (l *Listener) greediest() (address string) {
	for a, n := range l.count {
		if address == "" || n > l.count[address] {
			address = a
		}
	}
	return address
}

// Open is how many connections there are.
func (l *Listener) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// ConnState is for http.Server: it learns which connections are hijacked.
func (l *Listener) ConnState(c net.Conn, state http.ConnState) {
	if state != http.StateHijacked {
		return
	}
	if t, ok := c.(interface{ NetConn() net.Conn }); ok { // of TLS
		c = t.NetConn()
	}
	if mine, ok := c.(*conn); ok {
		mine.hijacked.Store(true)
	}
}

// conn counts itself out, and remembers when it moved bytes last.
type conn struct {
	net.Conn
	from     *Listener
	address  string
	moved    atomic.Int64 // nanoseconds since 1970
	hijacked atomic.Bool
}

func (c *conn) touch() { c.moved.Store(time.Now().UnixNano()) }

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.touch()
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if n > 0 {
		c.touch()
	}
	return n, err
}

func (c *conn) Close() error {
	c.from.mu.Lock()
	c.from.drop(c)
	c.from.mu.Unlock()
	return c.Conn.Close()
}

// hostOf takes the port off an address.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}
