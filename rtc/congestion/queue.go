package congestion

import (
	"math"
	"time"
)

const (
	// standFor and standCount say which packets show the queue that stands: those that were sent and arrived in the last so much,
	// and at least so many.
	standFor   = 150 * time.Millisecond
	standCount = 6
	standMost  = 600 * time.Millisecond

	baseSeconds = 20 // the fastest packet of so many seconds had no queue before it
)

// queue follows how long packets wait on their way. The zero value knows nothing.
type queue struct {
	base   [baseSeconds]time.Duration // the least of each second
	second int64                      // that of the newest
}

// note takes the time on its way of a packet that was sent at a time.
func (q *queue) note(took time.Duration, sent time.Time) {
	second := sent.Unix()
	if q.second == 0 {
		for i := range q.base {
			q.base[i] = math.MaxInt64
		}
		q.second = second
	}
	for ; q.second < second; q.second++ {
		q.base[(q.second+1)%baseSeconds] = math.MaxInt64
	}
	b := &q.base[q.second%baseSeconds]
	*b = min(*b, took)
}

// least is the time on the way without a queue.
func (q *queue) least() time.Duration {
	least := q.base[0]
	for _, b := range q.base[1:] {
		least = min(least, b)
	}
	return least
}

// forget takes the times from now on for those without a queue: the path has become another.
func (q *queue) forget() { q.second = 0 }

// standing is the least that any of the newest packets waited.
func (q *queue) standing(h *history) time.Duration {
	first, ok := h.newest(0)
	if !ok {
		return 0
	}
	least := first.took
	for i := 1; ; i++ {
		a, ok := h.newest(i)
		if age := max(first.sent.Sub(a.sent), first.at-a.at); !ok || i >= standCount && age > standFor || age > standMost {
			break
		}
		least = min(least, a.took)
	}
	return max(0, least-q.least())
}
