package rtctest

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v3"
)

// Sound is what a browser hears.
type Sound struct {
	Packets chan *rtp.Packet         // of the sound
	Track   chan *webrtc.TrackRemote // of the sound
	Reports chan *rtcp.SenderReport  // of sound and picture
}

func newSound() Sound {
	return Sound{
		Packets: make(chan *rtp.Packet, 4096), Track: make(chan *webrtc.TrackRemote, 4), Reports: make(chan *rtcp.SenderReport, 256),
	}
}

// readReports keeps the newest sender reports until the track ends.
func (s *Sound) readReports(from *webrtc.RTPReceiver) {
	for {
		packets, _, err := from.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if r, ok := p.(*rtcp.SenderReport); ok {
				select {
				case s.Reports <- r:
				default:
				}
			}
		}
	}
}

// Listen asks for sound, before the offer.
func (b *Browser) Listen() {
	b.t.Helper()
	if _, err := b.PC.AddTransceiverFromKind(webrtc.RTPCodecTypeAudio, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionRecvonly,
	}); err != nil {
		b.t.Fatal(err)
	}
}

// Microphone is a browser's: it sends packets of 20 ms.
type Microphone struct {
	Seq   uint16 // of the next packet
	Stamp uint32

	b     *Browser
	track *webrtc.TrackLocalStaticRTP
}

// Packet is 20 ms of silence, as Opus has it.
func Packet() []byte { return []byte{0xfc, 0xff, 0xfe} }

// Microphone plugs one in, before the offer.
func (b *Browser) Microphone() *Microphone {
	b.t.Helper()
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2,
	}, "microphone", "driver")
	if err == nil {
		_, err = b.PC.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return &Microphone{b: b, track: track, Seq: 65_530, Stamp: 1<<32 - 2000}
}

// Send sends one packet now.
func (m *Microphone) Send(payload []byte) {
	m.b.t.Helper()
	if err := m.track.WriteRTP(&rtp.Packet{
		Header: rtp.Header{Version: 2, SequenceNumber: m.Seq, Timestamp: m.Stamp}, Payload: payload,
	}); err != nil {
		m.b.t.Error(err)
	}
	m.Seq++
	m.Stamp += 960
}

// Talk sends n packets, 50 a second.
func (m *Microphone) Talk(n int) {
	m.b.t.Helper()
	for range n {
		m.Send(Packet())
		time.Sleep(20 * time.Millisecond)
	}
}
