// Package caller drives a server as the page does, without a browser: hello over the websocket, landmarks and reports over data
// channels, video that is counted and thrown away. It is for measuring and watching over servers; signalling/PROTOCOL.md is what it speaks.
package caller

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/rtc"
)

// Options say whom to call and as whom.
type Options struct {
	Server  string // http:// or https:// URL of the page
	Token   string // secret; "": none
	Persona string // "": the server's default
	Name    string // of the session; "": one that the server gives
	From    net.IP // address of this machine to call from; nil: any
	// Report hears of every frame that the server reports as sent, on a goroutine of the connection; nil: nobody.
	Report func(Frame)
}

// Frame is what the server reports of one: when each stage ended, on the server's clock.
type Frame struct {
	Sample   bool   `json:"sample"` // a sample caused it
	Seq      uint32 `json:"seq"`
	Received uint64 `json:"received"` // microseconds
	Sent     uint64 `json:"sent"`
}

// Took is the time from the sample's arrival to the last packet, 0 for a frame that no sample caused.
func (f *Frame) Took() time.Duration {
	if !f.Sample || f.Received == 0 || f.Sent < f.Received {
		return 0
	}
	return time.Duration(f.Sent-f.Received) * time.Microsecond
}

// Caller is one connection to a server. Make it with Dial. Methods are safe for concurrent use but Send, which is for one goroutine.
type Caller struct {
	o         *Options
	ws        *websocket.Conn
	pc        *webrtc.PeerConnection
	landmarks *webrtc.DataChannel
	control   *webrtc.DataChannel
	codec     *landmark.Codec
	datagram  []byte
	welcome   message
	at        Place // where it is
	packets   atomic.Uint64
	up        chan struct{} // closed: samples can be sent
	done      chan struct{} // closed: it has ended
	running   sync.WaitGroup

	writing sync.Mutex // one message at a time

	mu    sync.Mutex // guards the following
	why   error      // it ended
	nodes []Place    // where else it may go
	moved *Place     // where it was told to go
}

// message is any message of the signalling.
type message struct {
	Type      string                   `json:"type"`
	Version   int                      `json:"version,omitempty"`
	Session   string                   `json:"session,omitempty"`
	Secret    string                   `json:"secret,omitempty"`
	Resumed   bool                     `json:"resumed,omitempty"`
	Tried     []string                 `json:"tried,omitempty"`
	Node      string                   `json:"node,omitempty"`
	From      string                   `json:"from,omitempty"`
	URL       string                   `json:"url,omitempty"`
	Token     string                   `json:"token,omitempty"`
	Nodes     []Place                  `json:"nodes,omitempty"`
	Name      string                   `json:"name,omitempty"`
	Persona   string                   `json:"persona,omitempty"`
	Codec     string                   `json:"codec,omitempty"`
	SDP       string                   `json:"sdp,omitempty"`
	Code      rtc.Code                 `json:"code,omitempty"`
	Text      string                   `json:"message,omitempty"`
	Fatal     bool                     `json:"fatal,omitempty"`
	Candidate *webrtc.ICECandidateInit `json:"candidate,omitempty"`
}

// maxMessage is the longest message that is read, in bytes: an answer with many candidates has 20 kB.
const maxMessage = 1 << 20

// ErrMoved: the server has sent it elsewhere; its Route knows where.
var ErrMoved = errors.New("the server sends its visitors elsewhere")

// ErrEnded: the connection was closed by its owner.
var ErrEnded = errors.New("the call has ended")

// Dial connects and returns when samples can be sent; ctx bounds that. It goes where the server sends it. A refusal is an *rtc.Error. The
// caller closes it.
func Dial(ctx context.Context, o *Options) (*Caller, error) {
	return NewRoute(o.Server, o.Token).Dial(ctx, o)
}

// dial connects to one place. The hello is what is asked for there.
func dial(ctx context.Context, o *Options, at Place, hello *message) (*Caller, error) {
	c := &Caller{
		o: o, at: at, codec: landmark.NewCodec(), datagram: make([]byte, landmark.MaxWireSize),
		up: make(chan struct{}), done: make(chan struct{}),
	}
	if err := c.hello(ctx, hello); err != nil {
		return nil, err
	}
	err := c.connect()
	if err == nil {
		select {
		case <-c.up:
			return c, nil
		case <-c.done:
			err = c.Err()
		case <-ctx.Done():
			err = fmt.Errorf("no connection to %s: %w", at.URL, ctx.Err())
		}
	}
	return nil, errors.Join(err, c.Bye()) // its place is free at once
}

