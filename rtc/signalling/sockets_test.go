package signalling

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// TestOverSockets goes from hello to bye over this machine's network; every other test has it in memory.
func TestOverSockets(t *testing.T) {
	rtctest.NoLeaks(t)
	transport, err := rtc.NewTransport(rtc.DefaultConfig(), rtc.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	host := &fakeHost{t: t}
	srv, err := New(DefaultConfig(), Options{Host: host, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv)
	t.Cleanup(web.Close)
	b := dial(t, websocket.DefaultDialer, "ws"+strings.TrimPrefix(web.URL, "http"), nil)
	b.greet(nil).connect().Frames(5)
	if err := b.Landmarks.Send(rtctest.Datagram(t, 5)); err != nil {
		t.Fatal(err)
	}
	rtctest.Eventually(t, "sample", host.last().mailbox.Full)
	b.send(object{"type": "bye"})
	rtctest.Eventually(t, "bye", func() bool { return srv.Sessions() == 0 && host.last().closed.Load() == 1 })
	if err := srv.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSubprotocols has who offers a token beside our subprotocol answered by the latter alone.
func TestSubprotocols(t *testing.T) {
	s := newStand(t, nil)
	for offered, want := range map[string]string{"": "", "gioconda": "gioconda", "bearer.SECRET": "", "gioconda, bearer.SECRET": "gioconda"} {
		h := http.Header{}
		if offered != "" {
			h.Set("Sec-WebSocket-Protocol", offered)
		}
		ws, r, err := s.dialer().Dial("ws://localhost:8080/ws", h)
		if err != nil {
			t.Fatalf("%q: %v", offered, err)
		}
		if got := r.Header.Get("Sec-WebSocket-Protocol"); got != want {
			t.Errorf("%q is answered by %q, want %q", offered, got, want)
		}
		_ = r.Body.Close()
		_ = ws.Close() // the browser goes
	}
}
