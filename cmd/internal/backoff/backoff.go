// Package backoff waits between attempts, longer each time.
package backoff

import (
	"context"
	"time"
)

// Backoff is the wait before the next attempt: First, doubled each time, at most Most. It is used by one goroutine.
type Backoff struct {
	First, Most time.Duration

	next time.Duration
}

// Wait sleeps, and reports false once ctx ends.
func (b *Backoff) Wait(ctx context.Context) bool {
	b.next = min(max(b.next, b.First), b.Most)
	t := time.NewTimer(b.next)
	defer t.Stop()
	b.next *= 2
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Reset begins anew with First, after all went well.
func (b *Backoff) Reset() { b.next = 0 }
