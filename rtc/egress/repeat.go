package egress

import (
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v2"
	"github.com/pion/transport/v2"
)

// The data channels' transport (SCTP) waits a second and more for what it sends again, and twice as long each time: on a path that
// loses a fifth, reports and answers would stand still for many seconds. So what it sends is repeated right away where packets
// are lost: a datagram of DTLS that comes twice is dropped by the other side, as an old one is.
const (
	repeatAbove  = 0.02 // share of packets that is lost
	repeatTwice  = 0.06
	repeatThrice = 0.12
	repeatAfter  = 10 * time.Millisecond // so that one gap does not take both
	repeatWaits  = 32                    // datagrams that wait at most; more is no control
	firstDTLS    = 20                    // first byte of a datagram of DTLS (RFC 7983)
	lastDTLS     = 63
	largestDTLS  = 1500
	repeatRoom   = 0.1    // of what the path carries, in a second
	repeatAlways = 16_000 // bytes in a second
	repeatLarge  = 384    // bytes: what is larger is a report more likely than an answer; it goes out twice at most, of half of the room
)

// Repeater sends a connection's data two to four times where packets are lost. Its sockets also see to it that who says nothing is
// not asked for ever.
type Repeater struct {
	path    *Path
	unheard unheard

	mu     sync.Mutex // guards the following
	waits  [repeatWaits]repeated
	first  int
	count  int
	spent  secondly
	large  secondly // of spent
	timer  *time.Timer
	closed bool
}

// repeated is a datagram that is to be sent once more.
type repeated struct {
	via  net.PacketConn
	to   net.Addr
	at   time.Time
	data []byte
	left int // times
}

// NewRepeater is that of a new connection; Close ends it.
func NewRepeater(path *Path) *Repeater {
	r := &Repeater{path: path}
	r.timer = time.AfterFunc(time.Hour, r.due)
	r.timer.Stop()
	return r
}

// Times is how often a datagram is sent now, the first time included.
func (r *Repeater) Times() int {
	switch loss := r.path.LossNow(); {
	case loss > repeatThrice:
		return 4
	case loss > repeatTwice:
		return 3
	case loss > repeatAbove:
		return 2
	default:
		return 1
	}
}

// sent takes note of a datagram that has just been sent.
func (r *Repeater) sent(via net.PacketConn, b []byte, to net.Addr) {
	if len(b) == 0 || b[0] < firstDTLS || b[0] > lastDTLS || len(b) > largestDTLS {
		return
	}
	times := r.Times() - 1
	if times == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if len(b) > repeatLarge {
		times = 1
	}
	if times = min(times, r.room(len(b), now)/len(b)); r.closed || r.count == repeatWaits || times == 0 {
		return
	}
	r.spent.add(times*len(b), now)
	if len(b) > repeatLarge {
		r.large.add(times*len(b), now)
	}
	w := &r.waits[(r.first+r.count)%repeatWaits]
	w.via, w.to, w.at, w.data, w.left = via, to, now.Add(repeatAfter), append(w.data[:0], b...), times
	r.count++
	if r.count == 1 {
		r.timer.Reset(repeatAfter)
	}
}

// room is how many bytes may be sent again for a datagram of that size. mu is held.
func (r *Repeater) room(size int, now time.Time) int {
	all := int(max(repeatAlways, repeatRoom*float64(r.path.Carries())/8))
	room := all - r.spent.sum(now)
	if size > repeatLarge {
		room = min(room, all/2-r.large.sum(now))
	}
	return max(0, room)
}

// due sends what has waited long enough.
func (r *Repeater) due() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for now := time.Now(); r.count > 0 && !r.closed; {
		w := &r.waits[r.first]
		if wait := w.at.Sub(now); wait > 0 {
			r.timer.Reset(wait)
			return
		}
		_, _ = w.via.WriteTo(w.data, w.to) // it was sent once already
		r.first = (r.first + 1) % repeatWaits
		r.count--
		if w.left--; w.left > 0 {
			last := &r.waits[(r.first+r.count)%repeatWaits]
			if last != w {
				w.data, last.data = last.data, w.data
				last.via, last.to, last.left = w.via, w.to, w.left
			}
			last.at = now.Add(repeatAfter)
			r.count++
		}
	}
}

// Close ends the repeating; what waits is not sent.
func (r *Repeater) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.timer.Stop()
}

// Net is a network whose sockets repeat.
func (r *Repeater) Net(n transport.Net) transport.Net { return repeatingNet{n, r} }

// Mux gives the connections of a shared socket, which repeat.
func (r *Repeater) Mux(m ice.UDPMux) ice.UDPMux { return repeatingMux{m, r} }

// repeatingNet is a network whose sockets repeat.
type repeatingNet struct {
	transport.Net
	by *Repeater
}

// ListenPacket implements transport.Net.
func (n repeatingNet) ListenPacket(network, address string) (net.PacketConn, error) {
	c, err := n.Net.ListenPacket(network, address)
	if err != nil {
		return nil, err
	}
	return repeatingPackets{c, n.by}, nil
}

// ListenUDP implements transport.Net.
func (n repeatingNet) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	c, err := n.Net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	return repeatingUDP{c, n.by}, nil
}

// repeatingMux gives the connections of a shared socket.
type repeatingMux struct {
	ice.UDPMux
	by *Repeater
}

// GetConn implements ice.UDPMux.
func (m repeatingMux) GetConn(ufrag string, addr net.Addr) (net.PacketConn, error) {
	c, err := m.UDPMux.GetConn(ufrag, addr)
	if err != nil {
		return nil, err
	}
	return repeatingPackets{c, m.by}, nil
}

type repeatingPackets struct {
	net.PacketConn
	by *Repeater
}

// WriteTo implements net.PacketConn.
func (c repeatingPackets) WriteTo(b []byte, to net.Addr) (int, error) {
	if !c.by.unheard.may(b, to) {
		return len(b), nil // as if it were lost
	}
	n, err := c.PacketConn.WriteTo(b, to)
	c.by.sent(c.PacketConn, b, to)
	return n, err
}

type repeatingUDP struct {
	transport.UDPConn
	by *Repeater
}

// WriteTo implements transport.UDPConn.
func (c repeatingUDP) WriteTo(b []byte, to net.Addr) (int, error) {
	if !c.by.unheard.may(b, to) {
		return len(b), nil // as if it were lost
	}
	n, err := c.UDPConn.WriteTo(b, to)
	c.by.sent(c.UDPConn, b, to)
	return n, err
}

// ReadFrom implements net.PacketConn.
func (c repeatingPackets) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	c.by.unheard.heard(b[:n], from)
	return n, from, err
}

// ReadFrom implements net.PacketConn.
func (c repeatingUDP) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.UDPConn.ReadFrom(b)
	c.by.unheard.heard(b[:n], from)
	return n, from, err
}
