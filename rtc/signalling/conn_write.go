package signalling

import (
	"encoding/json"
	"io"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/rtc"
)

// send queues a message; a browser that lets too many wait is cut off. Safe from any goroutine.
func (c *conn) send(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		c.log.Error("message not sent", "error", err)
		return
	}
	select {
	case c.out <- b:
	default:
		c.log.Info("browser does not read its websocket; closing it")
		c.hangUp()
	}
}

// refuse says why and hangs up.
func (c *conn) refuse(e *rtc.Error) {
	c.send(messageOf(e))
	c.hangUp()
}

// hangUp closes the websocket after what is queued. Safe from any goroutine, any number of times.
func (c *conn) hangUp() { c.flushed.Do(func() { close(c.flush) }) }

// write is the only writer of messages; it ends after hangUp or an error, and sees to it that read ends too.
func (c *conn) write() {
	defer close(c.written)
	defer c.listenLast()
	ping := time.NewTicker(c.srv.cfg.PingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case b := <-c.out:
			err = c.writeText(b)
		case <-ping.C:
			err = c.ping()
		case <-c.flush:
			c.drain()
			return
		}
		if err != nil {
			return
		}
	}
}

// drain writes what is queued, and a close frame.
func (c *conn) drain() {
	for {
		select {
		case b := <-c.out:
			if c.writeText(b) != nil {
				return
			}
		default:
			bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeWithin))
			return
		}
	}
}

func (c *conn) writeText(b []byte) error {
	if err := c.ws.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return c.ws.WriteMessage(websocket.TextMessage, b)
}

func (c *conn) ping() error {
	return c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin))
}

// linger reads what the browser still sends until it closes, for a moment: closing with unread input would reset
// the connection, and the browser might never see why it was refused.
func (c *conn) linger() {
	for left := int64(4 * maxSignal); left > 0; {
		_, r, err := c.ws.NextReader()
		if err != nil {
			return
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, left))
		if err != nil {
			return
		}
		left -= n + 1
	}
}
