package exits

import (
	"slices"
	"sync"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/trace"
	"github.com/gioconda-live/gioconda/rtc"
)

// lately is how far back a lateness looks.
const lately = 4 * time.Second

// lateness is how long the pictures of the last seconds took from the landmarks that they show until their exit had let them
// go. It is safe for concurrent use.
type lateness struct {
	mu    sync.Mutex
	taken [128]passage // the newest, in a ring
	next  int
}

// passage is the way of one picture.
type passage struct {
	done time.Time
	took time.Duration
}

// note takes one picture's way.
func (l *lateness) note(begun, done time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken[l.next] = passage{done, done.Sub(begun)}
	l.next = (l.next + 1) % len(l.taken)
}

// median is that of the last seconds; false where there was no picture.
func (l *lateness) median(now time.Time) (took time.Duration, known bool) {
	var room [len(l.taken)]time.Duration
	all := room[:0]
	l.mu.Lock()
	for _, p := range l.taken {
		if !p.done.IsZero() && now.Sub(p.done) < lately {
			all = append(all, p.took)
		}
	}
	l.mu.Unlock()
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}

// begun is when the landmarks of a picture came, or where it shows none, when it was begun.
func begun(f *trace.Frame) time.Time {
	if at := f.At[trace.Received]; !at.IsZero() {
		return at
	}
	return f.At[trace.Taken]
}

// timed is a way out that notes when each frame has left.
type timed struct {
	*rtc.Output
	late *lateness
}

// WriteFrame implements pipeline.Sink.
func (t timed) WriteFrame(f *frame.Encoded) error {
	if err := t.Output.WriteFrame(f); err != nil {
		return err
	}
	t.late.note(begun(&f.Trace), time.Now())
	return nil
}
