package egress

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	resendMost   = 3                      // times that a packet is sent again
	resendApart  = 20 * time.Millisecond  // at least, and no less than the round trip
	resendShare  = 0.3                    // of what the path carries, in a second
	resendLate   = 300 * time.Millisecond // what is missing for so long has stopped the picture
	keptPackets  = 512                    // that can be sent again, a power of two: over a second at 4 Mbit/s
	paceFactor   = 2.5                    // how much faster than the rate a large frame goes out
	burstFrames  = 2                      // mean frames that go out at once
	burstLeast   = 4 * packetSize         // bytes
	firstBurst   = 10 * packetSize        // of the first frame: from how it arrives the rate is guessed
	nominalFrame = 30                     // of a second
)

// Resender keeps the packets of the streams whose receiver asks for lost ones, sends those again within bounds, and lets large
// frames out no faster than the path takes them.
//
// Without bounds a path that is too narrow is filled with what is asked for again, since that comes late and is asked for once
// more. Where the other side knows no RTX a packet is sent again as it was, and there are no copies.
type Resender struct {
	interceptor.NoOp
	path   *Path
	gaveUp func()
	key    atomic.Uint32 // number of the newest keyframe's first packet, and 1<<16; 0 before the first

	mu      sync.Mutex // guards the following
	streams map[uint32]*outgoing
	repairs repair
	closed  bool
}

// NewResender is that of a new connection. gaveUp is called when a packet will not come, so that only a keyframe helps; it must not
// block.
func NewResender(path *Path, gaveUp func()) *Resender {
	return &Resender{path: path, gaveUp: gaveUp, streams: map[uint32]*outgoing{}}
}

// NewInterceptor implements interceptor.Factory, for one peer connection.
func (r *Resender) NewInterceptor(string) (interceptor.Interceptor, error) { return r, nil }

// BindLocalStream keeps a stream's packets, if lost ones may be asked for.
func (r *Resender) BindLocalStream(info *interceptor.StreamInfo, next interceptor.RTPWriter) interceptor.RTPWriter {
	nack := false
	for _, f := range info.RTCPFeedback {
		nack = nack || f.Type == "nack" && f.Parameter == ""
	}
	if !nack {
		return next
	}
	s := newOutgoing(r.path, next)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		s.close()
	}
	if isVideo(info) {
		s.repairBy(r.repairs)
	}
	r.streams[info.SSRC] = s
	return s
}

// UnbindLocalStream forgets a stream.
func (r *Resender) UnbindLocalStream(info *interceptor.StreamInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.streams[info.SSRC]; s != nil {
		s.close()
		delete(r.streams, info.SSRC)
	}
}

// Close ends the pacing; what waits is not sent.
func (r *Resender) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, s := range r.streams {
		s.close()
	}
	return nil
}

// BindRTCPReader hears what is asked for.
func (r *Resender) BindRTCPReader(next interceptor.RTCPReader) interceptor.RTCPReader {
	return hearing(next, func(packet rtcp.Packet) {
		if nack, ok := packet.(*rtcp.TransportLayerNack); ok {
			r.asked(nack)
		}
	})
}

// keyframe tells that one begins with the packet of this number: what was before it need not be sent again.
func (r *Resender) keyframe(seq uint16) { r.key.Store(uint32(seq) | 1<<16) }

func (r *Resender) asked(n *rtcp.TransportLayerNack) {
	r.mu.Lock()
	s := r.streams[n.MediaSSRC]
	r.mu.Unlock()
	if s == nil {
		return
	}
	hopeless, key := false, r.key.Load()
	for i := range n.Nacks {
		n.Nacks[i].Range(func(seq uint16) bool {
			if key == 0 || int16(seq-uint16(key)) >= 0 { //nolint:gosec // numbers that wrap
				hopeless = s.resend(seq) || hopeless
			}
			return true
		})
	}
	if hopeless {
		r.gaveUp()
	}
}

func isVideo(info *interceptor.StreamInfo) bool {
	return strings.HasPrefix(strings.ToLower(info.MimeType), "video/")
}

// kept is a packet that was sent or is about to be.
type kept struct {
	header  rtp.Header // without extensions: those are of the path, and written anew each time
	payload []byte
	sent    time.Time // the newest time, zero before the first
	again   int       // times
}

// outgoing is a stream whose packets are kept. It allocates nothing per packet once each place has been used. Write is for
// one goroutine at a time.
type outgoing struct {
	path *Path
	next interceptor.RTPWriter

	mu      sync.Mutex // guards the following
	packets [keptPackets]kept
	head    uint16 // the next to go out
	tail    uint16 // the one after the newest; head if none waits
	begun   bool
	tokens  float64 // bytes that may go out at once
	filled  time.Time
	timer   *time.Timer // fires when the next may go out
	resent  secondly
	out     secondly // all bytes
	repair  repair
	copies  copies
	copier  *time.Timer // fires when the next copy is due
	closed  bool
	header  rtp.Header // of the packet that is going out
	room    [4]rtp.Extension
}

