package rtctest

import (
	"testing"

	"github.com/pion/transport/v2"
	"github.com/pion/webrtc/v3"
)

// NewIngest makes a server that takes video from who calls it, on a network (nil: this machine's, 127.0.0.1 included).
// It is closed when the test ends.
func NewIngest(t testing.TB, network transport.Net) *Browser {
	t.Helper()
	b := NewBrowser(t, network, false, false)
	b.PC.OnTrack(b.readTrack)
	return b
}

// WholeAnswer answers an offer, with all candidates. It may be called from any goroutine.
func (b *Browser) WholeAnswer(offer string) (sdp string, err error) {
	gathered := webrtc.GatheringCompletePromise(b.PC)
	if err = b.PC.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := b.PC.CreateAnswer(nil)
	if err == nil {
		err = b.PC.SetLocalDescription(answer)
	}
	if err != nil {
		return "", err
	}
	<-gathered
	sdp = b.PC.LocalDescription().SDP
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = sdp
	return sdp, nil
}
