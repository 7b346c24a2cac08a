package egress

import (
	"sync/atomic"
	"time"
)

// Gate lets a stream's frames pass, but while the path is so full that nothing is sent: after that it begins anew with a keyframe.
// The zero value lets all pass. One goroutine at a time, OnItsWay excepted.
type Gate struct {
	path  *Path // nil: nothing stops frames
	again *Resender
	ask   func() // for a keyframe

	stopped bool
	key     atomic.Int64 // when the newest keyframe began to go out, in nanoseconds since 1970
}

// Open makes the gate one of a path, before the first frame. ask asks for a keyframe and must not block.
func (g *Gate) Open(path *Path, again *Resender, ask func()) {
	g.path, g.again, g.ask = path, again, ask
}

// Passes tells whether to send a frame whose first packet has that number.
func (g *Gate) Passes(key bool, seq uint16, now time.Time) bool {
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

// OnItsWay tells that a keyframe was sent so lately that the other side cannot have it yet: who asks does not know of it.
func (g *Gate) OnItsWay(now time.Time) bool {
	return g.path != nil && now.UnixNano()-g.key.Load() < int64(g.path.RTT())
}
