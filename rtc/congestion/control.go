package congestion

import (
	"math"
	"time"
)

// Limits bound the rate, in bit/s.
type Limits struct {
	Min int
	// Start is where the rate goes at once if the first packets show that the path carries it, and where it stays without feedback.
	Start int
	Max   int
}

const (
	first = 400_000 // bit/s before anything is known: what nearly every path carries

	goodFor    = 20 * time.Second       // a rate at which the path was full is believed so long
	silentFor  = time.Second            // without feedback for packets that were sent, the path is taken for broken
	pathStays  = 2 * time.Second        // a queue that does not change with the rate for so long is the path's own delay
	cutHolds   = time.Second            // until it is known what a cut for loss was good for
	longQueue  = 250 * time.Millisecond // sending less takes long to drain this
	drainTakes = 500 * time.Millisecond // until a queue that does not drain lowers the rate again
	rateSpan   = 500 * time.Millisecond
	fullSpan   = 200 * time.Millisecond
	growMost   = 200 * time.Millisecond // between two pieces of feedback
	trainFirst = time.Second            // the first packets are those of so long
)

// Control is the rate of one path. Methods are for one goroutine at a time, and allocate nothing.
type Control struct {
	limits Limits
	rate   float64
	rtt    time.Duration
	loss   float64
	newly  float64 // loss of the newest half second

	history history
	queue   queue
	losses  losses

	began     time.Time // the first packet was sent
	spoken    time.Time // newest feedback
	moved     time.Time // the rate was last looked after
	lastSent  time.Time
	cuts      int
	halved    int           // for silence, since the newest feedback
	congested bool          // since then the queue has not drained
	since     time.Time     // of congested
	depth     time.Duration // the queue then
	wait      time.Duration // the queue now
	drained   time.Time     // the rate was cut last for a queue
	cutFor    time.Duration // that queue
	full      float64       // what arrived when the path was last full, bit/s
	fullAt    time.Time
	uncut     float64   // the rate before the last cut for loss
	cutAt     time.Time // that
	newest    arrival   // of this feedback
}

// New makes the control of a path.
func New(l Limits) *Control {
	return &Control{limits: l, rate: float64(max(l.Min, min(first, l.Start)))}
}

// Rate is how many bit/s the path carries, headers included.
func (c *Control) Rate() int { return int(c.rate) }

// RTT is the newest round trip, 0 before the first.
func (c *Control) RTT() time.Duration { return c.rtt }

// Loss is the share of the packets of the last second that was lost.
func (c *Control) Loss() float64 { return c.loss }

// LossNow is Loss, or that of the newest half second if that is more.
func (c *Control) LossNow() float64 { return max(c.loss, c.newly) }

// Congested tells that a queue stands in the path.
func (c *Control) Congested() bool { return c.congested }

// Backlog is how long a full path needs for what was sent and has not arrived yet; 0 where no long queue stands.
func (c *Control) Backlog() time.Duration {
	carried := max(c.full, float64(c.history.rate(rateSpan))) // of two spans: a machine that stalls is no full path
	if !c.congested || c.wait < longQueue || carried <= 0 {
		return 0
	}
	return time.Duration(float64(c.history.sum-c.history.told) * 8 / carried * float64(time.Second))
}

// Sent notes a packet of so many bytes with its transport-wide number.
func (c *Control) Sent(seq uint16, size int, now time.Time) {
	if c.began.IsZero() {
		c.began, c.spoken, c.moved = now, now, now
	}
	c.history.add(seq, size, now)
	c.lastSent = now
}

// Arrived notes that the other side has a packet, since a time of its clock. Feedback is Arrived and Missing for each packet it
// speaks of, and then Update.
func (c *Control) Arrived(seq uint16, at time.Duration) {
	p := c.history.find(seq)
	if p == nil || p.fate == arrived {
		return
	}
	late := 0
	if p.fate == lost {
		late = -1
	}
	p.fate = arrived
	c.losses.count(p.at, late, 1)
	a := arrival{sent: p.at, at: at, took: at - time.Duration(p.at.UnixNano()), size: int(p.size)}
	c.history.arrived(a)
	c.history.told = max(c.history.told, p.sum)
	c.queue.note(a.took, a.sent)
	if a.sent.After(c.newest.sent) {
		c.newest = a
	}
}

// Missing notes that the other side lacks a packet; it may still come.
func (c *Control) Missing(seq uint16) {
	if p := c.history.find(seq); p != nil && p.fate == unknown {
		p.fate = lost
		c.losses.count(p.at, 1, 0)
	}
}

