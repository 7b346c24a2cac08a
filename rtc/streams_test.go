package rtc

import (
	"testing"

	"github.com/pion/transport/v2/packetio"
)

// TestStreamsAreBounded opens far more streams than a browser has, and fills each: what is held stays small, and the connection is
// told to end.
func TestStreamsAreBounded(t *testing.T) {
	s := newStreams()
	packet := make([]byte, 1200)
	held := 0
	for ssrc := range 1000 {
		b := s.buffer(packetio.RTPBufferPacket, uint32(ssrc))
		for range 200 {
			_, _ = b.Write(packet) // full ones refuse
		}
		if kept, ok := b.(*packetio.Buffer); ok {
			held += kept.Size()
		}
		select {
		case <-s.flooded:
			if ssrc < maxStreams {
				t.Fatalf("stream %d is one too many", ssrc)
			}
		default:
			if ssrc >= maxStreams {
				t.Fatalf("%d streams are not too many", ssrc)
			}
		}
	}
	if held > maxStreams*maxStreamHeld {
		t.Errorf("%d bytes are held", held)
	}
	if _, err := s.buffer(packetio.RTCPBufferPacket, 7).Read(packet); err == nil {
		t.Error("a stream beyond the last is read")
	}
}
