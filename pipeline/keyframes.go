package pipeline

import (
	"sync/atomic"
	"time"
)

// keyframeGap is the least time between two keyframes that viewers can cause.
const keyframeGap = 300 * time.Millisecond

// keyframes joins the wishes of a rendition's viewers for a keyframe: the first is granted with the next picture, those in
// the 300 ms after a keyframe together, with the first picture after them.
type keyframes struct {
	wished atomic.Bool
	every  time.Duration // at least one in this time, 0: only those that are wished for

	// Owned by the rendition's goroutine.
	last  time.Time // when the newest was made
	again bool      // the next picture shall be one, however soon
}

// wish asks for a keyframe. It is safe for concurrent use.
func (k *keyframes) wish() { k.wished.Store(true) }

// due tells whether the picture at now shall be a keyframe, and takes the wishes that are there. A stream's first is.
func (k *keyframes) due(now time.Time) bool {
	age := now.Sub(k.last)
	regular := k.every > 0 && age >= k.every
	if !k.last.IsZero() && !k.again && !regular && (!k.wished.Load() || age < keyframeGap) {
		return false
	}
	k.again = false
	k.wished.Store(false)
	return true
}
