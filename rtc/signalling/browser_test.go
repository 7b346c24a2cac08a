package signalling

import (
	"context"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// stand is a server with a host behind it and networks before it.
type stand struct {
	t      *testing.T
	srv    *Server
	host   *fakeHost
	nets   *rtctest.Nets
	listen *rtctest.Listener
}

// setup is what a test may change of a server.
type setup struct {
	Config
	media   rtc.Config
	options Options
}

// newStand is for a bubble of synctest: its networks are virtual.
func newStand(t *testing.T, change func(*setup)) *stand {
	t.Helper()
	s := &stand{t: t, host: &fakeHost{t: t}, nets: rtctest.NewNets(t), listen: rtctest.Listen()}
	up := setup{Config: DefaultConfig(), media: rtc.DefaultConfig(), options: Options{Host: s.host}}
	up.media.MessageRate, up.media.Loopback, up.PingEvery = 200, false, time.Second
	up.MaxSessionsPerAddress = 0 // all come from one address here
	if change != nil {
		change(&up)
	}
	transport, err := rtc.NewTransport(up.media, rtc.Options{Net: s.nets.Server, Faulted: up.options.Faulted})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	up.options.Transport = transport
	if s.srv, err = New(up.Config, up.options); err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: s.srv, ReadHeaderTimeout: time.Minute}
	t.Cleanup(func() { _ = web.Close() })
	go func() { _ = web.Serve(s.listen) }()
	t.Cleanup(s.close)
	return s
}

// close ends the server, and checks that every session has ended as it should.
func (s *stand) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.srv.Close(ctx); err != nil {
		s.t.Error(err)
	}
	if n := s.srv.Sessions(); n != 0 {
		s.t.Errorf("%d sessions after Close", n)
	}
	s.host.mu.Lock()
	defer s.host.mu.Unlock()
	for i, x := range s.host.opened {
		if x.closed.Load() != 1 || x.viewed.Load() != x.left.Load() {
			s.t.Errorf("session %d: closed %d times, viewed %d, left %d", i, x.closed.Load(), x.viewed.Load(), x.left.Load())
		}
	}
}

// dialer reaches the server in memory.
func (s *stand) dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return s.listen.Dial() }}
}

// inbox is any message from the server.
type inbox struct {
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	Session   string         `json:"session"`
	Secret    string         `json:"secret"`
	Resumed   bool           `json:"resumed"`
	Persona   string         `json:"persona"`
	Size      int            `json:"size"`
	Generator string         `json:"generator"`
	Note      string         `json:"generator_note"`
	Rates     []int          `json:"rates"`
	Rate      int            `json:"rate"`
	RateNote  string         `json:"rate_note"`
	SDP       string         `json:"sdp"`
	Code      rtc.Code       `json:"code"`
	Message   string         `json:"message"`
	Fatal     bool           `json:"fatal"`
	Candidate *rtc.Candidate `json:"candidate"`
}

// browser is the other end: a websocket and, after connect, a peer connection.
type browser struct {
	*rtctest.Browser
	t       testing.TB
	nets    *rtctest.Nets // nil: this machine's network
	plug    func()        // if set, called before the offer
	ws      *websocket.Conn
	writing sync.Mutex
	welcome inbox
	errors  chan inbox
}

func (s *stand) dial() *browser {
	s.t.Helper()
	return dial(s.t, s.dialer(), "ws://localhost:8080/ws", s.nets)
}

func dial(t testing.TB, d *websocket.Dialer, url string, nets *rtctest.Nets) *browser {
	t.Helper()
	ws, r, err := d.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	b := &browser{t: t, nets: nets, ws: ws, errors: make(chan inbox, 16)}
	t.Cleanup(b.close)
	return b
}

func (b *browser) close() {
	if b.Browser != nil {
		b.Close()
	}
	_ = b.ws.Close()
}

func (b *browser) send(v any) {
	b.writing.Lock()
	defer b.writing.Unlock()
	if err := b.ws.WriteJSON(v); err != nil {
		b.t.Logf("send: %v", err)
	}
}

func (b *browser) receive() inbox {
	b.t.Helper()
	var m inbox
	_ = b.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err := b.ws.ReadJSON(&m); err != nil {
		b.t.Fatalf("receive: %v", err)
	}
	return m
}

type object = rtctest.Object

// greet says hello and expects a welcome.
func (b *browser) greet(hello object) *browser {
	b.t.Helper()
	h := object{"type": "hello", "version": 1, "persona": "mona-lisa", "codec": "auto"}
	maps.Copy(h, hello)
	b.send(h)
	if b.welcome = b.receive(); b.welcome.Type != "welcome" {
		b.t.Fatalf("got %+v, want welcome", b.welcome)
	}
	return b
}

// negotiate begins to connect.
func (b *browser) negotiate() {
	b.t.Helper()
	b.negotiateNothing()
	b.PC.OnICECandidate(func(c *webrtc.ICECandidate) {
		m := object{"type": "candidate", "candidate": nil}
		if c != nil {
			m["candidate"] = c.ToJSON()
		}
		b.send(m)
	})
	b.send(object{"type": "offer", "sdp": b.Offer(nil)})
	go b.readSignals()
}

// negotiateNothing makes the browser's end of a connection.
func (b *browser) negotiateNothing() {
	b.t.Helper()
	if b.nets != nil {
		b.Browser = rtctest.NewBrowser(b.t, b.nets.Client, true, true)
	} else {
		b.Browser = rtctest.NewBrowser(b.t, nil, true, true)
	}
	if b.plug != nil {
		b.plug()
	}
}

// connect negotiates and waits until media can flow.
func (b *browser) connect() *browser {
	b.t.Helper()
	b.negotiate()
	for _, c := range []chan struct{}{b.Up, b.Open} {
		select {
		case <-c:
		case e := <-b.errors:
			b.t.Fatalf("refused: %+v", e)
		case <-time.After(15 * time.Second):
			b.t.Fatal("no connection within 15 s")
		}
	}
	return b
}

func (b *browser) readSignals() {
	for {
		_ = b.ws.SetReadDeadline(time.Now().Add(time.Minute))
		var m inbox
		if err := b.ws.ReadJSON(&m); err != nil {
			return
		}
		switch m.Type {
		case "answer":
			b.Answer(m.SDP)
		case "candidate":
			if m.Candidate != nil {
				_ = b.PC.AddICECandidate(webrtc.ICECandidateInit(*m.Candidate))
			}
		case "error":
			b.errors <- m
		}
	}
}

// candidates are the lines of a description that say where its browser can be reached.
func candidates(sdp string) (list []string) {
	for line := range strings.SplitSeq(sdp, "\r\n") {
		if c, ok := strings.CutPrefix(line, "a="); ok && strings.HasPrefix(c, "candidate:") {
			list = append(list, c)
		}
	}
	return list
}
