package egress

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// Where packets are lost at random, one that is asked for comes a round trip late, and one in so many of those is lost too: the picture
// stands still meanwhile. So there each packet goes out once more a little later, unasked, and so does each that was asked for. Both
// come out of the same rate: the encoder gets half of it. That is a code that corrects errors at its simplest; better ones save
// a third of the rate, but no browser takes them without a flag or another packing of every packet.
const (
	copyAbove  = 0.03 // share of packets that is lost from which on all are copied
	copyBelow  = 0.01 // until it is less
	copyLasts  = 3 * time.Second
	copyClear  = 2 * time.Second // since a queue stood: what is lost then is lost by chance
	copyLeast  = 500_000         // bit/s: of less the picture needs all
	copyAfter  = 12 * time.Millisecond
	copyShare  = 0.5 // of the rate, for the encoder
	copyWithin = 1.1 // of the rate, with all that goes out in a second
	copyWaits  = 256 // copies, a power of two; more do not wait
)

// repair is the stream that resent packets go out as (RTX, RFC 4588): with numbers of their own, so that the other side neither takes
// copies for replayed packets nor counts them as lost. The zero value is none: packets are sent again as they were.
type repair struct {
	ssrc    uint32
	kind    uint8 // payload type
	seq     uint16
	payload []byte
}

// Repair lets packets that are sent again, and copies, go out as a stream of their own, once that has been negotiated for the one
// stream of video.
func (r *Resender) Repair(ssrc uint32, payloadType uint8) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.repairs = repair{ssrc: ssrc, kind: payloadType}
	r.path.repair()
	for _, s := range r.streams {
		s.repairBy(r.repairs)
	}
}

func (s *outgoing) repairBy(by repair) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.repair.ssrc != by.ssrc || s.repair.kind != by.kind {
		s.repair = by
		s.repair.payload = make([]byte, 0, 2+packetSize+64)
	}
}

// wrap makes of a packet one of the repair stream.
func (r *repair) wrap(h *rtp.Header, payload []byte) []byte {
	r.payload = append(r.payload[:0], byte(h.SequenceNumber>>8), byte(h.SequenceNumber))
	r.payload = append(r.payload, payload...)
	h.SSRC, h.PayloadType, h.SequenceNumber = r.ssrc, r.kind, r.seq
	r.seq++
	return r.payload
}

// Told gives RTCP that is addressed to the repair stream: a receiver reports to whichever stream it heard last.
func (r *Resender) Told(packet rtcp.Packet) {
	switch p := packet.(type) {
	case *rtcp.TransportLayerCC:
		r.path.hear(p, time.Now())
	case *rtcp.TransportLayerNack:
		r.asked(p)
	}
}

// copied is a packet that goes out once more.
type copied struct {
	seq uint16
	at  time.Time
}

// copies are the packets that wait to go out once more, oldest first. The zero value holds none.
type copies struct {
	waits       [copyWaits]copied
	first, next uint32
}

func (c *copies) empty() bool { return c.first == c.next }

func (c *copies) add(seq uint16, at time.Time) {
	if c.next-c.first == copyWaits {
		c.first++
	}
	c.waits[c.next%copyWaits] = copied{seq, at}
	c.next++
}

// copyLater has a packet sent once more.
func (s *outgoing) copyLater(seq uint16, now time.Time) {
	idle := s.copies.empty()
	s.copies.add(seq, now.Add(copyAfter))
	if idle {
		s.copier.Reset(copyAfter)
	}
}

// copyDue sends the copies that have waited long enough, as far as there is room for them.
func (s *outgoing) copyDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for now := time.Now(); !s.copies.empty() && !s.closed; s.copies.first++ {
		c := s.copies.waits[s.copies.first%copyWaits]
		if wait := c.at.Sub(now); wait > 0 {
			s.copier.Reset(wait)
			return
		}
		p := &s.packets[c.seq%keptPackets]
		if p.header.SequenceNumber != c.seq || p.sent.IsZero() || s.path.pausing(now) {
			continue
		}
		bytes := len(p.payload) + packetOverhead
		if float64(s.out.sum(now)+bytes)*8 > copyWithin*float64(s.path.Carries()) {
			continue
		}
		s.path.resent(len(p.payload), now)
		_ = s.repeat(p, now) // it is lost, as on the network
	}
}
