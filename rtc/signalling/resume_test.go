package signalling

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// back is a hello that takes the session of a welcome back.
func back(w inbox) object { return object{"session": w.Session, "secret": w.Secret} }

func TestWelcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newStand(t, nil).dial().greet(nil).welcome
		if w.Generator != "gioconda-s" || w.Note != "a note" || w.Size != rtctest.Side || w.Persona != "mona-lisa" || w.Resumed ||
			!slices.Equal(w.Rates, []int{30, 60}) || w.Rate != 30 || w.RateNote != "no room" || len(w.Session) != 16 || len(w.Secret) != 32 {
			t.Errorf("welcome %+v", w)
		}
	})
}

func TestTakenSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		first := s.dial().greet(nil).connect()
		b := s.dial()
		b.send(object{"type": "hello", "version": 1, "session": first.welcome.Session, "secret": first.welcome.Secret})
		if m := b.receive(); m.Code != rtc.CodeSessionTaken || !m.Fatal {
			t.Errorf("got %+v", m)
		}
		b.closes()
		b = s.dial().greet(object{"session": first.welcome.Session, "secret": "guess"})
		if b.welcome.Resumed || b.welcome.Session == first.welcome.Session {
			t.Errorf("a wrong secret: welcome %+v", b.welcome)
		}
		b.send(object{"type": "bye"})
		synctest.Wait()
		if n := s.srv.Sessions(); n != 1 {
			t.Errorf("%d sessions after bye", n)
		}
		first.Frames(2)
	})
}

// TestResumeAfterACut: media survive the loss of the websocket, and end when the browser comes back.
func TestResumeAfterACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		first := s.dial().greet(nil).connect()
		first.Frames(2)
		x := s.host.last()
		_ = first.ws.NetConn().Close()
		time.Sleep(time.Minute)
		if x.left.Load() != 0 || s.srv.Sessions() != 1 {
			t.Error("media stopped with the websocket")
		}
		b := s.dial().greet(back(first.welcome))
		if !b.welcome.Resumed || b.welcome.Session != first.welcome.Session {
			t.Errorf("welcome %+v", b.welcome)
		}
		b.connect().Frames(3)
		if x.viewed.Load() != 2 || x.left.Load() != 1 || x.closed.Load() != 0 {
			t.Errorf("viewed %d, left %d, closed %d", x.viewed.Load(), x.left.Load(), x.closed.Load())
		}
		b.send(object{"type": "bye"})
		time.Sleep(time.Millisecond)
		if x.closed.Load() != 1 || s.srv.Sessions() != 0 {
			t.Errorf("closed %d, %d sessions after bye", x.closed.Load(), s.srv.Sessions())
		}
		if b := s.dial().greet(back(first.welcome)); b.welcome.Resumed {
			t.Errorf("a session that has ended: welcome %+v", b.welcome)
		}
	})
}

func TestSilentBrowserGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		first := s.dial().greet(nil)
		// Nobody reads first's websocket, so no pong goes back: its network is gone without a word.
		start := time.Now()
		b := s.dial().greet(back(first.welcome))
		if took := time.Since(start); !b.welcome.Resumed || took < probeTimeout || took > probeTimeout+probeEvery {
			t.Errorf("welcome %+v after %v", b.welcome, took)
		}
	})
}

// TestGrace: a session waits for its browser, and no longer.
func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		grace := s.srv.cfg.Grace
		first := s.dial().greet(nil).connect()
		first.close()
		time.Sleep(grace - time.Second)
		second := s.dial().greet(back(first.welcome))
		if !second.welcome.Resumed {
			t.Error("not resumed within the grace")
		}
		time.Sleep(time.Second)
		second.close()
		time.Sleep(grace - time.Second)
		if s.srv.Sessions() != 1 {
			t.Error("the second absence is not counted from its own start")
		}
		time.Sleep(2 * time.Second)
		if x := s.host.last(); s.srv.Sessions() != 0 || x.closed.Load() != 1 || x.left.Load() != 1 {
			t.Errorf("%d sessions after the grace; closed %d, left %d", s.srv.Sessions(), x.closed.Load(), x.left.Load())
		}
	})
}

