package whip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/wall"
	"github.com/gioconda-live/gioconda/rtc"
)

// connectWithin is how long the media connection may take from the answer on.
const connectWithin = 15 * time.Second

// What can happen to a session that was accepted.
var (
	ErrNoMedia = errors.New("the endpoint answers, but no media connection to it comes about; a firewall may block UDP")
	ErrLost    = errors.New("the connection to the endpoint was lost")
)

// Push sends what is viewed to an endpoint, one session after the other. One goroutine at a time.
type Push struct {
	Client    *Client
	Transport *rtc.Transport
	View      rtc.Viewable
	Listen    rtc.Listenable // nil: no sound is offered
	Codec     string         // rtc.CodecH264 or rtc.CodecVP8

	// Reach tells which addresses media may go to, whatever the endpoint names; its STUN and TURN servers are not used then.
	// nil: all.
	Reach func(netip.Addr) bool

	Trickle  bool          // send candidates as they are found
	Counters *rtc.Counters // of all sessions; nil: uncounted
	Live     func()        // called once in each session when media flows; must not block; nil: nobody

	servers []rtc.ICEServer // for the next session, from one that did not connect
	whole   bool            // the endpoint takes no candidates later
}

// Run is one session, from its offer until ctx ends (nil) or it fails: with *RefusedError, ErrNoMedia, ErrLost, what the
// Viewable says, or as the network does.
func (p *Push) Run(ctx context.Context) error {
	view := &firstView{of: p.View, live: make(chan struct{})}
	o := rtc.PeerOptions{
		View: view, Codec: p.Codec, Listen: p.Listen, Sync: true, Counters: p.Counters, Log: p.Client.log(), ICEServers: p.servers,
	}
	var trickle *trickler
	if p.Trickle && !p.whole {
		trickle = newTrickler()
		o.Signaller = trickle
	}
	peer, err := p.Transport.NewPeer(context.WithoutCancel(ctx), o)
	if err != nil {
		return err
	}
	defer peer.Close()
	offer, err := peer.Propose(ctx)
	if err != nil {
		return unless(ctx, err)
	}
	session, err := p.Client.Publish(ctx, offer)
	if err != nil {
		return unless(ctx, err)
	}
	defer func() {
		if failed := session.End(ctx); failed != nil {
			p.Client.log().Info("the endpoint was not told that the session ends", "error", failed)
		}
	}()
	answer := session.Answer
	if p.Reach != nil {
		answer, session.Servers = reachable(answer, p.Reach), nil
	}
	if err = peer.Accept(answer); err != nil {
		return refusedAnswer(err)
	}
	broken := make(chan *wall.FaultError, 1)
	if trickle != nil {
		stop := p.sendCandidates(ctx, broken, func(ctx context.Context) error { return trickle.run(ctx, session, offer) })
		defer stop()
	}
	p.servers = session.Servers
	return p.wait(ctx, peer, view, broken)
}

// wait follows an accepted session to its end, which may be a fault of the program.
func (p *Push) wait(ctx context.Context, peer *rtc.Peer, view *firstView, broken <-chan *wall.FaultError) error {
	late := time.NewTimer(connectWithin)
	defer late.Stop()
	live := view.live
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-late.C:
			return ErrNoMedia
		case fault := <-broken:
			return fault
		case <-live:
			live = nil
			late.Stop()
			p.servers = nil
			if p.Live != nil {
				p.Live()
			}
		case <-peer.Done():
			switch err := view.failed.Load(); {
			case ctx.Err() != nil:
				return nil
			case err != nil:
				return *err
			case view.seen():
				return ErrLost
			}
			return ErrNoMedia
		}
	}
}

// sendCandidates begins to send candidates; stop ends it. A fault in it goes to broken.
func (p *Push) sendCandidates(ctx context.Context, broken chan<- *wall.FaultError, send func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var sending sync.WaitGroup
	var unknown atomic.Bool
	sending.Go(func() {
		defer wall.Catch("whip", func(f *wall.FaultError) { broken <- f })
		if err := send(ctx); err != nil && ctx.Err() == nil {
			unknown.Store(trickleUnknown(err))
			p.Client.log().Info("candidates were not sent", "error", err)
		}
	})
	return func() {
		cancel()
		sending.Wait()
		p.whole = p.whole || unknown.Load()
	}
}

// reachable is an answer without the candidates that lead elsewhere, or to names.
func reachable(answer string, reach func(netip.Addr) bool) string {
	var b strings.Builder
	for line := range strings.Lines(answer) {
		if strings.HasPrefix(line, "a=candidate:") {
			part := strings.Fields(line)
			if len(part) < 6 {
				continue
			}
			if a, err := netip.ParseAddr(part[4]); err != nil || !reach(a) {
				continue
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

// refusedAnswer makes a refusal of an answer that cannot be used.
func refusedAnswer(err error) error {
	e, ok := errors.AsType[*rtc.Error](err)
	if !ok {
		return err
	}
	return &RefusedError{Hopeless: true, Message: fmt.Sprintf("The endpoint's answer is of no use: %s.", e.Message)}
}

// unless is nil once ctx has ended, which is no failure of a push.
func unless(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

// firstView tells when media begins to flow, or why it does not.
type firstView struct {
	of     rtc.Viewable
	live   chan struct{} // closed: media flows
	failed atomic.Pointer[error]
}

// View implements rtc.Viewable.
func (f *firstView) View(out *rtc.Output) (rtc.Viewer, error) {
	v, err := f.of.View(out)
	if err != nil {
		f.failed.Store(&err)
		return nil, err
	}
	close(f.live)
	return v, nil
}

func (f *firstView) seen() bool {
	select {
	case <-f.live:
		return true
	default:
		return false
	}
}
