package rtc

import (
	"context"
	"fmt"

	"github.com/pion/webrtc/v3"
)

// Offer takes the other side's description, the first or one that restarts ICE, and answers it. With a Signaller the answer
// has gone to it when Offer returns; without one it holds all our candidates, and ctx bounds the wait for them.
// It fails with an *Error of CodeBadSDP, with ErrClosed, or as ctx does.
func (p *Peer) Offer(ctx context.Context, sdp string) (answer string, err error) {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	desc := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: p.targets.filter(sdp)}
	if err = p.pc.SetRemoteDescription(desc); err != nil {
		p.log.Info("offer refused", "error", err)
		return "", Refuse(CodeBadSDP, "the offer cannot be used; make a new connection")
	}
	gathered := webrtc.GatheringCompletePromise(p.pc) // not before: a restart begins to gather there
	local, err := p.pc.CreateAnswer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(local)
	}
	if err != nil {
		p.log.Info("no answer to the offer", "error", err)
		return "", Refuse(CodeBadSDP, "the offer cannot be answered; make a new connection")
	}
	if p.gathers {
		select {
		case <-gathered:
		case <-p.done:
			return "", fmt.Errorf("%w: before all candidates were found", ErrClosed)
		case <-ctx.Done():
			return "", fmt.Errorf("rtc: finding candidates: %w", ctx.Err())
		}
	}
	answer = p.announceRepair(p.pc.LocalDescription().SDP)
	p.repairAs(answer)
	p.signaller.Answer(answer)
	return answer, nil
}

// trickle sends one of our ICE candidates; Pion calls it from its gathering goroutine, with nil at the end.
func (p *Peer) trickle(c *webrtc.ICECandidate) {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	if c == nil {
		p.signaller.Candidate(nil)
		return
	}
	init := Candidate(c.ToJSON())
	p.signaller.Candidate(&init)
}

// AddCandidate takes one of the other side's, after Offer; nil is the end of them. Ones that we cannot use do no harm.
func (p *Peer) AddCandidate(c *Candidate) {
	if c == nil || c.Candidate == "" {
		return
	}
	if !p.targets.allow(c.Candidate) {
		p.log.Debug("candidate not tried")
		return
	}
	if err := p.pc.AddICECandidate(webrtc.ICECandidateInit(*c)); err != nil {
		p.log.Debug("candidate ignored", "error", err)
	}
}
