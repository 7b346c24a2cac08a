package rtc

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v2/packetio"

	"github.com/gioconda-live/gioconda/rtc/rtctest"
)

// TestRepairsAreAnnounced: the answer names the stream of resent packets beside that of the video.
func TestRepairsAreAnnounced(t *testing.T) {
	for _, codec := range []string{CodecVP8, CodecH264} {
		synctest.Test(t, func(t *testing.T) {
			s := newStand(t, nil)
			b, p, _ := s.connect(t, PeerOptions{Codec: codec})
			source := p.sender.GetParameters().Encodings[0].SSRC
			answer := b.Answered()
			for _, line := range []string{
				fmt.Sprintf("a=ssrc-group:FID %d %d\r\n", source, p.repairSource), fmt.Sprintf("a=ssrc:%d cname:", p.repairSource),
			} {
				if strings.Count(answer, line) != 1 {
					t.Errorf("%s: no single line %q in the answer:\n%s", codec, line, answer)
				}
			}
		})
	}
}

// TestRepairsAreProposed: an offer of ours names the stream too.
func TestRepairsAreProposed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		p := s.peer(t, PeerOptions{Codec: CodecVP8, View: s.portrait})
		offer, err := p.Propose(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(offer, fmt.Sprintf("a=ssrc-group:FID %d %d\r\n", p.sender.GetParameters().Encodings[0].SSRC, p.repairSource)) != 1 {
			t.Errorf("no stream of resent packets in the offer:\n%s", offer)
		}
	})
}

// TestNoRepairsUnasked: who offers none gets the answer as it is.
func TestNoRepairsUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, nil)
		b := rtctest.NewBrowser(t, s.nets.Client, true, true)
		w := newWire(t, b)
		p := s.peer(t, PeerOptions{Codec: CodecVP8, Drive: s.portrait, View: s.portrait, Signaller: w})
		trickle(b, w, p)
		var offer strings.Builder
		for line := range strings.Lines(b.Offer(nil)) {
			if !strings.Contains(line, "rtx/") && !strings.Contains(line, "apt=") {
				offer.WriteString(line)
			}
		}
		answer, err := p.Offer(t.Context(), offer.String())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(answer, "FID") || strings.Contains(answer, "rtx/") {
			t.Errorf("the answer has a stream that nobody asked for:\n%s", answer)
		}
		rtctest.Expect(t, b.Packets)
	})
}

// TestReportsOnRepairsAreHeard: receivers address their feedback to the stream that they heard last, which Pion does not know.
func TestReportsOnRepairsAreHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, "")
		w.run(2 * time.Second)
		before := w.nets.Down.Counts().Packets
		ask := &rtcp.TransportLayerNack{MediaSSRC: w.ssrc}
		for seq := range uint16(8) {
			ask.Nacks = append(ask.Nacks, rtcp.NackPair{PacketID: w.next - 20 - seq})
		}
		raw, err := ask.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		ear := w.peer.incoming.buffer(packetio.RTCPBufferPacket, w.peer.repairSource)
		if _, err := ear.Write(raw); err != nil {
			t.Fatal(err)
		}
		if got := w.nets.Down.Counts().Packets - before; got != 8 {
			t.Errorf("%d packets were sent again, want 8", got)
		}
		if _, err := ear.Write([]byte("nothing legible")); err != nil {
			t.Error(err)
		}
		w.peer.told(nil)
	})
}
