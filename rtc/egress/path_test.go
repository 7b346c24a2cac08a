package egress

import (
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"

	"github.com/gioconda-live/gioconda/rtc/congestion"
)

func testPath() *Path {
	return NewPath(congestion.Limits{Min: 150_000, Start: 1_500_000, Max: 4_000_000})
}

// video describes a stream of video, with the numbers of packets negotiated or not.
func video(numbered bool) *interceptor.StreamInfo {
	info := &interceptor.StreamInfo{MimeType: "video/VP8"}
	if numbered {
		info.RTPHeaderExtensions = []interceptor.RTPHeaderExtension{{URI: sdp.TransportCCURI, ID: 5}}
	}
	return info
}

// told gives a path RTCP as it comes from the network.
func (b *Path) told(t *testing.T, p rtcp.Packet) {
	t.Helper()
	raw, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	from := interceptor.RTCPReaderFunc(func(buf []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		return copy(buf, raw), a, nil
	})
	if _, _, err := b.BindRTCPReader(from).Read(make([]byte, 1500), nil); err != nil {
		t.Fatal(err)
	}
}

// TestAReceiverThatTellsNothing: without numbers the rate is the start, or what the other side says.
func TestAReceiverThatTellsNothing(t *testing.T) {
	b := testPath()
	b.BindLocalStream(video(false), discardRTP{})
	if now := time.Now(); b.Target(now) != 1_500_000 || b.Carries() != 1_500_000 {
		t.Errorf("%d, %d", b.Target(now), b.Carries())
	}
	for said, want := range map[float32]int{300_000: 300_000, 1000: 150_000, 90e6: 4_000_000} {
		b.told(t, &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: said})
		if got := b.Target(time.Now()); got < want*99/100 || got > want {
			t.Errorf("%v said: %d, want %d", said, got, want)
		}
	}
}

// numbers keeps the transport-wide numbers of packets.
type numbers struct{ seen []uint16 }

func (n *numbers) Write(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
	var e rtp.TransportCCExtension
	if err := e.Unmarshal(h.GetExtension(5)); err != nil {
		return 0, err
	}
	n.seen = append(n.seen, e.TransportSequence)
	return len(payload), nil
}

func TestFeedbackIsRead(t *testing.T) {
	b, out := testPath(), &numbers{}
	one, two := b.BindLocalStream(video(true), out), b.BindLocalStream(video(true), out)
	for range 50 {
		for _, w := range []interceptor.RTPWriter{one, two} {
			if _, err := w.Write(&rtp.Header{Version: 2}, make([]byte, 1000), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, seq := range out.seen {
		if int(seq) != i {
			t.Fatalf("packet %d of both streams has number %d", i, seq)
		}
	}
	// Of 0 to 9 all came, of 10 to 16 every other one.
	deltas := make([]*rtcp.RecvDelta, 0, 14)
	for range 14 {
		deltas = append(deltas, &rtcp.RecvDelta{Type: rtcp.TypeTCCPacketReceivedSmallDelta, Delta: 250})
	}
	b.told(t, &rtcp.TransportLayerCC{
		Header:             rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 9, Padding: true},
		BaseSequenceNumber: 0, PacketStatusCount: 17, ReferenceTime: 1<<24 - 1,
		PacketChunks: []rtcp.PacketStatusChunk{
			&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 10},
			&rtcp.StatusVectorChunk{
				Type: rtcp.TypeTCCStatusVectorChunk, SymbolSize: rtcp.TypeTCCSymbolSizeTwoBit,
				SymbolList: []uint16{1, 0, 1, 0, 1, 0, 1},
			},
		},
		RecvDeltas: deltas,
	})
	if b.RTT() <= 0 || b.RTT() > time.Second {
		t.Errorf("round trip %v", b.RTT())
	}
	if b.Carries() < 150_000 {
		t.Errorf("%d bit/s", b.Carries())
	}
}

// TestTheEncoderGetsWhatIsLeft: headers and what is sent again go out of the same rate.
func TestTheEncoderGetsWhatIsLeft(t *testing.T) {
	b := testPath()
	w := b.BindLocalStream(video(true), discardRTP{})
	now := time.Now()
	before := b.Target(now)
	for range 100 {
		if _, err := w.Write(&rtp.Header{Version: 2}, make([]byte, 100), nil); err != nil {
			t.Fatal(err)
		}
	}
	b.resent(5000, time.Now())
	if got, want := b.Target(time.Now()), before-8*(100*(12+8+packetOverhead)+5000); got != want {
		t.Errorf("%d of %d bit/s are for the encoder, want %d", got, before, want)
	}
	b.resent(50_000, time.Now())
	if got := b.Target(time.Now()); got != before/2 {
		t.Errorf("%d of %d bit/s, never less than half", got, before)
	}
}

func TestNumberingAllocatesNothing(t *testing.T) {
	b := testPath()
	w := b.BindLocalStream(video(true), discardRTP{})
	h, payload, room := rtp.Header{Version: 2}, make([]byte, 1000), [4]rtp.Extension{}
	if n := testing.AllocsPerRun(1000, func() {
		h.Extension, h.Extensions = false, room[:0]
		_, _ = w.Write(&h, payload, nil)
		b.Target(time.Now())
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func TestSecondlySlides(t *testing.T) {
	var s secondly
	now := time.Unix(100, 0)
	for range 40 {
		s.add(10, now)
		now = now.Add(50 * time.Millisecond)
	}
	if got := s.sum(now); got != 190 {
		t.Errorf("%d in a second, want 190", got)
	}
	if got := s.sum(now.Add(500 * time.Millisecond)); got != 90 {
		t.Errorf("%d half a second later, want 90", got)
	}
	if got := s.sum(now.Add(time.Hour)); got != 0 {
		t.Errorf("%d an hour later", got)
	}
}
