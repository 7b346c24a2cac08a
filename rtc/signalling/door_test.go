package signalling

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
)

// refusedHello says hello and expects a refusal.
func (s *stand) refusedHello(when string) {
	s.t.Helper()
	b := s.dial()
	b.send(object{"type": "hello", "version": 1})
	if m := b.receive(); m.Code != rtc.CodeFull || !m.Fatal {
		s.t.Errorf("%s: got %+v, want %s", when, m, rtc.CodeFull)
	}
	b.close()
}

// TestPlacesAreForThoseWhoGoOn: who is let in and makes no offer, or lets no media flow, loses the place.
func TestPlacesAreForThoseWhoGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		s.host.room = 1
		idle := s.dial().greet(nil)
		go answerPings(idle)
		time.Sleep(s.srv.cfg.OfferWithin - time.Millisecond)
		s.refusedHello("before the offer is late")
		time.Sleep(2*time.Millisecond + lingerFor)
		s.dial().greet(nil).close()
		time.Sleep(lingerFor)

		deaf := s.dial().greet(nil)
		deaf.send(object{"type": "offer", "sdp": wholeOffer(deaf)}) // and nothing more
		go answerPings(deaf)
		time.Sleep(s.srv.cfg.MediaWithin - time.Second)
		s.refusedHello("before media is late")
		time.Sleep(2*time.Second + lingerFor)
		s.dial().greet(nil)
	})
}

// wholeOffer is an offer of a browser that never connects.
func wholeOffer(b *browser) string {
	b.negotiateNothing()
	return b.Offer(nil)
}

// answerPings keeps a websocket up without doing anything else.
func answerPings(b *browser) {
	_ = b.ws.SetReadDeadline(time.Time{})
	for {
		if _, _, err := b.ws.ReadMessage(); err != nil {
			return
		}
	}
}

// TestPlacesOfAnAddress: from one address come as many as it may have, and others after one has left.
func TestPlacesOfAnAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *setup) { c.MaxSessionsPerAddress = 2 })
		first := s.dial().greet(nil).connect()
		s.dial().greet(nil).connect()
		s.refusedHello("a third one")
		first.send(object{"type": "bye"})
		time.Sleep(2 * lingerFor)
		s.dial().greet(nil)
		s.srv.mu.Lock()
		defer s.srv.mu.Unlock()
		for address, n := range s.srv.places {
			if n != 2 {
				t.Errorf("%d places of %s are taken", n, address)
			}
		}
	})
}

// TestVanishedBrowsers: the place of one that vanished is free within 15 s for whoever waits, and its own while nobody does.
func TestVanishedBrowsers(t *testing.T) {
	for name, vanish := range map[string]func(*stand, *browser){
		"closed": func(_ *stand, b *browser) { b.close() },
		"cable cut": func(s *stand, b *browser) { // its websocket stands, and nobody answers
			s.nets.Lose(1)
			_ = b.ws.SetReadDeadline(time.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, func(c *setup) { c.PingEvery = 20 * time.Second })
				s.host.room = 1
				first := s.dial().greet(nil).connect()
				time.Sleep(30 * time.Second)
				s.refusedHello("while it is there")
				vanish(s, first)
				time.Sleep(3 * time.Second)
				if name == "closed" {
					s.refusedHello("while it may come back")
				}
				time.Sleep(11 * time.Second)
				s.dial().greet(nil)
				if s.host.opened[0].closed.Load() != 1 {
					t.Error("the vanished session is not closed")
				}
			})
		})
	}
}

// TestAFaultEndsOneVisit injects a panic at every seam between signalling and the host: the browser is told, what it held is given
// back, the fault is counted, and a neighbour's session stands.
func TestAFaultEndsOneVisit(t *testing.T) {
	for _, method := range []string{"open", "info", "view", "control", "failed"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var faults atomic.Int32
				s := newStand(t, func(c *setup) {
					c.options.Faulted = func(*wall.FaultError) { faults.Add(1) }
				})
				s.host.room = 2
				s.dial().greet(nil).connect()
				s.host.broken = method
				for range 3 { // more than there are places
					b := s.dial()
					b.send(object{"type": "hello", "version": 1})
					m := b.receive()
					if m.Type == "welcome" {
						b.welcome = m
						m = b.breakIt(s, method)
					}
					if m.Code != rtc.CodeInternal || !m.Fatal || m.Message == "" {
						t.Errorf("got %+v", m)
					}
					b.close()
					time.Sleep(2 * lingerFor)
				}
				if want := int32(3); method != "failed" && faults.Load() != want {
					t.Errorf("%d faults were counted, want %d", faults.Load(), want)
				}
				s.host.broken = ""
				if n := s.srv.Sessions(); n != 1 {
					t.Errorf("%d sessions are left, want the neighbour's", n)
				}
				s.dial().greet(nil)
			})
		})
	}
}

// breakIt has a welcome browser go on until the server breaks, and returns what it is told.
func (b *browser) breakIt(s *stand, method string) inbox {
	if method == "failed" {
		close(s.host.last().failed)
		return b.receive()
	}
	b.negotiate()
	if method == "control" {
		<-b.Open
		ch := b.Channel("control", nil, make(chan string, 4))
		time.Sleep(time.Second)
		if err := ch.SendText(`{"id":1,"type":"settings"}`); err != nil {
			b.t.Error(err)
		}
	}
	select {
	case m := <-b.errors:
		return m
	case <-time.After(10 * time.Second):
		return inbox{}
	}
}

// TestFloodBelowMessages: empty fragments and pings are no messages, and are counted all the same.
func TestFloodBelowMessages(t *testing.T) {
	empty := []byte{0x00, 0x80, 0, 0, 0, 0} // continuation, masked, of no bytes
	ping := []byte{0x89, 0x80, 0, 0, 0, 0}
	for name, frame := range map[string][]byte{"fragments": empty, "pings": ping} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, nil)
				b := s.dial()
				raw := b.ws.NetConn()
				if name == "fragments" {
					_, _ = raw.Write([]byte{0x01, 0x80, 0, 0, 0, 0}) // a text begins
				}
				many := make([]byte, 0, 6000)
				for range 1000 {
					many = append(many, frame...)
				}
				go func() {
					for range 1000 {
						if _, err := raw.Write(many); err != nil {
							return
						}
					}
				}()
				if m := b.receive(); m.Code != rtc.CodeTooFast || !m.Fatal {
					t.Errorf("got %+v", m)
				}
			})
		})
	}
}
