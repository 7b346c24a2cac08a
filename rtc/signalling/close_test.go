package signalling

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

func TestCloseSaysGoodbye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		idle, busy := s.dial().greet(nil), s.dial().greet(nil).connect()
		busy.Frames(1)
		if err := s.srv.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if m := idle.receive(); m.Code != rtc.CodeShuttingDown {
			t.Errorf("idle: %+v", m)
		}
		if m := rtctest.Expect(t, busy.errors); m.Code != rtc.CodeShuttingDown {
			t.Errorf("busy: %+v", m)
		}
		if s.host.last().closed.Load() != 1 {
			t.Error("session is open")
		}
		s.refused(http.StatusServiceUnavailable, rtc.CodeShuttingDown)
	})
}

func TestCloseDuringOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		s.host.opening = make(chan struct{})
		b := s.dial()
		b.send(object{"type": "hello", "version": 1})
		synctest.Wait()
		if err := s.srv.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestOpenIsBrokenOff: a browser that leaves while its session is made ready leaves nothing behind.
func TestOpenIsBrokenOff(t *testing.T) {
	t.Run("by a host that listens", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			s.host.opening, s.host.gone = make(chan struct{}), make(chan error, 1)
			b := s.dial()
			b.send(object{"type": "hello", "version": 1})
			synctest.Wait()
			b.close()
			if err := rtctest.Expect(t, s.host.gone); !errors.Is(err, context.Canceled) {
				t.Errorf("broken off by %v", err)
			}
			synctest.Wait()
			if n := s.srv.Sessions(); n != 0 {
				t.Errorf("%d sessions", n)
			}
		})
	})
	t.Run("by a host that does not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			s.host.opening, s.host.deaf = make(chan struct{}), true
			b := s.dial()
			b.send(object{"type": "hello", "version": 1})
			synctest.Wait()
			b.close()
			time.Sleep(5 * time.Second)
			close(s.host.opening)
			synctest.Wait()
			if s.srv.Sessions() != 0 || s.host.last().closed.Load() != 1 {
				t.Errorf("%d sessions; closed %d", s.srv.Sessions(), s.host.last().closed.Load())
			}
		})
	})
}

// TestSlowOpen: a browser that answers pings is waited for, and may say the next thing meanwhile.
func TestSlowOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		s.host.opening = make(chan struct{})
		time.AfterFunc(3*helloWithin, func() { close(s.host.opening) })
		b := s.dial()
		b.send(object{"type": "hello", "version": 1})
		b.send(object{"type": "dance"})
		var m inbox
		if err := b.ws.ReadJSON(&m); err != nil || m.Type != "welcome" {
			t.Fatalf("%+v, %v", m, err)
		}
		if m := b.receive(); m.Code != rtc.CodeBadMessage || m.Fatal {
			t.Errorf("after the welcome: %+v", m)
		}
	})
}
