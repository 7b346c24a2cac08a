// Package backoff waits between attempts, longer each time.
package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is the wait before the next attempt: First, doubled each time, at most Most. It is used by one goroutine.
type Backoff struct {
	First, Most time.Duration
	// Scatter shortens each wait at random by up to half, so that many who lost the same server do not come back at once.
	Scatter bool

	next time.Duration
}

// Wait sleeps, and reports false once ctx ends.
func (b *Backoff) Wait(ctx context.Context) bool { return b.WaitAtLeast(ctx, 0) }

// WaitAtLeast is Wait, and sleeps no less than least: what the other side asks for.
func (b *Backoff) WaitAtLeast(ctx context.Context, least time.Duration) bool {
	b.next = min(max(b.next, b.First), b.Most)
	d := b.next
	if b.Scatter && d > 1 {
		d -= rand.N(d / 2)
	}
	b.next *= 2
	t := time.NewTimer(max(d, least))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Reset begins anew with First, after all went well.
func (b *Backoff) Reset() { b.next = 0 }
