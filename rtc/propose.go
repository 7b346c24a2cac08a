package rtc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v3"
)

// gatherWithin is how long an offer waits for candidates: a STUN server that does not answer costs no more than this.
const gatherWithin = 5 * time.Second

// Propose makes the offer of a peer that calls out instead of being called: one that views, and never drives. Without a
// Signaller the offer holds our candidates, those that are found within five seconds; with one they go there as they are
// found. It is called once, and Accept takes the answer. It fails with ErrConfig, as ctx does, or with what Pion cannot do.
func (p *Peer) Propose(ctx context.Context) (offer string, err error) {
	if p.drive != nil {
		return "", fmt.Errorf("%w: a peer that drives is called, it does not call", ErrConfig)
	}
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	p.proposed.Store(true)
	gathered := webrtc.GatheringCompletePromise(p.pc)
	local, err := p.pc.CreateOffer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(local)
	}
	if err != nil {
		return "", fmt.Errorf("rtc: making an offer: %w", err)
	}
	if !p.gathers {
		return p.announceRepair(local.SDP), nil
	}
	late := time.NewTimer(gatherWithin)
	defer late.Stop()
	select {
	case <-gathered:
	case <-late.C:
		p.log.Debug("offering the candidates that were found in time")
	case <-ctx.Done():
		return "", fmt.Errorf("rtc: finding candidates: %w", ctx.Err())
	}
	return p.announceRepair(p.pc.LocalDescription().SDP), nil
}

// Accept takes the answer to Propose's offer; one that refuses the sound gets none. It fails with an *Error: CodeBadSDP where the answer cannot be used,
// CodeNoCodec where it refuses the video.
func (p *Peer) Accept(answer string) error {
	desc := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}
	parsed, err := desc.Unmarshal()
	if err != nil || len(parsed.MediaDescriptions) == 0 {
		return Refuse(CodeBadSDP, "the answer is not a session description")
	}
	takes := func(kind, codec string) bool {
		return slices.ContainsFunc(parsed.MediaDescriptions, func(m *sdp.MediaDescription) bool { return accepts(m, kind, codec) })
	}
	if !takes("video", p.out.codec) {
		return Refuse(CodeNoCodec, "the other side does not take %s; choose another codec", strings.ToUpper(p.out.codec))
	}
	p.listening.refused.Store(!takes("audio", "opus"))
	if err := p.pc.SetRemoteDescription(desc); err != nil {
		p.log.Info("answer refused", "error", err)
		return Refuse(CodeBadSDP, "the answer cannot be used")
	}
	p.repairAs(answer)
	return nil
}

// accepts tells whether a section of an answer is of a kind and accepts a codec; of its form the answer may say less than the
// offer did.
func accepts(m *sdp.MediaDescription, kind, codec string) bool {
	if _, off := m.Attribute("inactive"); off || m.MediaName.Media != kind || m.MediaName.Port.Value == 0 {
		return false
	}
	return slices.ContainsFunc(m.Attributes, func(a sdp.Attribute) bool {
		_, form, _ := strings.Cut(a.Value, " ")
		name, _, _ := strings.Cut(form, "/")
		return a.Key == "rtpmap" && strings.EqualFold(name, codec)
	})
}
