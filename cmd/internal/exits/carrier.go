package exits

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/exits/ffmpeg"
	"github.com/gioconda-live/gioconda/cmd/internal/exits/matroska"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// carrier is one child with what feeds it.
type carrier struct {
	child *ffmpeg.Child
	queue *queue
	sent  *atomic.Uint64 // bytes
	late  lateness
	fed   atomic.Int64 // when it was first given something that no progress followed, ns since 1970; 0: never

	written chan struct{} // closed when the child gets nothing more
	err     error         // why that is, read once written is closed
}

// write carries from the queue to the child until the queue ends or the child takes no more.
func (c *carrier) write(codec matroska.Codec) {
	defer close(c.written)
	defer c.child.CloseInput()
	defer wall.Catch("exit", func(f *wall.FaultError) { c.err = f })
	m := newMuxer(c, codec)
	var e queued
	for c.queue.next(&e) {
		if c.err = m.write(&e); c.err != nil {
			return
		}
		if !e.sound && m.w.Begun() {
			c.late.note(e.begun, time.Now())
		}
	}
}

// Write implements io.Writer for the muxer.
func (c *carrier) Write(b []byte) (int, error) {
	c.fed.CompareAndSwap(0, time.Now().UnixNano())
	n, err := c.child.Write(b)
	c.sent.Add(uint64(n))
	if err != nil {
		err = errors.Join(errChild, err)
	}
	return n, err
}

// hungry is for how long the child has been fed and written nothing.
func (c *carrier) hungry() time.Duration {
	at := c.fed.Load()
	if at == 0 {
		return 0
	}
	return time.Since(time.Unix(0, at))
}

// finish lets the child take what waits and end in order, and kills what is left of it after a while.
func (c *carrier) finish() {
	c.queue.end()
	end := time.NewTimer(grace)
	defer end.Stop()
	select {
	case <-c.child.Done():
	case <-end.C:
		c.child.Kill()
	}
	<-c.written
}
