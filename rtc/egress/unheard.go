package egress

import (
	"net"
	"net/netip"
	"sync"
)

const (
	unheardMost  = 20  // requests that an IP address gets which says nothing
	unheardFirst = 4   // first bytes of STUN messages lie below (RFC 7983)
	unheardKept  = 256 // addresses; others get nothing: no connection has so many
)

// unheard bounds the requests that go out to see whether somebody is there (STUN), to each address: who connects may name any as
// his own, also those of others, who must not be flooded by us. The zero value is ready. It is safe for concurrent use.
type unheard struct {
	mu    sync.Mutex // guards the following
	asked map[netip.Addr]int
}

// answered is the count of an address from which something came.
const answered = -1

// may tells whether a datagram may go out, and counts it.
func (u *unheard) may(b []byte, to net.Addr) bool {
	at, ok := ipOf(to)
	if len(b) == 0 || b[0] >= unheardFirst || !ok {
		return true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	n, known := u.asked[at]
	switch {
	case n == answered:
		return true
	case n >= unheardMost || !known && len(u.asked) >= unheardKept:
		return false
	}
	if u.asked == nil {
		u.asked = map[netip.Addr]int{}
	}
	u.asked[at] = n + 1
	return true
}

// heard takes note of a datagram that came.
func (u *unheard) heard(b []byte, from net.Addr) {
	at, ok := ipOf(from)
	if len(b) == 0 || b[0] >= unheardFirst || !ok { // who sends anything else has sent this
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.asked[at]; !known && len(u.asked) >= unheardKept {
		return
	}
	if u.asked == nil {
		u.asked = map[netip.Addr]int{}
	}
	u.asked[at] = answered
}

func ipOf(a net.Addr) (netip.Addr, bool) {
	udp, ok := a.(*net.UDPAddr)
	if !ok || udp == nil {
		return netip.Addr{}, false
	}
	at := udp.AddrPort().Addr()
	return at.Unmap().WithZone(""), at.IsValid()
}
