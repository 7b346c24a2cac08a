package pipeline

import "time"

// throttle lets one message a second through, so that what fails with every frame does not fill the log. It belongs to one
// goroutine.
type throttle struct {
	next time.Time
	held int
}

// pass tells whether to say it now; times is how often it happened since it was said last.
func (t *throttle) pass(now time.Time) (times int, ok bool) {
	t.held++
	if now.Before(t.next) {
		return 0, false
	}
	times, t.held = t.held, 0
	t.next = now.Add(time.Second)
	return times, true
}
