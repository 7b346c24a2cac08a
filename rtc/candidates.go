package rtc

import (
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How many ways to itself the other side may name. A browser has one for each network interface, and more for each server that tells
// it its address. Of each Pion asks up to eight times, from every address that we have, whether somebody answers; a browser that
// has more ways to it is found by what it sends itself.
const (
	maxCandidates = 48               // in the life of a connection
	sameAddress   = 10 * time.Second // between two that name the same IP address
)

// targets decides to which of the other side's candidates packets are sent: whoever names others' addresses must not have them
// flooded by us.
type targets struct {
	public bool // the other side comes over the internet, where private addresses are not its own

	mu    sync.Mutex // guards the following
	total int
	to    map[netip.Addr]time.Time // when an address was named last
}

// newTargets is for one that comes from an address, "host:port" or an IP address; of an unknown one private addresses are taken.
func newTargets(from string) *targets {
	at, err := netip.ParseAddr(from)
	if port, bad := netip.ParseAddrPort(from); bad == nil {
		at, err = port.Addr(), nil
	}
	return &targets{public: err == nil && isPublic(at.Unmap()), to: map[netip.Addr]time.Time{}}
}

func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !sharedSpace().Contains(a)
}

// sharedSpace is where carriers number their customers, RFC 6598.
func sharedSpace() netip.Prefix { return netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) }

// allow takes a candidate attribute's value, and counts it.
func (t *targets) allow(candidate string) bool {
	fields := strings.Fields(candidate)
	if len(fields) < 6 {
		return false
	}
	at, err := netip.ParseAddr(fields[4])
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.total >= maxCandidates {
		return false
	}
	t.total++
	if err != nil { // a name, which is not resolved
		return true
	}
	at = at.Unmap().WithZone("")
	if at.IsMulticast() || at.IsUnspecified() || at == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || t.public && !isPublic(at) {
		return false
	}
	if strings.EqualFold(fields[2], "tcp") { // one that waits for us is not called; from one that calls nothing is wanted
		return !strings.Contains(candidate, "tcptype passive") && !strings.Contains(candidate, "tcptype so")
	}
	if last, named := t.to[at]; named && time.Since(last) < sameAddress {
		return false
	}
	t.to[at] = time.Now()
	return true
}

// filter takes the candidates out of a description that are not allowed.
func (t *targets) filter(sdp string) string {
	if !strings.Contains(sdp, "a=candidate:") {
		return sdp
	}
	var out strings.Builder
	seen := map[string]bool{} // bundled sections repeat them
	for line := range strings.Lines(sdp) {
		if c, is := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "a=candidate:"); is && !seen[c] {
			if !t.allow("candidate:" + c) {
				continue
			}
			seen[c] = true
		}
		out.WriteString(line)
	}
	return out.String()
}
