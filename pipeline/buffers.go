package pipeline

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// buffer is one picture of a session: drawn by the loop, then read by the renditions that it was given to.
type buffer struct {
	img    *frame.I420
	behind Behind
	badge  Badge       // of wide pictures
	bare   *frame.I420 // img without badge and marker, where it was drawn for wide pictures too

	// Kept while they are not wanted, nil before they first were.
	matte *frame.Matte // of img
	plain *frame.I420  // bare
	trace trace.Frame
	pts   time.Duration
	home  *pool

	readers atomic.Int32 // the loop until it has given the buffer away, and each rendition that has it
}

// release gives the buffer back; the last reader makes it free.
func (b *buffer) release() {
	if b.readers.Add(-1) == 0 {
		b.home.put(b)
	}
}

// withMatte gives the picture a matte, or none. Nobody else has the buffer.
func (b *buffer) withMatte(wanted bool) {
	if b.img.Matte = nil; wanted {
		if b.matte == nil {
			b.matte = frame.NewMatte(b.img)
		}
		b.img.Matte = b.matte
	}
}

// withBare gives the picture a twin without badge and marker, or none. Nobody else has the buffer.
func (b *buffer) withBare(wanted bool) {
	if b.bare = nil; wanted {
		if b.plain == nil {
			b.plain, _ = frame.NewI420(b.img.Width, b.img.Height) // of the size of one that there is
		}
		b.bare = b.plain
	}
}

// pool is a session's buffers: one more than it has renditions, and none without. That is enough: a picture is drawn only
// while a rendition could take it (see Session.wanted). That one compresses the newest picture or none, the others compress
// one each, and what waits before them is the newest picture too, so that one buffer is always free to draw into.
type pool struct {
	mu         sync.Mutex // guards the following
	free       []*buffer
	total      int // buffers that there are, free or not
	renditions int
}

func (p *pool) wanted() int {
	if p.renditions == 0 {
		return 0
	}
	return p.renditions + 1
}

// grow makes room for one more rendition of pictures of the given edge.
func (p *pool) grow(edge int) error {
	p.mu.Lock()
	p.renditions++
	missing := p.wanted() - p.total
	p.total += max(missing, 0)
	p.mu.Unlock()
	for i := range missing { // not under the lock, for which the loop may wait
		img, err := frame.NewI420(edge, edge)
		if err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.renditions--
			p.total -= missing - i
			return err
		}
		p.put(&buffer{img: img, home: p})
	}
	return nil
}

// shrink is called when a rendition has given back what it had.
func (p *pool) shrink() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.renditions--
	for p.total > p.wanted() && len(p.free) > 0 {
		p.free[len(p.free)-1] = nil
		p.free = p.free[:len(p.free)-1]
		p.total--
	}
}

// get takes a free buffer for its first reader, nil if there is none.
func (p *pool) get() *buffer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return nil
	}
	b := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	b.readers.Store(1)
	return b
}

func (p *pool) put(b *buffer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total > p.wanted() {
		p.total--
		return
	}
	p.free = append(p.free, b)
}
