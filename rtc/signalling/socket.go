package signalling

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/rtc/limit"
)

// What a browser may send over its websocket besides messages, which are counted one by one: bytes of any kind, empty frames
// included, and pings. Its signals have some kilobytes together, and browsers send no pings.
const (
	byteRate  = 64 << 10 // a second
	byteBurst = 1 << 20
	pingRate  = 5 // a second
	pingBurst = 20
)

var errFlood = errors.New("signalling: the browser sends more than it may")

// metered is a ResponseWriter whose hijacked connection bounds what is read from it.
type metered struct {
	http.ResponseWriter
	conn *meteredConn // once it is hijacked
}

func (m *metered) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(m.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	m.conn = &meteredConn{Conn: c, allowed: limit.NewBucket(byteRate, byteBurst, time.Now())}
	return m.conn, rw, nil
}

func (m *metered) Unwrap() http.ResponseWriter { return m.ResponseWriter }

// meteredConn fails to read once more came than may. One goroutine reads it.
type meteredConn struct {
	net.Conn
	allowed limit.Bucket
	flooded atomic.Bool
}

func (c *meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.allowed.TakeMany(n, time.Now()) {
		c.flooded.Store(true)
		return 0, errFlood
	}
	return n, err
}
