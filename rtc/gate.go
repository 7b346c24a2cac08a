package rtc

import (
	"sync/atomic"
	"time"
)

// gate lets a stream's frames pass, but while the path is so full that nothing is sent: after that it begins anew with a keyframe.
// The zero value lets all pass. One goroutine at a time, onItsWay excepted.
type gate struct {
	path  *bandwidth // nil: nothing stops frames
	again *resender
	ask   func() // for a keyframe; must not block

	stopped bool
	key     atomic.Int64 // when the newest keyframe began to go out, in nanoseconds since 1970
}

// passes tells whether to send a frame whose first packet has that number.
func (g *gate) passes(key bool, seq uint16, now time.Time) bool {
	if g.path == nil {
		return true
	}
	switch {
	case g.path.pausing(now):
		g.stopped = true
		return false
	case key:
		g.stopped = false
		g.key.Store(now.UnixNano())
		g.again.keyframe(seq)
	case g.stopped:
		g.ask()
		return false
	}
	return true
}

// onItsWay tells that a keyframe was sent so lately that the other side cannot have it yet: who asks does not know of it.
func (g *gate) onItsWay(now time.Time) bool {
	return g.path != nil && now.UnixNano()-g.key.Load() < int64(g.path.rtt())
}
