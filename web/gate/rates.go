package gate

import (
	"net/http"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/rtc/limit"
)

// maxAddresses is how many addresses Rates remembers.
const maxAddresses = 4096

// Rates bounds how often each address may ask. It is safe for concurrent use.
type Rates struct {
	rate, burst int

	mu      sync.Mutex // guards the following
	buckets map[string]*rated
}

type rated struct {
	bucket limit.Bucket
	last   time.Time
}

// NewRates allows rate requests a second, and burst at once after a rest.
func NewRates(rate, burst int) *Rates {
	return &Rates{rate: rate, burst: burst, buckets: map[string]*rated{}}
}

// Allow tells whether the address of r may ask now.
func (l *Rates) Allow(r *http.Request) bool {
	address, now := hostOf(r.RemoteAddr), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[address]
	if b == nil {
		l.forget(now)
		b = &rated{bucket: limit.NewBucket(l.rate, l.burst, now)}
		l.buckets[address] = b
	}
	b.last = now
	return b.bucket.Take(now)
}

// forget makes room for one more address: those that have rested long enough to be new again go, or else any one.
func (l *Rates) forget(now time.Time) {
	if len(l.buckets) < maxAddresses {
		return
	}
	rested := time.Duration(l.burst/max(1, l.rate)+1) * time.Second
	for a, b := range l.buckets {
		if now.Sub(b.last) > rested {
			delete(l.buckets, a)
		}
	}
	for a := range l.buckets {
		if len(l.buckets) < maxAddresses {
			return
		}
		delete(l.buckets, a)
	}
}
