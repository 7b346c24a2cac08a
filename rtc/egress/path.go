package egress

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"

	"github.com/gioconda-live/gioconda/rtc/congestion"
)

// packetOverhead is what is around an RTP packet on the wire, in bytes: IPv4, UDP, SRTP's tag.
const packetOverhead = 20 + 8 + 10

const (
	backlogMost  = 500 * time.Millisecond // that is drained by sending less
	backlogLasts = 100 * time.Millisecond // before it is believed
	backlogLeft  = 100 * time.Millisecond // when sending begins again
	pauseMost    = 2 * time.Second
)

// Path numbers the packets of a peer connection, hears when they arrived, and tells what the path carries. It is the
// innermost interceptor: what it sees is what goes out, resent packets and copies included.
type Path struct {
	interceptor.NoOp
	limits congestion.Limits

	mu        sync.Mutex // guards the following; held while a packet is sent, so that numbers go out in order
	control   *congestion.Control
	seq       uint16
	number    [2]byte // of the packet that is being sent
	deaf      bool    // the other side tells nothing of the video's packets
	ceiling   int     // bit/s, of one that says only that; 0: it did not
	reference int64   // the newest feedback's time, in units of 64 ms
	heard     bool
	extra     secondly // bytes that are not the encoder's: headers, and what was sent again

	deep      time.Time     // since then too much waits in the path
	paused    atomic.Int64  // until then nothing is sent, in nanoseconds since 1970
	lost      atomic.Uint64 // share, as bits of a float64
	lostNow   atomic.Uint64
	copying   atomic.Bool // packets are to go out twice
	full      atomic.Bool // a queue stands
	lossy     time.Time   // when loss last called for copies
	queued    time.Time   // when a queue last stood
	repairs   bool        // there can be copies
	roundTrip atomic.Int64
	rate      atomic.Int64
}

// NewPath is that of a new connection.
func NewPath(l congestion.Limits) *Path {
	n := &Path{limits: l, control: congestion.New(l)}
	n.publish()
	return n
}

// NewInterceptor implements interceptor.Factory, for one peer connection.
func (b *Path) NewInterceptor(string) (interceptor.Interceptor, error) { return b, nil }

// BindLocalStream numbers a stream's packets, where that was negotiated.
func (b *Path) BindLocalStream(info *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	var id uint8
	for _, e := range info.RTPHeaderExtensions {
		if e.URI == sdp.TransportCCURI {
			id = uint8(e.ID) // 1..14 by negotiation
		}
	}
	if id == 0 {
		if isVideo(info) {
			b.mu.Lock()
			b.deaf = true
			b.publish()
			b.mu.Unlock()
		}
		return next
	}
	return interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.number = [2]byte{byte(b.seq >> 8), byte(b.seq)}
		if err := h.SetExtension(id, b.number[:]); err != nil {
			return 0, err
		}
		now, around := time.Now(), h.MarshalSize()+packetOverhead
		b.control.Sent(b.seq, around+len(payload), now)
		b.extra.add(around, now)
		b.seq++
		return next.Write(h, payload, a)
	})
}

// BindRTCPReader hears feedback.
func (b *Path) BindRTCPReader(next interceptor.RTCPReader) interceptor.RTCPReader {
	return hearing(next, func(packet rtcp.Packet) {
		switch p := packet.(type) {
		case *rtcp.TransportLayerCC:
			b.hear(p, time.Now())
		case *rtcp.ReceiverEstimatedMaximumBitrate:
			b.mu.Lock()
			b.ceiling = int(min(p.Bitrate, math.MaxInt32))
			b.publish()
			b.mu.Unlock()
		}
	})
}

// hearing tells heard of each packet that comes.
func hearing(next interceptor.RTCPReader, heard func(rtcp.Packet)) interceptor.RTCPReader {
	return interceptor.RTCPReaderFunc(func(buf []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, a, err := next.Read(buf, a)
		if err != nil {
			return 0, nil, err
		}
		if a == nil {
			a = make(interceptor.Attributes)
		}
		packets, err := a.GetRTCPPackets(buf[:n])
		if err != nil {
			return 0, nil, err
		}
		for _, p := range packets {
			heard(p)
		}
		return n, a, nil
	})
}

