package rtc

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v3"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc/avsync"
)

// PeerOptions say what a peer is for. One that drives opens the data channels landmarks, control and report; one that views gets
// the video track; a peer does one of both, or both.
type PeerOptions struct {
	Drive Drivable // moved by the other side; nil: data channels are closed
	View  Viewable // watched by the other side; nil: no video
	Hear  Audible  // hears the other side's microphone; nil: sound is refused

	// Listen is what one that views hears, if its offer asks for sound; nil: nothing. With Sync sound and picture are in one
	// MediaStream, so that the other side aligns them, and PlayoutDelay is not asked for; without, each comes as soon as it can.
	Listen Listenable
	Sync   bool

	Codec        string // of the video, what Transport.ChooseCodec gives
	PlayoutDelay bool   // ask for frames to be shown at once, if Config.PlayoutDelay does not forbid it

	// Signaller carries candidates as they are found. Without one the answer waits until all are found and holds them.
	Signaller Signaller
	// ConnectWithin bounds the time until the connection is up, SilentFor that in which one that views sends no RTCP: a
	// receiver reports every few seconds as long as it takes the video. Zero is no bound.
	ConnectWithin, SilentFor time.Duration
	Counters                 *Counters    // nil: the peer's own
	Log                      *slog.Logger // nil: the transport's

	ICEServers []ICEServer // besides those of the configuration

	// From is where the other side's request came from, "host:port": one from the internet has no private addresses. "" is not known.
	From string
}

// Peer is one peer connection, from the first offer to its end. Its goroutines: run (state, viewer, reports), one that
// reads RTCP, one for each data channel, one that answers control requests. Methods are safe for concurrent use.
type Peer struct {
	cfg       *Config
	log       *slog.Logger
	codec     *landmark.Codec
	drive     Drivable
	watched   Viewable
	signaller Signaller
	gathers   bool // answers wait for all candidates
	counters  *Counters
	faulted   func(*wall.FaultError)
	patience  patience

	mediaPC
	out       *Output // nil without View
	report    *reporter
	reports   channel                        // the report data channel
	control   channel                        // the control data channel
	landmarks atomic.Pointer[landmarkReader] // of several landmarks channels only the newest counts
	targets   *targets
	channels  atomic.Int32 // opened so far
	left      atomic.Bool  // the other side has closed its end
	proposed  atomic.Bool  // this side made the offer
	hearing   hearing
	listening listening
	shown     avsync.Presentation
	nudge     chan struct{} // the connection's state changed
	done      chan struct{} // closed: run has ended
	cancel    context.CancelFunc

	negotiating sync.Mutex // held from an offer until its answer is on its way

	mu     sync.Mutex // guards the following
	closed bool
	viewer Viewer
	wg     sync.WaitGroup // Add only with mu held and closed false
}

