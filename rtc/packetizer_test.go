package rtc

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
)

// unpack reassembles packets with Pion's depacketizer.
func unpack(t *testing.T, codec string, packets []*rtp.Packet) (data []byte) {
	t.Helper()
	var d rtp.Depacketizer = &codecs.VP8Packet{}
	if codec == CodecH264 {
		d = &codecs.H264Packet{}
	}
	for i, p := range packets {
		part, err := d.Unmarshal(p.Payload)
		if err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
		if p.Marker != (i == len(packets)-1) {
			t.Errorf("packet %d of %d: marker %v", i, len(packets), p.Marker)
		}
		data = append(data, part...)
	}
	return data
}

func TestPacketizer(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	noise := func(head byte, n int) []byte {
		b := []byte{head}
		for range n {
			b = append(b, byte(1+rng.IntN(255)))
		}
		return b
	}
	unit := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(append(b, 0, 0, 0, 1), p...)
		}
		return b
	}
	for _, c := range []struct {
		name, codec string
		data        []byte
		packets     int
	}{
		{"one byte", CodecVP8, []byte{1}, 1},
		{"full", CodecVP8, noise(0x10, maxPayload-vp8Descriptor-1), 1},
		{"full and one", CodecVP8, noise(0x10, maxPayload-vp8Descriptor), 2},
		{"large", CodecVP8, noise(0x10, 60_000), 53},
		{"slice", CodecH264, unit(noise(0x41, 50)), 1},
		{"key", CodecH264, unit(noise(0x67, 10), noise(0x68, 4), noise(0x65, 5000)), 2 + 5},
		{"exact", CodecH264, unit(noise(0x41, maxPayload-1)), 1},
		{"exact and one", CodecH264, unit(noise(0x41, maxPayload)), 2},
		{"nothing", CodecH264, []byte{0, 0, 0, 1}, 0},
		{"no start code", CodecH264, noise(0x41, 9), 0},
	} {
		t.Run(c.codec+" "+c.name, func(t *testing.T) {
			var got []*rtp.Packet
			p := packetizer{codec: c.codec, offset: 7, seq: 65_530, send: func(p *rtp.Packet) error {
				got = append(got, p.Clone())
				return nil
			}}
			stamp, err := p.write(c.data, time.Second)
			if err != nil || stamp != 90_007 || len(got) != c.packets {
				t.Fatalf("%d packets at %d: %v", len(got), stamp, err)
			}
			for i, q := range got {
				if q.SequenceNumber != uint16(65_530+i) || q.Timestamp != stamp || q.MarshalSize() > 1200-28 {
					t.Errorf("packet %d: %v, %d bytes", i, q.Header, q.MarshalSize())
				}
			}
			if c.packets > 0 && !bytes.Equal(unpack(t, c.codec, got), c.data) {
				t.Error("data came out different")
			}
		})
	}
}