// hear takes one piece of feedback.
func (b *Path) hear(f *rtcp.TransportLayerCC, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.heard {
		b.heard, b.reference = true, int64(f.ReferenceTime)
	}
	ahead := int32(f.ReferenceTime-uint32(b.reference)) << 8 >> 8 //nolint:gosec // 24 bits that wrap
	b.reference += int64(ahead)
	r := feedbackReader{
		control: b.control, seq: f.BaseSequenceNumber, left: int(f.PacketStatusCount), deltas: f.RecvDeltas,
		at: time.Duration(b.reference) * 64 * time.Millisecond,
	}
	for _, c := range f.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				r.packet(c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			for _, symbol := range c.SymbolList {
				r.packet(symbol)
			}
		}
	}
	b.control.Update(now)
	b.publish()
	b.chooseCopies(now)
	wait := b.control.Backlog()
	switch {
	case wait <= backlogMost || b.pausing(now):
		b.deep = time.Time{}
	case b.deep.IsZero():
		b.deep = now
	case now.Sub(b.deep) >= backlogLasts:
		b.paused.Store(now.Add(min(wait, pauseMost) - backlogLeft).UnixNano())
	}
}

// pausing tells that so much waits in the path that it is better to send nothing until that has drained, and to begin anew with
// a keyframe: at the lowest rate a queue of two seconds takes many seconds to drain, and often a part of it is lost anyway.
func (b *Path) pausing(now time.Time) bool { return now.UnixNano() < b.paused.Load() }

// feedbackReader goes through the packets that a piece of feedback speaks of.
type feedbackReader struct {
	control *congestion.Control
	seq     uint16
	left    int
	deltas  []*rtcp.RecvDelta
	at      time.Duration
}

func (r *feedbackReader) packet(symbol uint16) {
	if r.left == 0 {
		return
	}
	r.left--
	seq := r.seq
	r.seq++
	if symbol == rtcp.TypeTCCPacketNotReceived {
		r.control.Missing(seq)
		return
	}
	if symbol == rtcp.TypeTCCPacketReceivedWithoutDelta || len(r.deltas) == 0 {
		return
	}
	r.at += time.Duration(r.deltas[0].Delta) * time.Microsecond
	r.deltas = r.deltas[1:]
	r.control.Arrived(seq, r.at)
}

// publish lets others read without waiting for a packet that is being sent. mu is held.
func (b *Path) publish() {
	b.lost.Store(math.Float64bits(b.control.Loss()))
	b.lostNow.Store(math.Float64bits(b.control.LossNow()))
	b.roundTrip.Store(int64(b.control.RTT()))
	rate := b.control.Rate()
	if b.deaf {
		rate = b.limits.Start
		if b.ceiling > 0 {
			rate = max(b.limits.Min, min(b.limits.Max, b.ceiling))
		}
	}
	b.rate.Store(int64(rate))
}

// resent notes bytes that were sent again: they are numbered too, but the encoder did not make them.
func (b *Path) resent(bytes int, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.extra.add(bytes, now)
}

// chooseCopies tells whether packets go out twice: where they are lost though no queue stands, and not because one did. mu is held.
func (b *Path) chooseCopies(now time.Time) {
	loss, rate := b.control.Loss(), b.control.Rate()
	if loss > copyBelow {
		b.lossy = now
	}
	b.full.Store(b.control.Congested())
	if b.full.Load() {
		b.queued = now
	}
	if b.copying.Load() {
		b.copying.Store(now.Sub(b.lossy) < copyLasts && rate > copyLeast/2)
	} else {
		b.copying.Store(b.repairs && loss > copyAbove && rate > copyLeast && now.Sub(b.queued) > copyClear)
	}
}

// Copies tells whether packets go out twice.
func (b *Path) Copies() bool { return b.copying.Load() && !b.full.Load() }

// Target is what the encoder may make, in bit/s: what the path carries less headers and what is sent again, yet never less
// than Limits.Min. It is to be called some ten times a second.
func (b *Path) Target(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deaf {
		return b.Carries()
	}
	b.control.Tick(now)
	b.publish()
	rate := b.Carries()
	target := max(rate/2, rate-8*b.extra.sum(now))
	if b.copying.Load() {
		target = min(target, int(copyShare*float64(rate)))
	}
	return max(b.limits.Min, target)
}

// Loss is the share of packets that is lost, 0..1.
func (b *Path) Loss() float64 { return math.Float64frombits(b.lost.Load()) }

// LossNow is Loss, or what the last half second alone says if that is more: for what must not wait until it is sure.
func (b *Path) LossNow() float64 { return math.Float64frombits(b.lostNow.Load()) }

// RTT is the newest round trip, 0 before it is known.
func (b *Path) RTT() time.Duration { return time.Duration(b.roundTrip.Load()) }

// Carries is what the path carries, in bit/s.
func (b *Path) Carries() int { return int(b.rate.Load()) }

// repair tells that packets can go out twice.
func (b *Path) repair() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.repairs = true
}