// Update looks after the rate, once the packets of a piece of feedback are noted.
func (c *Control) Update(now time.Time) {
	if c.newest.sent.IsZero() {
		return
	}
	c.time(now)
	wait := c.queue.standing(&c.history)
	c.wait = wait
	c.loss = c.losses.share(now.Add(-1500*time.Millisecond), now)
	c.newly = c.losses.share(now.Add(-lossSettles-500*time.Millisecond), now)
	passed := min(now.Sub(c.moved), growMost)
	if c.halved > 0 { // what was sent into the silence is no share of anything
		c.losses.from, c.halved = now, 0
	}
	c.moved, c.spoken = now, now
	switch {
	case wait > c.most():
		c.drain(wait, now)
	case c.congested && wait > c.most()/2:
		c.stays(wait, now)
	default:
		c.clear()
		c.heed(c.losses.judge(now), passed, now)
	}
}

// heed does what loss says where no queue stands.
func (c *Control) heed(v verdict, passed time.Duration, now time.Time) {
	switch v {
	case heavy:
		c.cuts++
		c.uncut = c.rate
		c.set(min(c.rate, float64(c.history.rate(rateSpan))))
		c.full, c.fullAt, c.cutAt = c.rate, now, now
	case useless:
		c.set(max(c.rate, c.uncut))
		c.fullAt = time.Time{}
	case light:
		if now.Sub(c.cutAt) > cutHolds {
			c.grow(passed, now)
		}
	}
}

// time follows the round trip.
func (c *Control) time(now time.Time) {
	if rtt := now.Sub(c.newest.sent); c.rtt == 0 || rtt < c.rtt {
		c.rtt = rtt
	} else {
		c.rtt += (rtt - c.rtt) / 8 // feedback waits at the other side now and then
	}
	c.newest = arrival{}
}

// most is the queue that is no congestion: a frame of several packets waits for itself on a slow path.
func (c *Control) most() time.Duration {
	return 35*time.Millisecond + time.Duration(12_000/c.rate*float64(time.Second))
}

// drain goes below what arrives, since all that does has waited: the path is full.
func (c *Control) drain(wait time.Duration, now time.Time) {
	carried := float64(c.history.rate(fullSpan))
	if carried <= 0 {
		return
	}
	switch {
	case !c.congested:
		c.congested, c.since, c.depth = true, now, wait
		c.cuts++
	case wait < c.cutFor*11/10 && now.Sub(c.drained) < drainTakes:
		c.stays(wait, now) // it takes a while, or is not of our making: then it does not help to go lower and lower
		return
	}
	c.drained, c.cutFor = now, wait
	c.full, c.fullAt = carried, now
	share := 0.85
	switch {
	case wait > 400*time.Millisecond:
		share = 0.4
	case wait > 150*time.Millisecond:
		share = 0.6
	}
	c.set(min(c.rate, share*carried))
	c.stays(wait, now)
}

// stays forgets what the path was like where a queue neither drains nor grows, though less is sent: the path is longer now.
func (c *Control) stays(wait time.Duration, now time.Time) {
	if now.Sub(c.since) < pathStays {
		return
	}
	if wait > c.depth*4/5 && wait < c.depth*5/4 && c.depth < 300*time.Millisecond {
		c.queue.forget()
		c.congested = false
		return
	}
	c.since, c.depth = now, wait
}

// clear goes back to what the path carried once its queue has drained.
func (c *Control) clear() {
	if c.congested {
		c.congested = false
		c.set(max(c.rate, 0.85*c.full))
	}
}

// grow raises the rate: fast where the path was never full, slowly near where it was.
func (c *Control) grow(passed time.Duration, now time.Time) {
	arrives := float64(c.history.rate(rateSpan))
	if arrives*1.5+50_000 < c.rate*(1-c.loss) {
		return // the rate is not made use of, so nothing is known of a higher one
	}
	speed := 1.45 // times a second
	switch {
	case c.cuts == 0:
		speed = 2.5
		c.jump(now)
	case now.Sub(c.fullAt) < goodFor && c.rate > 0.8*c.full && c.rate < 1.1*c.full:
		speed = 1.1
	}
	c.set(c.rate * math.Pow(speed, passed.Seconds()))
}

// jump goes to Start, or part of the way, as far as the first packets arrived in quick succession.
func (c *Control) jump(now time.Time) {
	if now.Sub(c.began) > trainFirst || c.rate >= float64(c.limits.Start) {
		return
	}
	if carried := c.history.train(); carried > 0 {
		c.set(max(c.rate, min(float64(c.limits.Start), 0.5*carried)))
	}
}

// Tick is to be called some ten times a second: it halves the rate, twice at most, for a second in which nothing is heard of
// what was sent.
func (c *Control) Tick(now time.Time) {
	if c.began.IsZero() || now.Sub(c.spoken) < silentFor || c.lastSent.Before(c.spoken.Add(silentFor/2)) {
		return
	}
	c.spoken = now
	switch {
	case c.history.count == 0: // this path tells nothing
		c.set(float64(c.limits.Start))
	case c.halved < 2:
		c.halved++
		c.cuts++
		c.set(c.rate / 2)
	}
}

func (c *Control) set(rate float64) {
	c.rate = max(float64(c.limits.Min), min(float64(c.limits.Max), rate))
}