// hello opens the websocket and is let in.
func (c *Caller) hello(ctx context.Context, hello *message) error {
	head := http.Header{}
	if c.at.Token != "" {
		head.Set("Authorization", "Bearer "+c.at.Token)
	}
	calls := *websocket.DefaultDialer
	if c.o.From != nil {
		calls.NetDialContext = (&net.Dialer{LocalAddr: &net.TCPAddr{IP: c.o.From}}).DialContext
	}
	ws, answer, err := calls.DialContext(ctx, c.at.URL, head)
	if err != nil {
		return refusal(answer, err)
	}
	_ = answer.Body.Close()
	ws.SetReadLimit(maxMessage)
	c.ws = ws
	err = c.send(hello)
	if err == nil {
		if until, ok := ctx.Deadline(); ok {
			_ = ws.SetReadDeadline(until)
		}
		err = ws.ReadJSON(&c.welcome)
		_ = ws.SetReadDeadline(time.Time{})
	}
	switch {
	case err != nil:
		err = unreachedError{fmt.Errorf("%s: %w", c.at.URL, err)}
	case c.welcome.Type == "redirect":
		err = &sentOnError{from: c.welcome.From, to: c.welcome.place()}
	case c.welcome.Type != "welcome":
		err = c.welcome.refusal()
	default:
		c.at.Node = c.welcome.Node
		return nil
	}
	return errors.Join(err, ws.Close())
}

// refusal is what the server said instead of opening the websocket.
func refusal(answer *http.Response, err error) error {
	if answer == nil {
		return unreachedError{fmt.Errorf("the server does not answer: %w", err)}
	}
	defer func() { _ = answer.Body.Close() }()
	var said struct {
		Error message `json:"error"`
	}
	if json.NewDecoder(answer.Body).Decode(&said) == nil && said.Error.Code != "" {
		return said.Error.refusal()
	}
	return fmt.Errorf("the server answers %s: %w", answer.Status, err)
}

func (m *message) refusal() error {
	return &rtc.Error{Code: m.Code, Message: m.Text, Fatal: true}
}

// connect makes the peer connection and sends its offer.
func (c *Caller) connect() (err error) {
	if c.pc, err = newPeer(); err != nil {
		return err
	}
	c.pc.OnTrack(c.count)
	c.pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			c.end(fmt.Errorf("the connection is %s", s))
		}
	})
	c.pc.OnICECandidate(func(to *webrtc.ICECandidate) {
		if to == nil {
			return
		}
		init := to.ToJSON()
		_ = c.send(&message{Type: "candidate", Candidate: &init}) // what reads finds that it is gone
	})
	if err = c.channels(); err != nil {
		return err
	}
	if _, err = c.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		return err
	}
	offer, err := c.pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err = c.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	c.running.Go(c.read)
	return c.send(&message{Type: "offer", SDP: offer.SDP})
}

func newPeer() (*webrtc.PeerConnection, error) {
	var s webrtc.SettingEngine
	s.LoggerFactory = &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled}
	s.SetIncludeLoopbackCandidate(true)
	media, chain := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if err := errors.Join(media.RegisterDefaultCodecs(), webrtc.RegisterDefaultInterceptors(media, chain)); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(s), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(chain)).NewPeerConnection(webrtc.Configuration{})
}

// channels opens the three data channels.
func (c *Caller) channels() (err error) {
	unordered, never := false, uint16(0)
	if c.landmarks, err = c.pc.CreateDataChannel("landmarks", &webrtc.DataChannelInit{Ordered: &unordered, MaxRetransmits: &never}); err != nil {
		return err
	}
	c.landmarks.OnOpen(func() { close(c.up) })
	if c.control, err = c.pc.CreateDataChannel("control", nil); err != nil {
		return err
	}
	reports, err := c.pc.CreateDataChannel("report", &webrtc.DataChannelInit{Ordered: &unordered, MaxRetransmits: &never})
	if err != nil {
		return err
	}
	reports.OnMessage(func(m webrtc.DataChannelMessage) {
		var r struct {
			Frames []Frame `json:"frames"`
		}
		if c.o.Report == nil || json.Unmarshal(m.Data, &r) != nil {
			return
		}
		for _, f := range r.Frames {
			c.o.Report(f)
		}
	})
	return nil
}

// read takes what the server signals until the websocket ends.
func (c *Caller) read() {
	for {
		var m message
		if err := c.ws.ReadJSON(&m); err != nil {
			c.end(fmt.Errorf("the websocket ended: %w", err))
			return
		}
		var err error
		switch m.Type {
		case "answer":
			err = c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: m.SDP})
		case "candidate":
			if m.Candidate != nil {
				err = c.pc.AddICECandidate(*m.Candidate)
			}
		case "nodes":
			c.mu.Lock()
			c.nodes = m.Nodes
			c.mu.Unlock()
		case "redirect":
			to := m.place()
			c.mu.Lock()
			c.moved = &to
			c.mu.Unlock()
			err = ErrMoved
		case "error":
			err = m.refusal()
		}
		if err != nil {
			c.end(err)
			return
		}
	}
}

// count reads the video and forgets it.
func (c *Caller) count(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	for {
		if _, _, err := track.ReadRTP(); err != nil {
			return
		}
		c.packets.Add(1)
	}
}
