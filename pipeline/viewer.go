package pipeline

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// MaxViewers is how many may watch one session: an audience of 64, the driver, its exits, and some that come back before it
// is known that they were gone. Handing a frame to one takes its rendition's goroutine about 0.13 ms.
const MaxViewers = 80

// MaxRenditions is how many forms one session may be compressed in at once, counting the smaller ones for slow viewers.
const MaxRenditions = 6

// Viewer is one way out of a session. It begins with a keyframe. Methods are safe for concurrent use, and all but Leave
// return at once.
type Viewer struct {
	session *Session
	asked   Rendition // resolved
	sink    Sink
	came    time.Time
	wish    atomic.Int64              // bit/s, 0 before the first
	at      atomic.Pointer[rendition] // serves it, or will at first: where its keyframes come from

	network network // guarded by session.change

	mu       sync.Mutex    // guards the following; held while the sink takes a frame
	on       *rendition    // frames come from here
	next     *rendition    // with its next keyframe, frames come from here instead
	claimed  time.Duration // from this PTS on frames of on are withheld, since next is about to make that one; 0: none are
	withheld bool          // one was
	pts      time.Duration // of the newest frame
	frame    frame.Encoded // the viewer's copy of what it is handed
}

// Keyframe makes a frame soon decodable by itself: the next one, or where the newest keyframe is less than 300 ms old, the
// first after that.
func (v *Viewer) Keyframe() {
	if r := v.at.Load(); r != nil {
		r.keys.wish()
	}
}

// SetBitrate tells what this viewer's network carries, in bit/s, clamped to the configured bounds. Its rendition aims at
// the least of its viewers' wishes; a viewer far below the others is moved to a smaller rendition instead.
func (v *Viewer) SetBitrate(bps int) {
	c := &v.session.loop.cfg
	v.wish.Store(int64(max(c.BitrateMin, min(c.BitrateMax, bps))))
}

// Leave ends it: once it has returned, the sink gets no frame. What nobody watches any more is no longer drawn or compressed.
func (v *Viewer) Leave() {
	v.end()
	s := v.session
	s.change.Lock()
	defer s.change.Unlock()
	if i := slices.Index(s.viewers, v); i >= 0 {
		s.viewers = slices.Delete(s.viewers, i, i+1)
		s.sweep()
	}
}

// end stops the frames.
func (v *Viewer) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.on, v.next = nil, nil
}

// join makes r, with its next keyframe, the one that serves v.
func (v *Viewer) join(r *rendition) {
	v.mu.Lock()
	v.next = r
	v.mu.Unlock()
	v.at.CompareAndSwap(nil, r)
	r.mu.Lock()
	if !slices.Contains(r.viewers, v) {
		r.viewers = append(r.viewers, v)
	}
	r.mu.Unlock()
	r.keys.wish()
}

// servedBy tells whether r serves v or is to.
func (v *Viewer) servedBy(r *rendition) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.on == r || v.next == r
}

// settled tells what serves v, nil while it waits for its first keyframe or is on its way elsewhere.
func (v *Viewer) settled() *rendition {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next != nil {
		return nil
	}
	return v.on
}

// claim is called before r compresses the keyframe at pts. If v is on its way to r, this is where it changes over: the old
// rendition, which compresses the same picture at the same time, keeps it to itself. claim reports false if v has this
// picture already; r must then make the next one a keyframe too.
func (v *Viewer) claim(r *rendition, pts time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next != r || v.on == nil {
		return true
	}
	v.claimed = max(pts, v.pts+1)
	return pts > v.pts
}

// forgo is called when r's keyframe did not come: v stays where it is, or where it lacks a frame by now, begins there anew.
func (v *Viewer) forgo(r *rendition) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next != r || v.on == nil {
		return
	}
	v.next, v.claimed = nil, 0
	if v.withheld {
		v.on, v.next, v.withheld = nil, v.on, false
		v.next.keys.wish()
	}
}

// write hands over a frame of r, if it is r that serves v.
func (v *Viewer) write(r *rendition, f *frame.Encoded) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.next == r && f.Key && f.PTS > v.pts {
		v.on, v.next, v.claimed, v.withheld = r, nil, 0, false
		v.at.Store(r)
	}
	if v.on != r {
		return nil
	}
	if v.claimed != 0 && f.PTS >= v.claimed {
		v.withheld = true
		return nil
	}
	v.pts = f.PTS
	v.frame = *f
	return v.sink.WriteFrame(&v.frame)
}
