package signalling

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// allow gives every browser the leave.
func allow(l *Leave) func(*setup) {
	return func(up *setup) { up.options.Leave = func(context.Context) Leave { return *l } }
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		if w := s.dial().greet(nil).welcome; w.Name != "given" {
			t.Errorf("a session without a name is called %q", w.Name)
		}
		first := s.dial().greet(object{"name": "ann"}).connect()
		if first.welcome.Name != "ann" {
			t.Errorf("called %q", first.welcome.Name)
		}
		b := s.dial()
		b.send(object{"type": "hello", "version": 1, "name": "taken"})
		if m := b.receive(); m.Code != rtc.CodeNameTaken || !m.Fatal {
			t.Errorf("got %+v", m)
		}
	})
}

func TestALeaveForOneSessionAndPersona(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		leave := Leave{Session: "ann", Persona: "mona-lisa"}
		s := newStand(t, allow(&leave))
		first := s.dial().greet(object{"persona": "somebody", "name": "bob"}).connect()
		if o := s.host.last().asked; o.Name != "ann" || o.Persona != "mona-lisa" || !o.Bound {
			t.Errorf("asked for %+v", o)
		}
		if name := first.welcome.Name; name != "ann" {
			t.Errorf("told that it is called %q", name)
		}
		leave = Leave{Session: "bob"}
		b := s.dial()
		hello := back(first.welcome)
		hello["type"], hello["version"] = "hello", 1
		b.send(hello)
		if m := b.receive(); m.Code != rtc.CodeDenied || !m.Fatal {
			t.Errorf("another's session, its secret known: %+v", m)
		}
		first.Frames(2)
	})
}

func TestASessionEndsWithItsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		leave := Leave{Over: over}
		s := newStand(t, allow(&leave))
		first := s.dial().greet(nil).connect()
		waits := s.dial().greet(nil) // its websocket goes, and it waits for its browser
		waits.ws.Close()
		leave = Leave{}
		stays := s.dial().greet(nil).connect()
		close(over)
		if m := rtctest.Expect(t, first.errors); m.Code != rtc.CodeDenied || !m.Fatal {
			t.Errorf("got %+v", m)
		}
		synctest.Wait()
		if n := s.srv.Sessions(); n != 1 {
			t.Errorf("%d sessions, want the one whose leave goes on", n)
		}
		stays.Frames(2)
	})
}
