package signalling

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gioconda-live/gioconda/rtc"
)

const someSDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

func TestSignallingRefusals(t *testing.T) {
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
		{"bad name", []string{`{"type":"hello","version":1,"name":"Ann"}`}, rtc.CodeBadMessage, true},
		{"name is taken", []string{`{"type":"hello","version":1,"name":"taken"}`}, rtc.CodeNameTaken, true},
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
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t, nil)
				b := s.dial()
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
					b.closes()
					return
				}
				b.send(object{"type": "bye"})
				b.closes()
				synctest.Wait()
				if s.host.last().closed.Load() != 1 {
					t.Error("the session goes on after bye")
				}
			})
		})
	}
}

// closes expects the server to close the websocket, and reads what else it says.
func (b *browser) closes() {
	b.t.Helper()
	_ = b.ws.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		if _, _, err := b.ws.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
				b.t.Errorf("the websocket ends by %v", err)
			}
			return
		}
	}
}

func TestBinaryAndFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *setup) { c.media.MessageRate = 10 })
		b := s.dial()
		if err := b.ws.WriteMessage(websocket.BinaryMessage, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if m := b.receive(); m.Code != rtc.CodeBadMessage {
			t.Errorf("binary: %+v", m)
		}
		b = s.dial().greet(nil)
		for n := range 20 { // the hello was one of the burst
			if err := b.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"candidate","candidate":null}`)); err != nil {
				t.Fatalf("message %d: %v", n, err)
			}
		}
		if m := b.receive(); m.Code != rtc.CodeTooFast || !m.Fatal {
			t.Errorf("flood: %+v", m)
		}
	})
}

// TestSilentSocketsAreClosed: one that says no hello, and one that answers no ping.
func TestSilentSocketsAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, func(c *setup) { c.PingEvery = time.Second })
		open := func() int {
			synctest.Wait()
			s.srv.mu.Lock()
			defer s.srv.mu.Unlock()
			return len(s.srv.conns)
		}
		s.dial()
		s.dial().greet(nil) // whose websocket nobody reads any more
		time.Sleep(missedPings*time.Second - time.Millisecond)
		if n := open(); n != 2 {
			t.Errorf("%d websockets are open before the third ping", n)
		}
		time.Sleep(lingerFor + 2*time.Millisecond)
		if n := open(); n != 1 {
			t.Errorf("%d websockets are open after three unanswered pings", n)
		}
		time.Sleep(helloWithin)
		if n := open(); n != 0 {
			t.Errorf("%d websockets are open, no hello having come", n)
		}
	})
}

func TestFullHouse(t *testing.T) {
	t.Run("sessions", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			s.host.room = 1
			first := s.dial().greet(nil)
			full := func(when string) {
				b := s.dial()
				b.send(object{"type": "hello", "version": 1})
				if m := b.receive(); m.Code != rtc.CodeFull || !m.Fatal {
					t.Errorf("%s: got %+v", when, m)
				}
			}
			full("while somebody is there")
			first.close()
			time.Sleep(s.srv.cfg.Grace - time.Second)
			full("while somebody may come back")
			time.Sleep(2 * time.Second)
			s.dial().greet(nil)
		})
	})
	t.Run("websockets", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, func(c *setup) { c.MaxConnections, c.MaxPerAddress = 3, 2 })
			s.dial()
			s.dial()
			s.refused(http.StatusTooManyRequests, rtc.CodeFull)
		})
	})
	t.Run("websockets of all", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, func(c *setup) { c.MaxConnections, c.MaxPerAddress = 2, 0 })
			s.dial()
			s.dial()
			s.refused(http.StatusServiceUnavailable, rtc.CodeFull)
		})
	})
	t.Run("host", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			s.host.openErr = errors.New("secret detail")
			b := s.dial()
			b.send(object{"type": "hello", "version": 1})
			if m := b.receive(); m.Code != rtc.CodeInternal || strings.Contains(m.Message, "secret") {
				t.Errorf("got %+v", m)
			}
		})
	})
}

// refused expects that no websocket opens.
func (s *stand) refused(status int, code rtc.Code) {
	s.t.Helper()
	_, r, err := s.dialer().Dial("ws://localhost:8080/ws", nil)
	if err == nil || r == nil {
		s.t.Fatalf("connected, want status %d; %v", status, err)
	}
	checkHTTP(s.t, r, status, code)
}

func checkHTTP(t *testing.T, r *http.Response, status int, code rtc.Code) {
	t.Helper()
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

func TestNoWebsocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		client := http.Client{Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) { return s.listen.Dial() }, DisableKeepAlives: true,
		}}
		r, err := client.Get("http://localhost:8080/ws")
		if err != nil {
			t.Fatal(err)
		}
		checkHTTP(t, r, http.StatusBadRequest, rtc.CodeBadMessage)
	})
}
