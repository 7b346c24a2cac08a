package voice

import "time"

// MaxPacket is how many bytes a packet may have; longer ones are dropped.
const MaxPacket = 1500

const (
	mostHeld = 2                     // packets that may wait for an earlier one
	heldFor  = 40 * time.Millisecond // and for how long
	restart  = 500                   // numbers that are skipped by no loss, but by who counts anew
)

// packet is a packet of sound as it came in.
type packet struct {
	seq     uint16
	stamp   uint32
	arrived time.Time
	n       int
	data    [MaxPacket]byte
}

// Reorder puts packets of RTP back in order. One that is missing is waited for until two newer ones wait, or one has for 40 ms;
// what comes later than that, or twice, is dropped. It allocates nothing. One goroutine at a time.
type Reorder struct {
	// Emit takes what is in order; data is not to be kept. It is set before the first Put.
	Emit func(stamp uint32, data []byte, arrived time.Time)

	begun bool
	next  uint16
	held  [mostHeld]packet // by number
	count int
}

// Put takes a packet, whose data is not kept, and emits what is in order now.
func (r *Reorder) Put(seq uint16, stamp uint32, data []byte, now time.Time) {
	ahead := int16(seq - r.next)
	if !r.begun || ahead > restart || ahead < -restart {
		r.begun, r.next, r.count, ahead = true, seq, 0, 0
	}
	for ahead > 0 && r.count == mostHeld {
		r.skip()
		ahead = int16(seq - r.next)
	}
	switch {
	case ahead < 0 || len(data) > MaxPacket:
		return
	case ahead > 0:
		r.hold(seq, stamp, data, now)
		return
	}
	r.next++
	r.Emit(stamp, data, now)
	r.drain()
}

// hold keeps a packet that is too early, unless it is there already. There is room for it.
func (r *Reorder) hold(seq uint16, stamp uint32, data []byte, now time.Time) {
	at := r.count
	for at > 0 && int16(seq-r.held[at-1].seq) <= 0 {
		at--
		if r.held[at].seq == seq {
			return
		}
	}
	copy(r.held[at+1:], r.held[at:r.count])
	h := &r.held[at]
	h.seq, h.stamp, h.arrived, h.n = seq, stamp, now, copy(h.data[:], data)
	r.count++
}

// Expire gives up what is missing where a packet has waited for it long enough.
func (r *Reorder) Expire(now time.Time) {
	for d := r.Deadline(); !d.IsZero() && !now.Before(d); d = r.Deadline() {
		r.skip()
	}
}

// Deadline is when Expire has something to do; zero is never.
func (r *Reorder) Deadline() (at time.Time) {
	for i := range r.count {
		if d := r.held[i].arrived.Add(heldFor); at.IsZero() || d.Before(at) {
			at = d
		}
	}
	return at
}

// skip gives up what is missing before the first that waits.
func (r *Reorder) skip() {
	r.next = r.held[0].seq
	r.drain()
}

// drain emits what waits and is in order.
func (r *Reorder) drain() {
	for r.count > 0 && r.held[0].seq == r.next {
		h := &r.held[0]
		r.Emit(h.stamp, h.data[:h.n], h.arrived)
		r.next++
		r.count--
		copy(r.held[:r.count], r.held[1:])
	}
}