// NewPeer makes a peer that waits for an Offer, or makes one by Propose; its owner closes it, whatever comes. With ctx its work ends; that is the
// server's or the session's, not the one of the request that brought the offer.
// It fails with ErrConfig, ErrCodec, or what Pion cannot do.
func (t *Transport) NewPeer(ctx context.Context, o PeerOptions) (*Peer, error) {
	if o.Drive == nil && o.View == nil {
		return nil, fmt.Errorf("%w: a peer drives, views, or both", ErrConfig)
	}
	p := &Peer{
		cfg: &t.cfg, log: o.Log, codec: t.codec, drive: o.Drive, watched: o.View, signaller: o.Signaller,
		counters: o.Counters, faulted: t.faulted, report: &reporter{epoch: t.epoch, driver: driverClock{epoch: t.epoch}},
		patience: patience{connect: o.ConnectWithin, silent: o.SilentFor, since: time.Now()},
		targets:  newTargets(o.From), hearing: hearing{by: o.Hear}, nudge: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if p.log == nil {
		p.log = t.log
	}
	if p.counters == nil {
		p.counters = &Counters{}
	}
	if p.gathers = p.signaller == nil; p.gathers {
		p.signaller = nobody{}
	}
	var seed [8]byte
	if _, err := io.ReadFull(t.rand, seed[:]); err != nil {
		return nil, fmt.Errorf("rtc: random numbers: %w", err)
	}
	var codec *webrtc.RTPCodecParameters
	if o.View != nil {
		var err error
		if codec, err = capability(o.Codec); err != nil {
			return nil, err
		}
	}
	media, err := t.connect(codec, o.PlayoutDelay && t.cfg.PlayoutDelay && !o.Sync, o.ICEServers, p.keyframeAsked)
	if err != nil {
		return nil, err
	}
	p.mediaPC = *media
	if o.View != nil {
		p.out = newOutput(o.Codec, p.report, p.counters, &p.shown, &p.clocks.Video, p.track.WriteRTP, seed)
		p.out.gate.Open(p.path, p.again, p.keyframe)
	}
	if p.listening.to = o.Listen; o.Listen != nil {
		if err := p.offerSound(o.Sync, seed); err != nil {
			_ = p.pc.Close() // the first error counts
			return nil, err
		}
	}
	p.start(ctx)
	return p, nil
}

// start begins the peer's work.
func (p *Peer) start(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(ctx)
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
	if !p.gathers {
		p.pc.OnICECandidate(p.trickle)
	}
	p.pc.OnTrack(func(track *webrtc.TrackRemote, from *webrtc.RTPReceiver) {
		defer wall.Catch("peer", p.broken)
		p.hearTrack(track, from)
	})
	p.pc.OnDataChannel(func(dc *webrtc.DataChannel) {
		defer wall.Catch("peer", p.broken)
		p.channel(ctx, dc)
	})
	p.spawn(func() { p.run(ctx) })
	if p.sender != nil {
		p.spawn(p.readRTCP)
	}
}

// spawn starts a goroutine that Close waits for; it reports false, and starts none, on a closed peer.
func (p *Peer) spawn(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.wg.Go(func() {
		defer wall.Catch("peer", p.broken)
		f()
	})
	return true
}

// broken ends the peer's work because of a fault in it.
func (p *Peer) broken(f *wall.FaultError) {
	p.log.Error("a connection is broken", "error", f, "stack", f.Stack)
	p.faulted(f)
	p.signaller.Interrupted(f)
	p.cancel()
}

// Close ends the connection and the viewing, and waits for every goroutine. Not to be called from one of them. Closing
// twice is fine.
func (p *Peer) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	if p.out != nil {
		p.out.close()
	}
	p.listening.close()
	p.cancel()
	if err := p.pc.Close(); err != nil {
		p.log.Debug("closing the peer connection", "error", err)
	}
	p.repeat.Close()
	p.wg.Wait()
}

// Done is closed once the peer has done its work: the other side has closed its end, something failed, or Close was called.
// Without a Signaller also once the connection has failed, some seconds after it was lost: until then an Offer may restart ICE.
// Where this side made the offer nobody restarts ICE, and the failure is the end with a Signaller too.
func (p *Peer) Done() <-chan struct{} { return p.done }

// Down tells that no media flows; only a restart of ICE could help, and none can if the other side has left.
func (p *Peer) Down() bool {
	switch p.pc.ConnectionState() {
	case webrtc.PeerConnectionStateDisconnected, webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
		return true
	default:
		return p.left.Load()
	}
}

// run begins to view once the connection is up, and reports ten times a second while it is.
func (p *Peer) run(ctx context.Context) {
	defer close(p.done)
	defer p.leave()
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	var buf []byte
	for bitrate := 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-p.incoming.flooded:
			p.signaller.Interrupted(errStreams)
			p.log.Warn("connection ended: too many streams come in")
			return
		case <-p.nudge:
			if ctx.Err() != nil || p.stateChanged() {
				return
			}
		case now := <-tick.C:
			if why := p.patience.over(now, p.viewer != nil); why != nil {
				p.signaller.Interrupted(why)
				p.log.Info("connection given up", "error", why)
				return
			}
			bitrate = p.followEstimate(bitrate)
			buf = p.sendReport(buf[:0], bitrate)
		}
	}
}

// stateChanged reports whether the peer has done its work.
func (p *Peer) stateChanged() (over bool) {
	state := p.pc.ConnectionState()
	p.log.Debug("connection", "state", state.String())
	var why error
	switch {
	case p.left.Load() || state == webrtc.PeerConnectionStateClosed:
		why = fmt.Errorf("%w by the other side", ErrClosed)
	case state == webrtc.PeerConnectionStateConnected:
		p.signaller.Alive()
		p.patience.up = true
		if why = p.view(); why == nil {
			return false
		}
	case !p.Down():
		return false
	}
	p.signaller.Interrupted(why)
	return why != nil || (p.gathers || p.proposed.Load()) && state == webrtc.PeerConnectionStateFailed
}
