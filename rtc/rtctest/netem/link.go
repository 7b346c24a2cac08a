package netem

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Conditions are what a link does to packets. The zero value passes all of them at once.
type Conditions struct {
	Loss   float64       // share of the packets that is lost, 0..1; 1 cuts the link
	Burst  float64       // mean length of a run of losses, in packets; up to 1: each is lost by itself
	Delay  time.Duration // of every packet
	Jitter time.Duration // at most so much more, evenly spread, each packet by itself
	Order  bool          // jitter does not reorder
	Rate   int           // bit/s; 0: no limit
	Queue  int           // bytes that may wait for the rate; what comes then is dropped
}

// ErrCondition: a condition cannot be read.
var ErrCondition = errors.New("netem: not a condition")

// With is c with changes as text: words like loss=5 (percent), burst=3, delay=20, jitter=100 (both in ms), order=1, rate=300000
// (bit/s), queue=64000 (bytes). It fails with ErrCondition.
func (c Conditions) With(changes string) (Conditions, error) {
	for word := range strings.FieldsSeq(changes) {
		key, text, _ := strings.Cut(word, "=")
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v < 0 {
			return c, fmt.Errorf("%w: %q; use key=number", ErrCondition, word)
		}
		switch key {
		case "loss":
			c.Loss = v / 100
		case "burst":
			c.Burst = v
		case "delay":
			c.Delay = time.Duration(v * float64(time.Millisecond))
		case "jitter":
			c.Jitter = time.Duration(v * float64(time.Millisecond))
		case "order":
			c.Order = v != 0
		case "rate":
			c.Rate = int(v)
		case "queue":
			c.Queue = int(v)
		default:
			return c, fmt.Errorf("%w: %q; use loss, burst, delay, jitter, order, rate or queue", ErrCondition, key)
		}
	}
	return c, nil
}

// Counts are what came to a link and what it did not pass.
type Counts struct {
	Packets, Bytes int
	Lost           int // by chance
	Dropped        int // for want of room in the queue
}

// Link is one direction of a network. Methods are safe for concurrent use.
type Link struct {
	mu     sync.Mutex
	c      Conditions
	rng    *rand.Rand
	losing bool      // a run of losses goes on
	free   time.Time // when the rate lets the next packet begin
	last   time.Time // when the newest packet arrives
	counts Counts
}

// NewLink is a link under conditions; seed makes its chance repeatable.
func NewLink(c Conditions, seed uint64) *Link {
	return &Link{c: c, rng: rand.New(rand.NewPCG(seed, seed))}
}

// Change puts the link under other conditions. Packets that are on their way stay as they are.
func (l *Link) Change(to Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.c = to
}

// Conditions are those of now.
func (l *Link) Conditions() Conditions {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.c
}

// Counts are those since the link was made.
func (l *Link) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// Send tells when a packet of so many bytes arrives that is sent at now; false: never. now must not go backwards.
func (l *Link) Send(size int, now time.Time) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Packets++
	l.counts.Bytes += size
	if l.loses() {
		l.counts.Lost++
		return at, false
	}
	at = now
	if l.c.Rate > 0 {
		if l.free.Before(now) {
			l.free = now
		}
		if l.free.Sub(now).Seconds()*float64(l.c.Rate)/8+float64(size) > float64(l.c.Queue) {
			l.counts.Dropped++
			return at, false
		}
		l.free = l.free.Add(time.Duration(float64(size) * 8 / float64(l.c.Rate) * float64(time.Second)))
		at = l.free
	}
	at = at.Add(l.c.Delay)
	if l.c.Jitter > 0 {
		at = at.Add(time.Duration(l.rng.Int64N(int64(l.c.Jitter))))
	}
	if l.c.Order && at.Before(l.last) {
		at = l.last
	}
	l.last = at
	return at, true
}

// loses follows Gilbert: runs of losses of a mean length, so often that the share is met.
func (l *Link) loses() bool {
	switch {
	case l.c.Loss <= 0:
		return false
	case l.c.Loss >= 1:
		return true
	case l.c.Burst <= 1:
		return l.rng.Float64() < l.c.Loss
	case l.losing:
		l.losing = l.rng.Float64() >= 1/l.c.Burst
	default:
		l.losing = l.rng.Float64() < l.c.Loss/(1-l.c.Loss)/l.c.Burst
	}
	return l.losing
}
