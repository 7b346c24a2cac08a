package compositor

import (
	"runtime"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline/urgent"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// crew lends its owner other threads for the pieces of one picture or batch. It costs nothing where no core is free: the owner does
// itself whatever nobody has begun with.
type crew struct {
	size int // helpers
	wake chan struct{}

	mu      sync.Mutex
	changed sync.Cond // of mu: a piece is done
	do      func(piece int)
	total   int
	begun   int
	left    int // not done
	fault   *wall.FaultError
	started bool
}

// newCrew makes one that helps with size threads; none run before they are wanted.
func newCrew(size int) *crew {
	c := &crew{size: size, wake: make(chan struct{}, size)}
	c.changed.L = &c.mu
	return c
}

// offer lets pieces 0 to n-1 be done, in this order. The owner then calls take until there is none, and wait.
func (c *crew) offer(n int, do func(piece int)) {
	c.mu.Lock()
	if !c.started && c.size > 0 {
		c.started = true
		for range c.size {
			go c.help(c.wake)
		}
	}
	c.do, c.total, c.begun, c.left = do, n, 0, n
	c.mu.Unlock()
	for range min(n, c.size) {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// help does pieces until wake is closed.
func (c *crew) help(wake <-chan struct{}) {
	runtime.LockOSThread()     // whose time is measured
	_, back := urgent.Thread() // as the loop's
	defer back()
	for range wake {
		for c.take() {
		}
	}
}

// take does one piece that nobody has begun with; false if there is none.
func (c *crew) take() bool {
	c.mu.Lock()
	if c.begun == c.total {
		c.mu.Unlock()
		return false
	}
	piece, do := c.begun, c.do
	c.begun++
	c.mu.Unlock()
	fault := wall.Run("draw", func() { do(piece) })
	c.mu.Lock()
	if fault != nil {
		c.fault = fault
	}
	c.left--
	c.changed.Broadcast()
	c.mu.Unlock()
	return true
}

// notDone is how many pieces are not done.
func (c *crew) notDone() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// waitBelow waits until fewer than n pieces are not done.
func (c *crew) waitBelow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.left >= n {
		c.changed.Wait()
	}
}

// wait returns once all pieces are done. It panics with the fault of one, which so ends where the owner's own would.
func (c *crew) wait() {
	c.mu.Lock()
	for c.left > 0 {
		c.changed.Wait()
	}
	fault := c.fault
	c.fault, c.do = nil, nil
	c.mu.Unlock()
	if fault != nil {
		panic(fault)
	}
}

// Close ends the threads. The crew may be used again.
func (c *crew) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		close(c.wake)
		c.wake, c.started = make(chan struct{}, c.size), false
	}
}
