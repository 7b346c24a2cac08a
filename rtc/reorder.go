package rtc

import "time"

const (
	maxSound     = 1500                  // bytes of one packet of sound
	soundHeld    = 2                     // packets that may wait for an earlier one
	soundWait    = 40 * time.Millisecond // and for how long
	soundRestart = 500                   // numbers that are skipped by no loss, but by who counts anew
)

// soundPacket is a packet of sound as it came in.
type soundPacket struct {
	seq     uint16
	stamp   uint32
	arrived time.Time
	n       int
	data    [maxSound]byte
}

// reorder puts packets of RTP back in order. One that is missing is waited for until two newer ones wait, or one has for 40 ms;
// what comes later than that, or twice, is dropped. It allocates nothing. One goroutine at a time.
type reorder struct {
	emit func(stamp uint32, data []byte, arrived time.Time)

	begun bool
	next  uint16
	held  [soundHeld]soundPacket // by number
	count int
}

// put takes a packet, whose data is not kept, and emits what is in order now.
func (r *reorder) put(seq uint16, stamp uint32, data []byte, now time.Time) {
	ahead := int16(seq - r.next)
	if !r.begun || ahead > soundRestart || ahead < -soundRestart {
		r.begun, r.next, r.count, ahead = true, seq, 0, 0
	}
	for ahead > 0 && r.count == soundHeld {
		r.skip()
		ahead = int16(seq - r.next)
	}
	switch {
	case ahead < 0 || len(data) > maxSound:
		return
	case ahead > 0:
		r.hold(seq, stamp, data, now)
		return
	}
	r.next++
	r.emit(stamp, data, now)
	r.drain()
}

// hold keeps a packet that is too early, unless it is there already. There is room for it.
func (r *reorder) hold(seq uint16, stamp uint32, data []byte, now time.Time) {
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

// expire gives up what is missing where a packet has waited for it long enough.
func (r *reorder) expire(now time.Time) {
	for d := r.deadline(); !d.IsZero() && !now.Before(d); d = r.deadline() {
		r.skip()
	}
}

// deadline is when expire has something to do; zero is never.
func (r *reorder) deadline() (at time.Time) {
	for i := range r.count {
		if d := r.held[i].arrived.Add(soundWait); at.IsZero() || d.Before(at) {
			at = d
		}
	}
	return at
}

// skip gives up what is missing before the first that waits.
func (r *reorder) skip() {
	r.next = r.held[0].seq
	r.drain()
}

// drain emits what waits and is in order.
func (r *reorder) drain() {
	for r.count > 0 && r.held[0].seq == r.next {
		h := &r.held[0]
		r.emit(h.stamp, h.data[:h.n], h.arrived)
		r.next++
		r.count--
		copy(r.held[:r.count], r.held[1:])
	}
}
