package rtc

import (
	"net"
	"testing"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// onSockets makes a peer and a browser that views it, over this machine's network.
func onSockets(t testing.TB, cfg Config, view Viewable) *rtctest.Browser {
	t.Helper()
	transport, err := NewTransport(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.Close)
	p, err := transport.NewPeer(t.Context(), PeerOptions{View: view, Codec: CodecVP8, PlayoutDelay: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	b := rtctest.NewBrowser(t, nil, true, true)
	answer, err := p.Offer(t.Context(), b.WholeOffer())
	if err != nil {
		t.Fatal(err)
	}
	b.Answer(answer)
	rtctest.Expect(t, b.Up)
	return b
}

func TestOnePort(t *testing.T) {
	rtctest.NoLeaks(t)
	l, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.UDPPort = l.LocalAddr().(*net.UDPAddr).Port
	_ = l.Close() // free it for the transport
	b := onSockets(t, cfg, newPortrait(t))
	b.Frames(3)
	pair, err := b.PC.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || int(pair.Remote.Port) != cfg.UDPPort {
		t.Errorf("pair %v: %v", pair, err)
	}
	if _, err := NewTransport(cfg, Options{}); err == nil {
		t.Error("the port is taken, and nobody says so")
	}
}
