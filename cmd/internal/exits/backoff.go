package exits

import (
	"context"
	"math/rand/v2"
	"time"
)

// The waits between attempts: doubled each time, from first to most, and shortened at random by up to half, so that many
// exits of one server that was down do not come back at once.
const (
	firstWait = time.Second
	mostWait  = 30 * time.Second
)

// backoff says how long to wait before the next attempt.
type backoff struct{ next time.Duration }

// wait sleeps, at least for least (what a Retry-After says; 0: as the back-off does), and reports false once ctx ends.
func (b *backoff) wait(ctx context.Context, least time.Duration) bool {
	b.next = min(max(b.next, firstWait), mostWait)
	d := b.next - rand.N(b.next/2)
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

// reset begins anew with the shortest wait, after all went well for a while.
func (b *backoff) reset() { b.next = 0 }
