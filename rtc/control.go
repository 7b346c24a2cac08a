package rtc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/pion/datachannel"

	"github.com/gioconda-live/gioconda/rtc/limit"
)

const (
	maxControl   = 16 << 10 // bytes of one control message
	maxType      = 128      // bytes of a request's type
	controlQueue = 8        // requests that may wait for the session
)

// request is one message of the control channel.
type request struct {
	ID   *int64          `json:"id"`
	Type string          `json:"type"`
	T    json.RawMessage `json:"t"` // of a ping, echoed
	// Of a ping, once the browser knows them, in microseconds: how far the server's clock is ahead of its own, and how far its
	// time since 1970 is.
	Offset *float64 `json:"offset"`
	Wall   float64  `json:"wall"`

	body json.RawMessage // the whole message
}

// parseControl reads and checks one request; with an error the request still holds the id, if it was legible.
func parseControl(b []byte) (request, *Error) {
	var r request
	if len(b) > maxControl {
		return r, Refuse(CodeTooLarge, "a control message may have %d bytes; this one has more", maxControl)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return request{ID: r.ID}, Refuse(CodeBadMessage, "the request is not the JSON that this server understands")
	}
	if r.ID == nil || r.Type == "" || len(r.Type) > maxType {
		return r, Refuse(CodeBadMessage, "a request needs a number as id and a type")
	}
	if r.Type == "ping" {
		var t json.Number
		if len(r.T) > 0 && json.Unmarshal(r.T, &t) != nil {
			return r, Refuse(CodeBadMessage, "t must be a number")
		}
	}
	r.body = b
	return r, nil
}

// answerOK encodes {"id":…,"ok":true} joined by the members of v, which encodes as an object or is nil.
func answerOK(id int64, v any) ([]byte, error) {
	head := fmt.Appendf(nil, `{"id":%d,"ok":true`, id)
	if v == nil {
		return append(head, '}'), nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("rtc: answer to request %d: %w", id, err)
	}
	if b = bytes.TrimSpace(b); len(b) < 2 || b[0] != '{' {
		if bytes.Equal(b, []byte("null")) {
			return append(head, '}'), nil
		}
		return nil, fmt.Errorf("rtc: answer to request %d is no JSON object: %T", id, v)
	}
	if len(b) == 2 {
		return append(head, '}'), nil
	}
	return append(append(head, ','), b[1:]...), nil
}

// answerError encodes {"id":…,"error":{…}}; the id is null where the request had none.
func answerError(id *int64, e *Error) []byte {
	b, err := json.Marshal(struct {
		ID    *int64 `json:"id"`
		Error any    `json:"error"`
	}{id, struct {
		Code    Code   `json:"code"`
		Message string `json:"message"`
	}{e.Code, e.Message}})
	if err != nil { // strings and numbers always encode
		return nil
	}
	return b
}

// readControl takes requests until the channel ends: pings and keyframes are answered here, the others by the
// session on a goroutine of their own, one after the other.
func (p *Peer) readControl(ctx context.Context, from datachannel.Reader, to *channel) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan request, controlQueue)
	defer close(queue)
	if !p.spawn(func() { p.serveControl(ctx, queue, to) }) {
		return
	}
	allowed := limit.NewBucket(p.cfg.MessageRate, p.cfg.MessageRate, time.Now())
	refusals := limit.NewBucket(5, 5, time.Now())
	buf := make([]byte, maxControl)
	for {
		n, _, err := from.ReadDataChannel(buf)
		if err != nil && !errors.Is(err, io.ErrShortBuffer) {
			return
		}
		p.signaller.Alive()
		var r request
		var e *Error
		switch {
		case !allowed.Take(time.Now()):
			e = Refuse(CodeTooFast, "at most %d control messages a second; slow down", p.cfg.MessageRate)
		case err != nil:
			e = Refuse(CodeTooLarge, "a control message may have %d bytes; this one has more", maxControl)
		default:
			r, e = parseControl(buf[:n])
		}
		if e == nil {
			e = p.dispatch(r, queue, to)
		}
		if e != nil && refusals.Take(time.Now()) {
			p.reply(to, answerError(r.ID, e))
		}
	}
}

// dispatch answers what rtc knows and queues the rest, with a copy of the body.
func (p *Peer) dispatch(r request, queue chan<- request, to *channel) *Error {
	switch r.Type {
	case "ping":
		b := fmt.Appendf(nil, `{"id":%d,"ok":true`, *r.ID)
		if len(r.T) > 0 {
			b = append(append(b, `,"t":`...), r.T...)
		}
		p.reply(to, fmt.Appendf(b, `,"server":%d}`, p.report.micros(time.Now())))
		if r.Offset != nil {
			p.report.driver.learn(clockOffsets{server: *r.Offset, wall: r.Wall})
		}
		return nil
	case "keyframe":
		p.keyframe()
		b, _ := answerOK(*r.ID, nil)
		p.reply(to, b)
		return nil
	}
	r.body = bytes.Clone(r.body)
	select {
	case queue <- r:
		return nil
	default:
		return Refuse(CodeTooFast, "%d requests are waiting already; wait for an answer first", controlQueue)
	}
}

// serveControl answers queued requests until the queue is closed.
func (p *Peer) serveControl(ctx context.Context, queue <-chan request, to *channel) {
	for r := range queue {
		if ctx.Err() != nil {
			continue
		}
		v, err := p.drive.Control(ctx, r.Type, r.body)
		var b []byte
		if err == nil {
			b, err = answerOK(*r.ID, v)
		}
		if err != nil {
			e := Public(err)
			if e.Code == CodeInternal {
				p.log.Error("control request failed", "type", r.Type, "error", err)
			}
			b = answerError(r.ID, e)
		}
		p.reply(to, b)
	}
}

// reply sends an answer; one that cannot be sent is the browser's loss.
func (p *Peer) reply(to *channel, b []byte) {
	if err := to.send(b); err != nil && !errors.Is(err, ErrClosed) {
		p.log.Debug("answer dropped", "error", err)
	}
}
