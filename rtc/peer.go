package rtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// peer is one peer connection of a session, from the first offer to its end. Its goroutines: run (state, viewer,
// reports), one that reads RTCP, one for each data channel, one that answers control requests.
type peer struct {
	cfg     *Config
	log     *slog.Logger
	codec   *landmark.Codec
	session Session
	drops   *drops
	touch   func()    // the browser is alive
	signal  func(any) // says something on the websocket
	// interrupted is called from run when media does not flow: with an error if it never will, or when down.
	interrupted func(error)

	mediaPC
	out       *Output
	report    *reporter
	reports   channel                        // the report data channel
	landmarks atomic.Pointer[landmarkReader] // of several landmarks channels only the newest counts
	channels  atomic.Int32                   // opened so far
	left      atomic.Bool                    // the browser has closed its end
	nudge     chan struct{}                  // the connection's state changed
	cancel    context.CancelFunc

	negotiating sync.Mutex // held from an offer until its answer is on its way

	mu     sync.Mutex // guards the following
	closed bool
	viewer Viewer
	wg     sync.WaitGroup // Add only with mu held and closed false
}

// start begins the peer's work, once the fields down to report are filled in. ctx bounds control requests;
// close ends a peer.
func (p *peer) start(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(ctx)
	p.nudge = make(chan struct{}, 1)
	look := func() {
		select { // the handlers of two changes may overtake each other: run looks for itself
		case p.nudge <- struct{}{}:
		default:
		}
	}
	p.pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { look() })
	p.pc.SCTP().OnClose(func(error) {
		p.left.Store(true)
		look()
	})
	p.pc.OnICECandidate(p.candidate)
	p.pc.OnDataChannel(func(dc *webrtc.DataChannel) { p.channel(ctx, dc) })
	p.spawn(func() { p.run(ctx) })
	p.spawn(p.readRTCP)
}

// spawn starts a goroutine that close waits for; it reports false, and starts none, on a closed peer.
func (p *peer) spawn(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.wg.Go(f)
	return true
}

// close ends the connection and the viewing, and waits for every goroutine. Not to be called from one of them.
func (p *peer) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.out.close()
	p.cancel()
	if err := p.pc.Close(); err != nil {
		p.log.Debug("closing the peer connection", "error", err)
	}
	p.wg.Wait()
}

// down tells that no media flows; only a restart of ICE could help, and none can if the browser has left.
func (p *peer) down() bool {
	switch p.pc.ConnectionState() {
	case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateFailed,
		webrtc.PeerConnectionStateClosed:
		return true
	default:
		return p.left.Load()
	}
}

// offer answers a session description; the answer goes out before any candidate of ours.
func (p *peer) offer(text string) *Error {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	desc := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: text}
	if err := p.pc.SetRemoteDescription(desc); err != nil {
		p.log.Info("offer refused", "error", err)
		return refuse(CodeBadSDP, "the offer cannot be used; make a new connection")
	}
	answer, err := p.pc.CreateAnswer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(answer)
	}
	if err != nil {
		p.log.Info("no answer to the offer", "error", err)
		return refuse(CodeBadSDP, "the offer cannot be answered; make a new connection")
	}
	p.signal(answerMessage{Type: "answer", SDP: p.pc.LocalDescription().SDP})
	return nil
}

// candidate sends one of our ICE candidates; Pion calls it from its gathering goroutine, with nil at the end.
func (p *peer) candidate(c *webrtc.ICECandidate) {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	m := candidateMessage{Type: "candidate"}
	if c != nil {
		init := c.ToJSON()
		m.Candidate = &init
	}
	p.signal(m)
}

// remoteCandidate takes one of the browser's; nil is the end of them. Ones that we cannot use do no harm.
func (p *peer) remoteCandidate(c *webrtc.ICECandidateInit) {
	if c == nil || c.Candidate == "" {
		return
	}
	if err := p.pc.AddICECandidate(*c); err != nil {
		p.log.Debug("candidate ignored", "error", err)
	}
}

// run begins to view once the connection is up, and reports ten times a second while it is.
func (p *peer) run(ctx context.Context) {
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	defer p.leave()
	var buf []byte
	for bitrate := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-p.nudge:
			p.stateChanged()
		case <-tick.C:
			bitrate = p.followEstimate(bitrate)
			buf = p.sendReport(buf[:0], bitrate)
		}
	}
}

func (p *peer) stateChanged() {
	state := p.pc.ConnectionState()
	p.log.Debug("connection", "state", state.String())
	switch {
	case p.down():
		p.interrupted(nil)
	case state == webrtc.PeerConnectionStateConnected:
		p.touch()
		if err := p.view(); err != nil {
			p.interrupted(err)
		}
	}
}

// view and leave are called from run only.
func (p *peer) view() error {
	if p.viewer != nil {
		return nil
	}
	viewer, err := p.session.View(p.out)
	if err != nil {
		return fmt.Errorf("rtc: view: %w", err)
	}
	p.mu.Lock()
	p.viewer = viewer
	p.mu.Unlock()
	return nil
}

func (p *peer) leave() {
	p.mu.Lock()
	viewer := p.viewer
	p.viewer = nil
	p.mu.Unlock()
	if viewer != nil {
		viewer.Leave()
	}
}

// followEstimate tells the viewer when the bandwidth estimate has moved by 2 % or more.
func (p *peer) followEstimate(told int) int {
	if p.viewer == nil {
		return told
	}
	now := p.estimate.GetTargetBitrate()
	if d := now - told; max(d, -d)*50 < told {
		return told
	}
	p.viewer.SetBitrate(now)
	return now
}

func (p *peer) sendReport(buf []byte, bitrate int) []byte {
	ch := p.reports.dc.Load()
	if ch == nil {
		return buf
	}
	if buf = p.report.appendReport(buf, p.drops, p.session.Mailbox().Dropped(), bitrate, time.Now()); len(buf) > 0 {
		if err := p.reports.send(buf); err != nil && !errors.Is(err, ErrClosed) {
			p.log.Debug("report dropped", "error", err)
		}
	}
	return buf
}

// keyframe passes a keyframe request on, if a viewer is there to take it.
func (p *peer) keyframe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.viewer != nil {
		p.viewer.Keyframe()
	}
}
