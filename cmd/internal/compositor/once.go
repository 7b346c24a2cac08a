package compositor

import (
	"context"
	"sync"

	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// once makes one value for everybody who asks for it meanwhile, and keeps it. A failure is kept by nobody: who asks later
// has it tried again.
type once[T any] struct {
	mu     sync.Mutex // guards making, not held while the value is made
	making *making[T]
}

type making[T any] struct {
	done  chan struct{} // closed when the following are set
	value T
	err   error
}

// get returns the value, makes it, or waits for whoever is making it. A caller whose ctx ends leaves; the value is made all
// the same, since what produce does cannot be broken off, and the next caller will want it. running counts the makers.
func (o *once[T]) get(ctx context.Context, running *sync.WaitGroup, produce func() (T, error)) (T, error) {
	o.mu.Lock()
	m := o.making
	if m == nil {
		m = &making[T]{done: make(chan struct{})}
		o.making = m
		running.Go(func() {
			cputime.GiveWay()
			if fault := wall.Run("prepare", func() { m.value, m.err = produce() }); fault != nil {
				m.err = fault
			}
			if m.err != nil {
				o.mu.Lock()
				o.making = nil
				o.mu.Unlock()
			}
			close(m.done)
		})
	}
	o.mu.Unlock()
	select {
	case <-m.done:
		return m.value, m.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// made returns the value if it is there.
func (o *once[T]) made() (value T, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.making == nil {
		return value, false
	}
	select {
	case <-o.making.done:
		return o.making.value, o.making.err == nil
	default:
		return value, false
	}
}

// idle tells whether there is no value, and nobody makes one.
func (o *once[T]) idle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.making == nil
}

// desks is how much may be made at once: one token for each.
type desks chan struct{}

// newDesks are n, at least one.
func newDesks(n int) desks { return make(desks, max(n, 1)) }

// atDesk is produce at a desk that is free.
func atDesk[T any](d desks, produce func() (T, error)) func() (T, error) {
	return func() (T, error) {
		d <- struct{}{}
		defer func() { <-d }()
		return produce()
	}
}
