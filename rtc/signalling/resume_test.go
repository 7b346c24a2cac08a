package signalling

import (
	"net"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/rtc"
)

func TestResume(t *testing.T) {
	srv, host, url := serveTest(t, nil)
	first := dial(t, url).greet(nil).connect()
	back := object{"session": first.welcome.Session, "secret": first.welcome.Secret}

	t.Run("taken", func(t *testing.T) {
		b := dial(t, url)
		b.send(object{"type": "hello", "version": 1, "session": back["session"], "secret": back["secret"]})
		if m := b.receive(); m.Code != rtc.CodeSessionTaken || !m.Fatal {
			t.Errorf("got %+v", m)
		}
		if _, _, err := b.ws.ReadMessage(); err == nil {
			t.Error("websocket is still open")
		}
	})
	t.Run("wrong secret", func(t *testing.T) {
		b := dial(t, url).greet(object{"session": back["session"], "secret": "guess"})
		if b.welcome.Resumed || b.welcome.Session == back["session"] {
			t.Errorf("welcome %+v", b.welcome)
		}
		b.send(object{"type": "bye"})
		eventually(t, "bye", func() bool { return srv.Sessions() == 1 })
	})
	first.frames(2)
	st := host.opened[0]
	t.Run("after a cut", func(t *testing.T) {
		_ = first.ws.NetConn().Close()
		eventually(t, "websocket gone", func() bool {
			srv.mu.Lock()
			defer srv.mu.Unlock()
			return len(srv.conns) == 0
		})
		if st.left.Load() != 0 {
			t.Error("media stopped with the websocket")
		}
		b := dial(t, url).greet(back)
		if !b.welcome.Resumed || b.welcome.Session != back["session"] {
			t.Errorf("welcome %+v", b.welcome)
		}
		b.connect().frames(3)
		if st.viewed.Load() != 2 || st.left.Load() != 1 || st.closed.Load() != 0 {
			t.Errorf("viewed %d, left %d, closed %d", st.viewed.Load(), st.left.Load(), st.closed.Load())
		}
		b.send(object{"type": "bye"})
		eventually(t, "bye", func() bool { return st.closed.Load() == 1 && srv.Sessions() == 0 })
	})
	t.Run("unknown", func(t *testing.T) {
		if b := dial(t, url).greet(back); b.welcome.Resumed {
			t.Errorf("welcome %+v", b.welcome)
		}
	})
}

func TestSilentBrowserGivesWay(t *testing.T) {
	_, _, url := serveTest(t, nil)
	first := dial(t, url).greet(nil)
	// Nobody reads first's websocket, so no pong goes back: its network is gone without a word.
	start := time.Now()
	b := dial(t, url).greet(object{"session": first.welcome.Session, "secret": first.welcome.Secret})
	if took := time.Since(start); !b.welcome.Resumed || took < probeTimeout/2 || took > 3*probeTimeout {
		t.Errorf("welcome %+v after %v", b.welcome, took)
	}
}

func TestGraceEnds(t *testing.T) {
	srv, host, url := serveTest(t, func(c *setup) { c.server.Grace = 100 * time.Millisecond })
	b := dial(t, url).greet(nil).connect()
	b.close()
	eventually(t, "session ends", func() bool { return srv.Sessions() == 0 && host.last().closed.Load() == 1 })
	if host.last().left.Load() != 1 {
		t.Error("its viewer is still there")
	}
}

func TestOnePort(t *testing.T) {
	l, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	port := l.LocalAddr().(*net.UDPAddr).Port
	_ = l.Close() // free it for the server
	_, _, url := serveTest(t, func(c *setup) { c.media.UDPPort = port })
	b := dial(t, url).greet(nil).connect()
	b.frames(3)
	pair, err := b.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || int(pair.Remote.Port) != port {
		t.Errorf("pair %v: %v", pair, err)
	}
}
