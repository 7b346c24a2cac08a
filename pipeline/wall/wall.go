// Package wall keeps a fault of the program where it happens: a panic becomes an error of one session, request or preparation, and
// the others go on.
package wall

import (
	"fmt"
	"runtime/debug"
)

// FaultError is a panic that was caught.
type FaultError struct {
	Where string // the seam where it was caught, a word of the program's own
	Value any    // what was panicked with
	Stack string
}

// Error implements error. The stack is not part of it.
func (f *FaultError) Error() string {
	return fmt.Sprintf("a fault of the program was caught at %q: %v", f.Where, f.Value)
}

// Catch hands a panic to to; one that was caught elsewhere and passed on, as it was. It has to be deferred itself:
//
//	defer wall.Catch("loop", s.fail)
func Catch(where string, to func(*FaultError)) {
	switch v := recover().(type) {
	case nil:
	case *FaultError:
		to(v)
	default:
		to(&FaultError{Where: where, Value: v, Stack: string(debug.Stack())})
	}
}

// Run calls f and returns its panic, nil if there was none.
func Run(where string, f func()) (fault *FaultError) {
	defer Catch(where, func(caught *FaultError) { fault = caught })
	f()
	return nil
}