// TestSessionEndIsLogged: one line says what a session was and why it ended.
func TestSessionEndIsLogged(t *testing.T) {
	for _, c := range []struct {
		name, want string
		end        func(s *stand, b *browser)
	}{
		{"bye", "the browser said bye", func(_ *stand, b *browser) { b.send(object{"type": "bye"}) }},
		{"grace", "its browser did not come back", func(s *stand, b *browser) {
			b.close()
			time.Sleep(s.srv.cfg.Grace + time.Second)
		}},
		{"close", "the server is closing", func(s *stand, _ *browser) { _ = s.srv.Close(s.t.Context()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said bytes.Buffer // complete once the session has ended
				s := newStand(t, func(c *setup) { c.options.Log = slog.New(slog.NewJSONHandler(&said, nil)) })
				b := s.dial().greet(nil).connect()
				_ = b.Landmarks.Send(rtctest.Datagram(t, 1))
				_ = b.Landmarks.Send(rtctest.Datagram(t, 1))
				time.Sleep(10 * time.Second)
				c.end(s, b)
				time.Sleep(time.Second)
				synctest.Wait()
				lines := strings.Split(strings.TrimSpace(said.String()), "\n")
				var last struct {
					Msg, Why, Session             string
					Took                          time.Duration
					Visits, Samples, Stale        int
					Overwritten, Malformed, Bytes int
					Frames                        int
				}
				if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
					t.Fatal(err)
				}
				if last.Msg != "session ended" || last.Why != c.want || last.Session != b.welcome.Session || last.Took < 10*time.Second ||
					last.Visits != 1 || last.Samples != 1 || last.Stale != 1 || last.Overwritten != 0 || last.Malformed != 0 ||
					last.Frames < 290 || last.Bytes < last.Frames {
					t.Errorf("%s", lines[len(lines)-1])
				}
				if strings.Contains(said.String(), b.welcome.Secret) {
					t.Error("the secret is in the log")
				}
			})
		})
	}
}

// TestLostNetworkAndRestart: with its websocket a browser restarts ICE, without it the visit ends.
func TestLostNetworkAndRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.dial().greet(nil).connect()
		b.Frames(3)
		x, before := s.host.last(), b.Answered()
		s.nets.Lose(1)
		time.Sleep(15 * time.Second)
		s.nets.Lose(0)
		b.send(object{"type": "offer", "sdp": b.Offer(&webrtc.OfferOptions{ICERestart: true})})
		for len(b.Packets) > 0 {
			<-b.Packets
		}
		b.Frames(10)
		if x.viewed.Load() != 1 || x.left.Load() != 0 || b.Answered() == before {
			t.Errorf("viewed %d, left %d", x.viewed.Load(), x.left.Load())
		}
		_ = b.ws.NetConn().Close()
		s.nets.Lose(1)
		time.Sleep(7 * time.Second) // ICE looks every two seconds whether four have passed
		if x.left.Load() != 1 || s.srv.Sessions() != 1 {
			t.Errorf("left %d, %d sessions after all is lost", x.left.Load(), s.srv.Sessions())
		}
	})
}

// TestNothingToView: what cannot be shown is said on the websocket.
func TestNothingToView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.dial().greet(nil)
		s.host.last().viewErr = errors.New("secret detail")
		b.negotiate()
		if m := rtctest.Expect(t, b.errors); m.Code != rtc.CodeInternal || !m.Fatal {
			t.Errorf("got %+v", m)
		}
	})
}

// TestCandidatesBeforeTheOffer: they are kept for it, also past an offer that is refused.
func TestCandidatesBeforeTheOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := s.dial().greet(nil)
		b.Browser = rtctest.NewBrowser(t, s.nets.Client, true, true)
		offer := b.WholeOffer()
		for _, c := range candidates(offer) {
			b.send(object{"type": "candidate", "candidate": object{"candidate": c, "sdpMid": "0"}})
		}
		b.send(object{"type": "offer", "sdp": "nonsense"})
		if m := b.receive(); m.Code != rtc.CodeBadSDP || m.Fatal {
			t.Errorf("got %+v", m)
		}
		b.send(object{"type": "offer", "sdp": offer})
		go b.readSignals()
		rtctest.Expect(t, b.Up)
	})
}
