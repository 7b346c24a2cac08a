// Package rtctest is the other end for tests of rtc and what stands on it: a browser made of Pion, the networks between, and
// pictures to send. Everything but the machine's own network runs in a bubble of testing/synctest, where time is fake.
package rtctest

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtp"
	"github.com/pion/transport/v2"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/encode/vp8"
)

// PlayoutDelay is the header extension that a browser offers.
const PlayoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

// Object is JSON.
type Object = map[string]any

// Browser is a peer connection as a browser has it. Its channels drop what nobody reads.
type Browser struct {
	PC        *webrtc.PeerConnection
	Landmarks *webrtc.DataChannel // of one that drives, as is Control
	Control   *webrtc.DataChannel
	Up        chan struct{}    // closed: connected
	Open      chan struct{}    // closed: control can be used
	Answers   chan string      // what came on control
	Reports   chan string      // what came on report
	Packets   chan *rtp.Packet // of the video
	Receiver  chan *webrtc.RTPReceiver
	Sound     Sound

	t       testing.TB
	decoder *vp8.Decoder // of Frames
	data    []byte       // of the frame that is coming in

	mu     sync.Mutex // guards the following
	answer string
}

// NewBrowser makes a browser that drives, views, or both, on a network (nil: this machine's, 127.0.0.1 included).
// It is closed when the test ends.
func NewBrowser(t testing.TB, network transport.Net, drive, view bool) *Browser {
	t.Helper()
	return newBrowser(t, network, drive, view, webrtc.RegisterDefaultInterceptors)
}

// NewMute makes a browser that views and never sends RTCP.
func NewMute(t testing.TB, network transport.Net) *Browser {
	t.Helper()
	return newBrowser(t, network, false, true, func(*webrtc.MediaEngine, *interceptor.Registry) error { return nil })
}

func newBrowser(
	t testing.TB, network transport.Net, drive, view bool, interceptors func(*webrtc.MediaEngine, *interceptor.Registry) error,
) *Browser {
	t.Helper()
	b := &Browser{
		t: t, Up: make(chan struct{}), Open: make(chan struct{}),
		Answers: make(chan string, 64), Reports: make(chan string, 64), Packets: make(chan *rtp.Packet, 4096),
		Receiver: make(chan *webrtc.RTPReceiver, 1), Sound: newSound(),
	}
	var err error
	if b.PC, err = b.api(network, interceptors).NewPeerConnection(webrtc.Configuration{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	up := sync.OnceFunc(func() { close(b.Up) })
	b.PC.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateConnected {
			up()
		}
	})
	if view {
		b.PC.OnTrack(b.readTrack)
		if _, err := b.PC.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{
			Direction: webrtc.RTPTransceiverDirectionRecvonly,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if drive {
		no, zero := false, uint16(0)
		b.Landmarks = b.Channel("landmarks", &webrtc.DataChannelInit{Ordered: &no, MaxRetransmits: &zero}, nil)
		b.Control = b.Channel("control", nil, b.Answers)
		b.Channel("report", &webrtc.DataChannelInit{Ordered: &no, MaxRetransmits: &zero}, b.Reports)
		b.Control.OnOpen(func() { close(b.Open) })
	}
	return b
}

func (b *Browser) api(network transport.Net, interceptors func(*webrtc.MediaEngine, *interceptor.Registry) error) *webrtc.API {
	media, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	var s webrtc.SettingEngine
	s.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetSRTPReplayProtectionWindow(1024) // as browsers have it: what was asked for again comes late
	if network != nil {
		s.SetNet(network)
	} else {
		s.SetIncludeLoopbackCandidate(true)
	}
	for _, err := range []error{
		media.RegisterDefaultCodecs(),
		media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: PlayoutDelay}, webrtc.RTPCodecTypeVideo),
		interceptors(media, chain),
	} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain), webrtc.WithSettingEngine(s))
}

// Close ends the connection.
func (b *Browser) Close() { _ = b.PC.Close() }

// Channel opens a data channel; its messages go to a channel of texts, which may be nil.
func (b *Browser) Channel(label string, init *webrtc.DataChannelInit, to chan string) *webrtc.DataChannel {
	b.t.Helper()
	dc, err := b.PC.CreateDataChannel(label, init)
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

// Offer makes an offer, without waiting for candidates.
func (b *Browser) Offer(o *webrtc.OfferOptions) (sdp string) {
	b.t.Helper()
	offer, err := b.PC.CreateOffer(o)
	if err == nil {
		err = b.PC.SetLocalDescription(offer)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return offer.SDP
}

// WholeOffer makes an offer that holds all candidates.
func (b *Browser) WholeOffer() (sdp string) {
	b.t.Helper()
	gathered := webrtc.GatheringCompletePromise(b.PC)
	b.Offer(nil)
	<-gathered
	return b.PC.LocalDescription().SDP
}

// WholeRestart makes an offer that restarts ICE and holds all new candidates.
func (b *Browser) WholeRestart() (sdp string) {
	b.t.Helper()
	offer, err := b.PC.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		b.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(b.PC)
	if err := b.PC.SetLocalDescription(offer); err != nil {
		b.t.Fatal(err)
	}
	<-gathered
	return b.PC.LocalDescription().SDP
}

// Answer takes the answer to the newest offer.
func (b *Browser) Answer(sdp string) {
	b.mu.Lock()
	b.answer = sdp
	b.mu.Unlock()
	if err := b.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		b.t.Errorf("the answer cannot be used: %v\n%s", err, sdp)
	}
}

// Answered is the newest answer.
func (b *Browser) Answered() (sdp string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.answer
}

// Extension is the number that was negotiated for a header extension of the video, 0 if none was.
func (b *Browser) Extension(uri string, from *webrtc.RTPReceiver) (id uint8) {
	for _, h := range from.GetParameters().HeaderExtensions {
		if h.URI == uri {
			id = uint8(h.ID)
		}
	}
	if offered := strings.Contains(b.Answered(), uri); offered != (id != 0) {
		b.t.Errorf("%s has number %d, and yet the answer says %v", uri, id, offered)
	}
	return id
}

func (b *Browser) readTrack(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
	go b.Sound.readReports(r)
	packets := b.Packets
	if t.Kind() == webrtc.RTPCodecTypeAudio {
		packets = b.Sound.Packets
		b.Sound.Track <- t
	} else {
		b.Receiver <- r
	}
	for {
		p, _, err := t.ReadRTP()
		if err != nil {
			return
		}
		select {
		case packets <- p:
		default:
		}
	}
}

// Ask sends a control request and returns the answer to it; an id below 0 is that of a request without one.
func (b *Browser) Ask(id int, request string) Object {
	b.t.Helper()
	if err := b.Control.SendText(request); err != nil {
		b.t.Fatal(err)
	}
	for {
		var m Object
		if err := json.Unmarshal([]byte(Expect(b.t, b.Answers)), &m); err != nil {
			b.t.Fatal(err)
		}
		if m["id"] == nil && id < 0 || m["id"] == float64(id) {
			return m
		}
	}
}

// Expect receives within 15 seconds.
func Expect[T any](t testing.TB, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(15 * time.Second):
		t.Fatalf("no %T within 15 s", v)
	}
	return v
}

// Eventually waits until ok, for up to 15 seconds.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: not within 15 s", what)
}