func newOutgoing(path *Path, next interceptor.RTPWriter) *outgoing {
	s := &outgoing{path: path, next: next, tokens: firstBurst}
	s.timer, s.copier = time.AfterFunc(time.Hour, s.release), time.AfterFunc(time.Hour, s.copyDue)
	s.timer.Stop()
	s.copier.Stop()
	return s
}

// Write implements interceptor.RTPWriter: it sends the packet now or, where a large frame is going out, soon.
func (s *outgoing) Write(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
	if h.Extension {
		return s.next.Write(h, payload, a)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun || h.SequenceNumber != s.tail {
		s.begun, s.head = true, h.SequenceNumber
	}
	now := time.Now()
	p := &s.packets[h.SequenceNumber%keptPackets]
	p.header, p.payload, p.sent, p.again = *h, append(p.payload[:0], payload...), time.Time{}, 0
	p.header.Extensions = nil
	s.tail = h.SequenceNumber + 1
	s.fill(now)
	err := s.flush(now)
	for s.tail-s.head >= keptPackets/2 && err == nil { // more than any frame: it cannot wait
		err = s.first(now)
	}
	return len(payload), err
}

// release is called when the next packet may go out.
func (s *outgoing) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.fill(now)
	_ = s.flush(now) // it is lost, as on the network
}

// fill adds what may go out since the last time.
func (s *outgoing) fill(now time.Time) {
	rate := float64(s.path.Carries()) / 8
	most := max(burstLeast, burstFrames*rate/nominalFrame)
	if !s.filled.IsZero() && s.tokens < most {
		s.tokens = min(most, s.tokens+now.Sub(s.filled).Seconds()*paceFactor*rate)
	}
	s.filled = now
}

// flush sends what may go out, and comes back for the rest.
func (s *outgoing) flush(now time.Time) error {
	for s.head != s.tail && s.tokens > 0 && !s.closed {
		if err := s.first(now); err != nil {
			return err
		}
	}
	if s.head != s.tail && !s.closed {
		rate := float64(s.path.Carries()) / 8 * paceFactor
		s.timer.Reset(time.Duration((1 - s.tokens) / rate * float64(time.Second)))
	}
	return nil
}

// first sends the packet that waits longest, also after an error of the network.
func (s *outgoing) first(now time.Time) error {
	p := &s.packets[s.head%keptPackets]
	s.head++
	p.sent = now
	s.begin(p, now)
	if s.repair.kind != 0 && s.path.Copies() {
		s.copyLater(p.header.SequenceNumber, now)
	}
	_, err := s.next.Write(&s.header, p.payload, nil)
	return err
}

// begin readies the header of a packet that goes out now, and takes it into account.
func (s *outgoing) begin(p *kept, now time.Time) {
	s.header = p.header
	s.header.Extensions = s.room[:0]
	s.tokens -= float64(len(p.payload))
	s.out.add(len(p.payload)+packetOverhead, now)
}

// repeat sends a packet once more.
func (s *outgoing) repeat(p *kept, now time.Time) error {
	s.begin(p, now)
	payload := p.payload
	if s.repair.kind != 0 {
		payload = s.repair.wrap(&s.header, payload)
	}
	_, err := s.next.Write(&s.header, payload, nil)
	return err
}

// resend sends a packet again if it may be. It reports true where that would be of no use: it was sent as often as may be, or
// more is asked for than may be sent.
func (s *outgoing) resend(seq uint16) (hopeless bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.packets[seq%keptPackets]
	now := time.Now()
	if s.closed || s.path.pausing(now) || p.header.SequenceNumber != seq || p.sent.IsZero() || now.Sub(p.sent) < max(s.path.RTT(), resendApart) {
		return false
	}
	if p.again >= resendMost {
		// Older ones have been given up. Some receivers ask for what their repair stream has brought; others ask for a keyframe themselves.
		return s.repair.kind == 0 && now.Sub(p.sent) < time.Second
	}
	s.fill(now)
	bytes := len(p.payload) + packetOverhead
	if float64(s.resent.sum(now)+bytes)*8 > resendShare*float64(s.path.Carries()) {
		return now.Sub(p.sent) > resendLate
	}
	if s.tokens < -burstLeast {
		return false
	}
	s.resent.add(bytes, now)
	s.path.resent(len(p.payload), now)
	p.again++
	p.sent = now
	if s.repair.kind != 0 && s.path.LossNow() > copyAbove {
		s.copyLater(seq, now)
	}
	_ = s.repeat(p, now) // it is lost, as on the network
	return false
}

func (s *outgoing) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.timer.Stop()
	s.copier.Stop()
}
