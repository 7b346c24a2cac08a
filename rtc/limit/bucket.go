// Package limit bounds how often something may happen.
package limit

import "time"

// Bucket is a token bucket: rate tokens a second, at most burst saved up. One goroutine at a time.
type Bucket struct {
	rate, burst float64
	tokens      float64
	last        time.Time
}

// NewBucket is a full bucket at now.
func NewBucket(rate, burst int, now time.Time) Bucket {
	return Bucket{rate: float64(rate), burst: float64(burst), tokens: float64(burst), last: now}
}

// Take uses up one token if there is one.
func (b *Bucket) Take(now time.Time) bool {
	if d := now.Sub(b.last); d > 0 {
		b.tokens = min(b.burst, b.tokens+d.Seconds()*b.rate)
		b.last = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
