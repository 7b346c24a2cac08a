// Package latest is a mailbox with one slot: the newest value wins, a writer never waits.
package latest

import "sync"

// Slot holds at most one value of T. Put copies in, Take copies out, so T is best a plain value.
// All methods are safe for concurrent use.
type Slot[T any] struct {
	mu      sync.Mutex
	value   T
	full    bool
	dropped uint64
	ready   chan struct{}
}

// New returns an empty slot.
func New[T any]() *Slot[T] { return NewOn[T](make(chan struct{}, 1)) }

// NewOn returns an empty slot that announces itself on ready, which must be buffered; several slots may
// share one channel, so that one goroutine can wait for all of them.
func NewOn[T any](ready chan struct{}) *Slot[T] { return &Slot[T]{ready: ready} }

// Put replaces what is in the slot and reports whether an untaken value was overwritten.
func (s *Slot[T]) Put(v *T) (overwrote bool) {
	s.mu.Lock()
	overwrote = s.full
	if overwrote {
		s.dropped++
	}
	s.value, s.full = *v, true
	s.mu.Unlock()
	select {
	case s.ready <- struct{}{}:
	default:
	}
	return overwrote
}

// Take copies the value into v and empties the slot; it reports false, and leaves v alone, if the slot is empty.
func (s *Slot[T]) Take(v *T) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.full {
		return false
	}
	*v, s.full = s.value, false
	return true
}

// Full tells whether an untaken value is there.
func (s *Slot[T]) Full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.full
}

// Ready receives after a Put; a receive does not promise that the slot is still full.
func (s *Slot[T]) Ready() <-chan struct{} { return s.ready }

// Dropped counts the values that were overwritten before anybody took them.
func (s *Slot[T]) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}
