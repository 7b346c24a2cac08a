// Package cputime tells what was taken of processors. Unlike time it does not grow while other programs have their turn, so that a
// cost measured by it is the same on a busy machine.
package cputime

import (
	"runtime"
	"time"
)

// Machine is what was taken of all processors since some moment: by every program, this one among them and what the host of a virtual
// machine kept for itself, and by this program.
type Machine struct {
	All, Own time.Duration
}

// Others is how many processors other programs kept busy on average between two readings that are so long apart.
func (m Machine) Others(before Machine, apart time.Duration) float64 {
	if apart <= 0 {
		return 0
	}
	return max(0, (m.All-before.All-(m.Own-before.Own)).Seconds()/apart.Seconds())
}

// GiveWay has the calling goroutine run on a thread of its own from now on that gives way to those that draw, compress and answer. It is for
// work that nobody inside waits for; the thread ends with the goroutine.
func GiveWay() {
	runtime.LockOSThread() // for good
	giveWay()
}
