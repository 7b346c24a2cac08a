package signalling

import (
	"context"
	"errors"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
)

var _ rtc.Signaller = (*conn)(nil)

// offer answers the first offer with a new peer, later ones (an ICE restart) with the same.
func (c *conn) offer(ctx context.Context, sdp string) error {
	if p := c.currentPeer(); p != nil {
		_, err := p.Offer(ctx, sdp)
		return err
	}
	p, err := c.newPeer(sdp)
	if err != nil {
		return err
	}
	if _, err := p.Offer(ctx, sdp); err != nil {
		p.Close()
		return err
	}
	c.mu.Lock()
	gone := c.ended
	if !gone {
		c.peer = p
	}
	c.mu.Unlock()
	if gone {
		p.Close()
		return rtc.Fail(rtc.CodeInternal, "the session has ended")
	}
	for _, cand := range c.early {
		p.AddCandidate(cand)
	}
	c.early = nil
	return nil
}

func (c *conn) newPeer(offer string) (*rtc.Peer, error) {
	codec, err := c.srv.transport.ChooseCodec(offer, c.hello.Codec)
	if err != nil {
		return nil, err
	}
	x := c.session()
	p, err := c.srv.transport.NewPeer(c.srv.base, rtc.PeerOptions{
		Drive: x.host, View: watched{x}, Hear: x.host, Codec: codec, PlayoutDelay: c.hello.PlayoutDelay == nil || *c.hello.PlayoutDelay,
		Signaller: c, From: c.from, ConnectWithin: c.srv.cfg.MediaWithin, Counters: &x.counters, Log: c.log.With("session", x.id),
	})
	if err != nil {
		c.log.Error("peer connection", "error", err)
	}
	return p, err
}

func (c *conn) candidate(cand *rtc.Candidate) {
	if p := c.currentPeer(); p != nil {
		p.AddCandidate(cand)
	} else if len(c.early) < maxEarly {
		c.early = append(c.early, cand)
	}
}

func (c *conn) currentPeer() *rtc.Peer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peer
}

// Answer implements rtc.Signaller.
func (c *conn) Answer(sdp string) { c.send(answerMessage{Type: "answer", SDP: sdp}) }

// Candidate implements rtc.Signaller.
func (c *conn) Candidate(cand *rtc.Candidate) {
	c.send(candidateMessage{Type: "candidate", Candidate: cand})
}

// Interrupted implements rtc.Signaller. It ends the visit for a reason, or because the browser has left, or if no websocket
// remains over which it could restart ICE; on another goroutine, since this one is the peer's.
func (c *conn) Interrupted(why error) {
	if _, ok := errors.AsType[*wall.FaultError](why); ok { // the peer has counted it
		c.breakOff()
		return
	}
	if why != nil && !errors.Is(why, rtc.ErrClosed) {
		if errors.Is(why, rtc.ErrSilent) {
			why = rtc.Fail(rtc.CodeTooSlow, "no media flowed within %v, so the place is free for others; connect again, or ask whether UDP gets through to the server", c.srv.cfg.MediaWithin)
		}
		e := rtc.Public(why)
		if e.Code == rtc.CodeInternal {
			c.log.Error("connection failed", "error", why)
		}
		c.refuse(&rtc.Error{Code: e.Code, Message: e.Message, Fatal: true})
	}
	c.mu.Lock()
	over := why != nil || c.wsGone
	c.mu.Unlock()
	if over {
		c.srv.spawn(c.end)
	}
}

// Alive implements rtc.Signaller: it notes that the browser is alive.
func (c *conn) Alive() {
	c.contact.Add(1)
	c.heard.Store(time.Now().UnixNano())
}
