package signalling

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	ptransport "github.com/pion/transport/v2"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/rtc"
)

// setup is what a test may change of a server.
type setup struct {
	media  rtc.Config
	link   rtc.Options
	server Config
	most   int // sessions
}

// serveTest starts a server with a studio behind it, for this test.
func serveTest(t *testing.T, change func(*setup)) (*Server, *fakeHost, string) {
	t.Helper()
	noLeaks(t)
	host := &fakeHost{t: t}
	s := setup{media: rtc.DefaultConfig(), server: DefaultConfig()}
	s.media.MessageRate, s.server.PingEvery = 200, time.Second
	if change != nil {
		change(&s)
	}
	transport, err := rtc.NewTransport(s.media, s.link)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	srv, err := New(s.server, Options{Host: host, Transport: transport, Sessions: cmp.Or(s.most, 16)})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
		if n := srv.Sessions(); n != 0 {
			t.Errorf("%d sessions after Close", n)
		}
		host.mu.Lock()
		defer host.mu.Unlock()
		for i, s := range host.opened {
			if s.closed.Load() != 1 || s.viewed.Load() != s.left.Load() {
				t.Errorf("session %d: closed %d, viewed %d, left %d",
					i, s.closed.Load(), s.viewed.Load(), s.left.Load())
			}
		}
	})
	return srv, host, "ws" + strings.TrimPrefix(web.URL, "http")
}

// inbox is any message from the server.
type inbox struct {
	Type      string                   `json:"type"`
	Session   string                   `json:"session"`
	Secret    string                   `json:"secret"`
	Resumed   bool                     `json:"resumed"`
	Persona   string                   `json:"persona"`
	Size      int                      `json:"size"`
	Generator string                   `json:"generator"`
	Note      string                   `json:"generator_note"`
	SDP       string                   `json:"sdp"`
	Code      rtc.Code                 `json:"code"`
	Message   string                   `json:"message"`
	Fatal     bool                     `json:"fatal"`
	Candidate *webrtc.ICECandidateInit `json:"candidate"`
}

// browser is the other end: a websocket and, after connect, a Pion peer.
type browser struct {
	t       testing.TB
	ws      *websocket.Conn
	writing sync.Mutex
	welcome inbox

	net       ptransport.Net // a virtual one, or nil
	loopback  bool
	pc        *webrtc.PeerConnection
	landmarks *webrtc.DataChannel
	control   *webrtc.DataChannel
	answers   chan string
	reports   chan string
	packets   chan *rtp.Packet
	track     chan *webrtc.TrackRemote
	receiver  *webrtc.RTPReceiver
	answerSDP string
	errors    chan inbox
}

func dial(t testing.TB, url string) *browser {
	t.Helper()
	ws, answer, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // empty, says the package
	b := &browser{
		t: t, ws: ws, loopback: true, errors: make(chan inbox, 16),
		answers: make(chan string, 64), reports: make(chan string, 64),
		packets: make(chan *rtp.Packet, 4096), track: make(chan *webrtc.TrackRemote, 1),
	}
	t.Cleanup(b.close)
	return b
}

func (b *browser) close() {
	if b.pc != nil {
		_ = b.pc.Close()
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

type object = map[string]any

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

func (b *browser) api() *webrtc.API {
	media, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(b.loopback)
	if b.net != nil {
		s.SetNet(b.net)
	}
	ext := webrtc.RTPHeaderExtensionCapability{URI: rtc.PlayoutDelayURI}
	for _, err := range []error{
		media.RegisterDefaultCodecs(),
		media.RegisterHeaderExtension(ext, webrtc.RTPCodecTypeVideo),
		webrtc.RegisterDefaultInterceptors(media, chain),
	} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain),
		webrtc.WithSettingEngine(s))
}

// connect negotiates and waits until media can flow.
func (b *browser) connect() *browser {
	b.t.Helper()
	var err error
	if b.pc, err = b.api().NewPeerConnection(webrtc.Configuration{}); err != nil {
		b.t.Fatal(err)
	}
	up := make(chan struct{})
	var once sync.Once
	b.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			once.Do(func() { close(up) })
		}
	})
	b.pc.OnICECandidate(func(c *webrtc.ICECandidate) {
		m := object{"type": "candidate", "candidate": nil}
		if c != nil {
			m["candidate"] = c.ToJSON()
		}
		b.send(m)
	})
	b.pc.OnTrack(b.readTrack)
	if _, err := b.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionRecvonly,
	}); err != nil {
		b.t.Fatal(err)
	}
	no, zero := false, uint16(0)
	b.landmarks = b.channel("landmarks", &webrtc.DataChannelInit{Ordered: &no, MaxRetransmits: &zero}, nil)
	b.control = b.channel("control", nil, b.answers)
	b.channel("report", nil, b.reports)
	opened := make(chan struct{})
	b.control.OnOpen(func() { close(opened) })
	b.offer(nil)
	go b.readSignals()
	for _, c := range []chan struct{}{up, opened} {
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

func (b *browser) channel(label string, init *webrtc.DataChannelInit, to chan string) *webrtc.DataChannel {
	dc, err := b.pc.CreateDataChannel(label, init)
	if err != nil {
		b.t.Fatal(err)
	}
	dc.OnMessage(func(m webrtc.DataChannelMessage) {
		select {
		case to <- string(m.Data):
		default:
		}
	})
	return dc
}

func (b *browser) offer(o *webrtc.OfferOptions) {
	b.t.Helper()
	offer, err := b.pc.CreateOffer(o)
	if err == nil {
		err = b.pc.SetLocalDescription(offer)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(object{"type": "offer", "sdp": offer.SDP})
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
			b.answerSDP = m.SDP
			err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: m.SDP})
			if err != nil {
				b.errors <- inbox{Message: err.Error()}
			}
		case "candidate":
			if m.Candidate != nil {
				_ = b.pc.AddICECandidate(*m.Candidate)
			}
		case "error":
			b.errors <- m
		}
	}
}

func (b *browser) readTrack(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	b.receiver = r
	b.track <- t
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		select {
		case b.packets <- p:
		default:
		}
	}
}

// ask sends a control request and returns the answer to it.
func (b *browser) ask(id int, request string) object {
	b.t.Helper()
	if err := b.control.SendText(request); err != nil {
		b.t.Fatal(err)
	}
	for {
		var m object
		if err := json.Unmarshal([]byte(expect(b.t, b.answers)), &m); err != nil {
			b.t.Fatal(err)
		}
		if m["id"] == nil && id < 0 || m["id"] == float64(id) {
			return m
		}
	}
}
