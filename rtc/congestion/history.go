package congestion

import "time"

const (
	historySize = 2048 // packets that feedback may speak of: five seconds at 4 Mbit/s
	pathSize    = 128  // newest arrivals that are looked at, a power of two
)

type fate uint8

const (
	unknown fate = iota
	lost
	arrived
)

// sent is a packet that is on its way, or was.
type sent struct {
	seq  uint16
	fate fate
	size int32
	sum  int64 // bytes of all packets up to this one
	at   time.Time
}

// arrival is a packet that came, in the order in which we were told.
type arrival struct {
	sent time.Time
	at   time.Duration // on the other side's clock
	took time.Duration // from sent to at, wrong by a constant
	size int
}

// history is what was sent and what became of it. The zero value is empty.
type history struct {
	packets  [historySize]sent
	arrivals [pathSize]arrival
	count    int // arrivals so far
	sum      int64
	told     int64 // sum of the newest packet that arrived
}

func (h *history) add(seq uint16, size int, now time.Time) {
	h.sum += int64(size)
	h.packets[seq%historySize] = sent{seq: seq, size: int32(size), sum: h.sum, at: now} //nolint:gosec // packets are smaller than 64 KiB
}

// find is nil for a packet that was never sent, or too long ago.
func (h *history) find(seq uint16) *sent {
	if p := &h.packets[seq%historySize]; p.seq == seq && !p.at.IsZero() {
		return p
	}
	return nil
}

func (h *history) arrived(a arrival) {
	h.arrivals[h.count%pathSize] = a
	h.count++
}

// newest is the i-th newest arrival, of those that are known still; false beyond them.
func (h *history) newest(i int) (arrival, bool) {
	if i >= h.count || i >= pathSize {
		return arrival{}, false
	}
	return h.arrivals[(h.count-1-i)%pathSize], true
}

// rate is how many bit/s arrived in the span before the newest arrival, on the other side's clock; 0 if too few did.
func (h *history) rate(span time.Duration) int {
	last := h.latest()
	bytes, first := 0, last
	for i := 0; ; i++ {
		a, ok := h.newest(i)
		if !ok {
			span = min(span, last-first) // all that is known
			break
		}
		if a.at > last-span {
			bytes += a.size
		}
		first = min(first, a.at)
	}
	if span <= 0 {
		return 0
	}
	return int(float64(bytes) * 8 / span.Seconds())
}

// latest is the newest time of the other side's clock.
func (h *history) latest() (at time.Duration) {
	for i := 0; ; i++ {
		a, ok := h.newest(i)
		if !ok {
			return at
		}
		if i == 0 || a.at > at {
			at = a.at
		}
	}
}

// train is how many bit/s the path carries as its fastest run of packets shows that were sent at once, 0 if there is none.
func (h *history) train() (fastest float64) {
	const least, together = 4, 25 * time.Millisecond
	n, bytes := 1, 0
	var begin arrival
	for i := 0; ; i++ {
		a, ok := h.newest(i)
		if !ok {
			return fastest
		}
		if i == 0 || begin.sent.Sub(a.sent) > together || a.at > begin.at {
			begin, n, bytes = a, 1, 0
			continue
		}
		n++
		bytes += a.size
		if took := max(begin.at-a.at, 250*time.Microsecond); n >= least {
			fastest = max(fastest, float64(bytes)*8/took.Seconds())
		}
	}
}
