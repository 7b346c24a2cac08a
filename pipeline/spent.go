package pipeline

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Spent is what a session's pictures have taken of processors since it began.
type Spent struct {
	Pictures uint64        // that were drawn, or could not be
	Painted  uint64        // of those, where the second layer had something to do
	First    time.Duration // of the loop's thread, by the first layer and what goes with it
	Second   time.Duration // by the second
	Encode   time.Duration // by all renditions: making their forms, compressing and sending
}

// idleLayer is more than a layer takes that finds that there is nothing to do.
const idleLayer = 100 * time.Microsecond

// Since is what was spent after before.
func (s Spent) Since(before Spent) Spent {
	return Spent{s.Pictures - before.Pictures, s.Painted - before.Painted, s.First - before.First, s.Second - before.Second, s.Encode - before.Encode}
}

// spent is a Spent while it grows. It is safe for concurrent use.
type spent struct {
	pictures, painted     atomic.Uint64
	first, second, encode atomic.Int64
}

// Spent returns a snapshot.
func (s *Session) Spent() Spent {
	return Spent{
		s.spent.pictures.Load(), s.spent.painted.Load(),
		time.Duration(s.spent.first.Load()), time.Duration(s.spent.second.Load()), time.Duration(s.spent.encode.Load()),
	}
}

// drew counts a picture and returns what it took of the loop, which draws so many at once, of processors, and what encoding has taken
// since the session began. The second layer keeps the loop's own thread.
func (s *spent) drew(job *Job, atOnce int) (loop, drawing, encoded time.Duration) {
	s.pictures.Add(1)
	if job.Second >= idleLayer {
		s.painted.Add(1)
	}
	s.first.Add(int64(job.First))
	s.second.Add(int64(job.Second))
	drawing = job.First + job.Second
	return max(job.Second, drawing/time.Duration(max(atOnce, 1))), drawing, time.Duration(s.encode.Load())
}

// share gives each job of a batch its part of what the batch took beyond what the generator said of them, and returns what they took
// together, which is more where a device kept the thread waiting.
func share(batch []Job, took time.Duration) (all time.Duration) {
	for i := range batch {
		all += batch[i].First + batch[i].Second
	}
	if took <= all {
		return all
	}
	for i := range batch {
		batch[i].First += (took - all) / time.Duration(len(batch))
	}
	return took
}

// spend is encode, counted. Its goroutine keeps its thread meanwhile, whose time is measured.
func (r *rendition) spend(b *buffer) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := r.session.loop.thread
	began := thread()
	r.encode(b)
	r.session.spent.encode.Add(int64(thread() - began))
}
