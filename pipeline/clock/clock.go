// Package clock is time as a dependency: what runs on a clock can be tested without waiting.
package clock

import "time"

// Clock tells the time. Implementations are safe for concurrent use.
type Clock interface {
	// Now is monotonic within a process.
	Now() time.Time
}

// System is the machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now() }

var _ Clock = System{}
