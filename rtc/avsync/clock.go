package avsync

import (
	"sync"
	"time"
)

// Presentation puts the presentation times of one peer's tracks on this machine's clock, all by the same measure. It is safe
// for concurrent use.
type Presentation struct {
	mu   sync.Mutex
	zero time.Time // of PTS 0; zero: nothing has been sent yet
}

// At is when something with a presentation time is presented. The first that is sent, at now, sets the measure.
func (p *Presentation) At(pts time.Duration, now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.zero.IsZero() {
		p.zero = now.Add(-pts)
	}
	return p.zero.Add(pts)
}

// Clock relates the RTP timestamps of one stream to that clock. It is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	stamp uint32    // of the newest packet
	at    time.Time // when it is presented; zero: there was none yet
	noted time.Time
}

// Note takes the newest packet's timestamp and when it is presented.
func (c *Clock) Note(stamp uint32, at, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stamp, c.at, c.noted = stamp, at, now
}

// reportable is for how long a packet speaks for its stream: of what has paused nobody knows where it will go on.
const reportable = 2 * time.Second

// stampAt is the timestamp of what is presented at now; false if that is not known.
func (c *Clock) stampAt(now time.Time, rate uint32) (stamp uint32, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() || now.Sub(c.noted) > reportable {
		return 0, false
	}
	ahead := now.Sub(c.at).Seconds() * float64(rate)
	return c.stamp + uint32(int64(ahead)), true
}
