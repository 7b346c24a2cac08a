package signalling

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/rtc"
)

const someSDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

func TestSignallingRefusals(t *testing.T) {
	_, host, url := serveTest(t, func(c *setup) { c.most, c.server.MaxPerAddress = 3, 0 })
	hello := `{"type":"hello","version":1,"persona":"mona-lisa"}`
	video := someSDP + "m=video 9 UDP/TLS/RTP/SAVPF 45\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:45 AV1/90000\r\n"
	quote := func(s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	}
	for _, c := range []struct {
		name  string
		send  []string
		want  rtc.Code
		fatal bool
	}{
		{"nonsense", []string{"nonsense"}, rtc.CodeBadMessage, true},
		{"deep", []string{strings.Repeat("[", 20_000)}, rtc.CodeBadMessage, true},
		{"wrong types", []string{`{"type":7}`}, rtc.CodeBadMessage, true},
		{"no hello", []string{`{"type":"offer","sdp":"v=0"}`}, rtc.CodeBadMessage, true},
		{"old", []string{`{"type":"hello","version":0}`}, rtc.CodeBadVersion, true},
		{"codec", []string{`{"type":"hello","version":1,"codec":"av1"}`}, rtc.CodeBadMessage, true},
		{"long", []string{`{"type":"hello","version":1,"persona":"` + strings.Repeat("x", 200) + `"}`}, rtc.CodeBadMessage, true},
		{"large", []string{`{"type":"hello","x":"` + strings.Repeat("x", 3*maxSignal) + `"}`}, rtc.CodeTooLarge, true},
		{"persona", []string{`{"type":"hello","version":1,"persona":"nobody"}`}, rtc.CodeUnknownPersona, true},
		{"twice", []string{hello, hello}, rtc.CodeBadMessage, false},
		{"unknown type", []string{hello, `{"type":"dance"}`}, rtc.CodeBadMessage, false},
		{"empty offer", []string{hello, `{"type":"offer"}`}, rtc.CodeBadSDP, false},
		{"bad offer", []string{hello, `{"type":"offer","sdp":"x=1"}`}, rtc.CodeBadSDP, false},
		{"no video", []string{hello, `{"type":"offer","sdp":` + quote(someSDP) + `}`}, rtc.CodeBadSDP, false},
		{"no codec", []string{hello, `{"type":"offer","sdp":` + quote(video) + `}`}, rtc.CodeNoCodec, true},
		{
			"incomplete",
			[]string{hello, `{"type":"offer","sdp":` + quote(strings.Replace(video, "AV1", "VP8", 1)) + `}`},
			rtc.CodeBadSDP, false,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := dial(t, url)
			for _, m := range c.send {
				if err := b.ws.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
					t.Log(err)
				}
			}
			m := b.receive()
			if m.Type == "welcome" {
				m = b.receive()
			}
			if m.Type != "error" || m.Code != c.want || m.Fatal != c.fatal || m.Message == "" {
				t.Errorf("got %+v, want %s", m, c.want)
			}
			if c.fatal {
				_ = b.ws.SetReadDeadline(time.Now().Add(5 * time.Second))
				if _, _, err := b.ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
					t.Errorf("after a fatal error: %v", err)
				}
			}
			b.send(object{"type": "bye"})
			if c.send[0] == hello {
				eventually(t, "session ends", func() bool { return c.fatal || host.last().closed.Load() == 1 })
			}
		})
	}
}

func TestBinaryAndFlood(t *testing.T) {
	_, _, url := serveTest(t, func(c *setup) { c.media.MessageRate = 10 })
	b := dial(t, url)
	if err := b.ws.WriteMessage(websocket.BinaryMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if m := b.receive(); m.Code != rtc.CodeBadMessage {
		t.Errorf("binary: %+v", m)
	}
	b = dial(t, url).greet(nil)
	for range 60 {
		if b.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"candidate","candidate":null}`)) != nil {
			break
		}
	}
	if m := b.receive(); m.Code != rtc.CodeTooFast || !m.Fatal {
		t.Errorf("flood: %+v", m)
	}
}

func TestCapacity(t *testing.T) {
	t.Run("sessions", func(t *testing.T) {
		_, _, url := serveTest(t, func(c *setup) { c.most = 1 })
		dial(t, url).greet(nil)
		b := dial(t, url)
		b.send(object{"type": "hello", "version": 1})
		if m := b.receive(); m.Code != rtc.CodeFull || !m.Fatal {
			t.Errorf("got %+v", m)
		}
	})
	t.Run("websockets", func(t *testing.T) {
		_, _, url := serveTest(t, func(c *setup) { c.server.MaxConnections, c.server.MaxPerAddress = 3, 2 })
		dial(t, url)
		dial(t, url)
		_, r, err := websocket.DefaultDialer.Dial(url, nil)
		checkHTTP(t, r, err, http.StatusTooManyRequests, rtc.CodeFull)
	})
	t.Run("host", func(t *testing.T) {
		_, host, url := serveTest(t, nil)
		host.openErr = errors.New("secret detail")
		b := dial(t, url)
		b.send(object{"type": "hello", "version": 1})
		if m := b.receive(); m.Code != rtc.CodeInternal || strings.Contains(m.Message, "secret") {
			t.Errorf("got %+v", m)
		}
	})
}

func checkHTTP(t *testing.T, r *http.Response, err error, status int, code rtc.Code) {
	t.Helper()
	if err == nil || r == nil {
		t.Fatalf("connected, want status %d", status)
	}
	defer r.Body.Close()
	var m struct {
		Error struct {
			Code    rtc.Code
			Message string
		}
	}
	b, _ := io.ReadAll(r.Body)
	if json.Unmarshal(b, &m) != nil || r.StatusCode != status || m.Error.Code != code || m.Error.Message == "" {
		t.Errorf("status %d %s, want %d %s", r.StatusCode, b, status, code)
	}
}

func TestNotAWebsocket(t *testing.T) {
	_, _, url := serveTest(t, nil)
	r, err := http.Get("http://" + strings.TrimPrefix(url, "ws://"))
	if err != nil {
		t.Fatal(err)
	}
	checkHTTP(t, r, errors.New("plain GET"), http.StatusBadRequest, rtc.CodeBadMessage)
}

func TestCloseSaysGoodbye(t *testing.T) {
	srv, host, url := serveTest(t, nil)
	idle, busy := dial(t, url).greet(nil), dial(t, url).greet(nil).connect()
	busy.frames(1)
	if err := srv.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := idle.receive(); m.Code != rtc.CodeShuttingDown {
		t.Errorf("idle: %+v", m)
	}
	if m := expect(t, busy.errors); m.Code != rtc.CodeShuttingDown {
		t.Errorf("busy: %+v", m)
	}
	if host.last().closed.Load() != 1 {
		t.Error("session is open")
	}
	_, r, err := websocket.DefaultDialer.Dial(url, nil)
	checkHTTP(t, r, err, http.StatusServiceUnavailable, rtc.CodeShuttingDown)
}

func TestCloseDuringOpen(t *testing.T) {
	srv, host, url := serveTest(t, nil)
	host.opening = make(chan struct{})
	b := dial(t, url)
	b.send(object{"type": "hello", "version": 1})
	eventually(t, "opening", func() bool {
		srv.mu.Lock()
		defer srv.mu.Unlock()
		return srv.opening == 1
	})
	if err := srv.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
