// Package trace stamps a frame on its way, so that every millisecond has an owner.
package trace

import "time"

// Stage names the end of one stage; the value is an index into Frame.At.
type Stage uint8

// The stages in the order in which a frame passes them.
const (
	Received   Stage = iota // datagram read from the network
	Taken                   // sample pulled out of its mailbox by the loop
	Retargeted              // driver's landmarks became the portrait's pose and expression
	Drawn                   // geometric layer done, where a learned layer then painted on it
	Generated               // picture done
	Encoded                 // picture compressed
	Sent                    // last RTP packet handed to the network
	Stages                  // how many there are
)

// String names the stage in lower case.
func (s Stage) String() string {
	switch s {
	case Received:
		return "received"
	case Taken:
		return "taken"
	case Retargeted:
		return "retargeted"
	case Drawn:
		return "drawn"
	case Generated:
		return "generated"
	case Encoded:
		return "encoded"
	case Sent:
		return "sent"
	default:
		return "unknown"
	}
}

// Frame is the history of one frame. It is a plain value. A zero time means the stage did not happen
// (an idle frame has no Received).
type Frame struct {
	Seq           uint32 // of the sample that it shows
	HasSample     bool   // false for frames that no sample caused (idle, hold)
	CaptureMicros uint64 // on the driver's clock
	RTP           uint32 // RTP timestamp, set by the sink
	Bytes         int    // compressed size
	Key           bool
	At            [Stages]time.Time
}

// Stamp notes that stage ended at now.
func (f *Frame) Stamp(s Stage, now time.Time) { f.At[s] = now }

// Between is the time from the end of one stage to the end of another, 0 if either did not happen.
func (f *Frame) Between(from, to Stage) time.Duration {
	a, b := f.At[from], f.At[to]
	if a.IsZero() || b.IsZero() {
		return 0
	}
	return b.Sub(a)
}
