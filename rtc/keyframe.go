package rtc

import (
	"sync"
	"time"
)

// keyframeGap is the least time between two keyframes that a browser can cause.
const keyframeGap = 300 * time.Millisecond

// keyRequests joins keyframe requests that come in quick succession: the first is granted at once, those in the
// next 300 ms together at their end. Safe for concurrent use.
type keyRequests struct {
	mu      sync.Mutex
	last    time.Time // of the newest grant
	waiting *time.Timer
	closed  bool
	grant   func() // called without mu held, from the asking goroutine or a timer's
	now     func() time.Time
}

// ask notes a request.
func (k *keyRequests) ask() {
	k.mu.Lock()
	wait := keyframeGap - k.now().Sub(k.last)
	switch {
	case k.closed || k.waiting != nil:
		k.mu.Unlock()
		return
	case k.last.IsZero() || wait <= 0:
		k.last = k.now()
		k.mu.Unlock()
		k.grant()
		return
	}
	k.waiting = time.AfterFunc(wait, k.late)
	k.mu.Unlock()
}

func (k *keyRequests) late() {
	k.mu.Lock()
	k.waiting = nil
	closed := k.closed
	k.last = k.now()
	k.mu.Unlock()
	if !closed {
		k.grant()
	}
}

// close forgets what waits; nothing is granted afterwards, save a grant already under way.
func (k *keyRequests) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.waiting != nil {
		k.waiting.Stop()
		k.waiting = nil
	}
}
