package exits

import (
	"testing"
	"time"
)

// TestLateness: the median of the last seconds, and nothing where there was nothing.
func TestLateness(t *testing.T) {
	var l lateness
	now := time.Unix(1000, 0)
	if got, known := l.median(now); known {
		t.Errorf("%v before the first picture", got)
	}
	for i := range 300 { // more than are kept; the oldest were slow
		took := 10 * time.Millisecond
		if i < 200 {
			took = time.Second
		}
		l.note(now.Add(-took), now)
	}
	if got, _ := l.median(now); got != 10*time.Millisecond {
		t.Errorf("%v, want 10ms", got)
	}
	later := now.Add(lately)
	if got, known := l.median(later); known {
		t.Errorf("%v although the last picture left %v ago", got, lately)
	}
	l.note(later.Add(-30*time.Millisecond), later)
	if got, _ := l.median(later); got != 30*time.Millisecond {
		t.Errorf("%v, want the newest alone", got)
	}
	if n := testing.AllocsPerRun(10, func() { l.note(now, later); l.median(later) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
