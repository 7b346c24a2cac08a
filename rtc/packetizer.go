package rtc

import (
	"bytes"
	"time"

	"github.com/pion/rtp"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

const (
	// maxPayload keeps a packet, with header, extensions and SRTP's tag, under 1200 bytes.
	maxPayload = 1200 - 12 - 16 - 16

	vp8Descriptor = 4 // bytes: X, I, 15-bit picture ID
	fuHeader      = 2 // bytes: FU indicator and header
)

// packetizer cuts frames of one codec into RTP packets. It allocates nothing per frame: the packet handed to
// send, its payload and its room for header extensions are reused, so send must be done with it on return.
// One goroutine at a time.
type packetizer struct {
	codec   string
	offset  uint32 // RTP timestamp of PTS 0
	picture uint16 // VP8 picture ID, 15 bit
	send    func(*rtp.Packet) error

	packet  rtp.Packet
	seq     uint16
	payload [maxPayload]byte
	room    [4]rtp.Extension
	err     error // the first of this frame
}

// write sends one frame and returns its RTP timestamp. After an error of send it goes on with the frame's
// other packets, so that the sequence numbers stay whole, and returns the first error.
func (p *packetizer) write(data []byte, pts time.Duration) (uint32, error) {
	p.err = nil
	stamp := p.offset + uint32(frame.Ticks(pts))
	p.packet.Timestamp = stamp
	if p.codec == CodecVP8 {
		p.vp8(data)
	} else {
		p.h264(data)
	}
	return stamp, p.err
}

// emit sends the first n bytes of payload as one packet.
func (p *packetizer) emit(n int, last bool) {
	stamp := p.packet.Timestamp
	p.packet = rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: last, SequenceNumber: p.seq, Timestamp: stamp, Extensions: p.room[:0],
		},
		Payload: p.payload[:n],
	}
	p.seq++
	if err := p.send(&p.packet); err != nil && p.err == nil {
		p.err = err
	}
}

// vp8 follows RFC 7741. Every packet carries a 15-bit picture ID, from the very first frame on: receivers track
// references by it, and one that appears later makes the first frames look unrelated.
func (p *packetizer) vp8(data []byte) {
	start := byte(0x10)
	for len(data) > 0 {
		n := min(len(data), maxPayload-vp8Descriptor)
		p.payload[0] = 0x80 | start
		p.payload[1] = 0x80
		p.payload[2] = 0x80 | byte(p.picture>>8)
		p.payload[3] = byte(p.picture)
		copy(p.payload[vp8Descriptor:], data[:n])
		data = data[n:]
		p.emit(vp8Descriptor+n, len(data) == 0)
		start = 0
	}
	p.picture = (p.picture + 1) & 0x7fff
}

// h264 follows RFC 6184, packetization mode 1: one NAL unit a packet, or fragments (FU-A) of a larger one.
func (p *packetizer) h264(data []byte) {
	unit, rest := nextUnit(data)
	for unit != nil {
		next, after := nextUnit(rest)
		p.nal(unit, next == nil)
		unit, rest = next, after
	}
}

func (p *packetizer) nal(unit []byte, last bool) {
	if len(unit) <= maxPayload {
		p.emit(copy(p.payload[:], unit), last)
		return
	}
	indicator, kind := unit[0]&0xe0|28, unit[0]&0x1f
	start := byte(0x80)
	for body := unit[1:]; len(body) > 0; start = 0 {
		n := min(len(body), maxPayload-fuHeader)
		end := byte(0)
		if n == len(body) {
			end = 0x40
		}
		p.payload[0], p.payload[1] = indicator, start|end|kind
		copy(p.payload[fuHeader:], body[:n])
		body = body[n:]
		p.emit(fuHeader+n, last && len(body) == 0)
	}
}

// nextUnit finds the first NAL unit of a byte stream in Annex B, without its start code and trailing zeros,
// and what follows it; nil if there is none.
func nextUnit(b []byte) (unit, rest []byte) {
	code := [3]byte{0, 0, 1}
	at := bytes.Index(b, code[:])
	for at >= 0 {
		b = b[at+len(code):]
		unit, rest, at = b, nil, bytes.Index(b, code[:])
		if at >= 0 {
			unit, rest = b[:at], b[at:]
		}
		if unit = bytes.TrimRight(unit, "\x00"); len(unit) > 0 {
			return unit, rest
		}
	}
	return nil, nil
}
