package pipeline

import (
	"math"
	"runtime"
	"slices"
	"time"
)

const (
	fairEvery = 250 * time.Millisecond // shares are dealt out anew
	fairMost  = 0.85                   // of the time of a frame is dealt out: what takes all of it waits ever longer
	slowest   = 8                      // times the time between two pictures, at most
	alike     = 1.25                   // times the others' cost is no more than they: slowed by a few per cent a session waits up to a whole frame
	burdenOf  = 16                     // pictures that a session's cost is the average of, about
	restedFor = time.Second            // without a picture: a session has no cost
)

// burden is what a picture of a session takes, on average of the last few. It is owned by the loop's goroutine.
type burden struct {
	Cost
	pictures int
	layered  bool          // the second layer had something to do with the last
	encoded  time.Duration // in all, when the picture before was drawn
}

// add counts a picture: what it took of the loop, of processors, and what encoding has taken in all.
func (b *burden) add(loop, drawing, encoded time.Duration) {
	encode := encoded - b.encoded
	b.encoded = encoded
	if b.pictures < burdenOf {
		b.pictures++
	}
	n := time.Duration(b.pictures)
	b.Loop += (loop - b.Loop) / n
	b.Cores += (drawing + encode - b.Cores) / n
}

// fair slows those sessions down whose pictures take more than their share, where there is not enough for all: first who has more of
// them than Config.FPS has no longer, see ease. Then, who takes less than
// an equal share keeps the full rate, and what those leave over is for the others; where there is not even enough for the cheapest
// nobody gets less than that one. It is owned by the loop's goroutine.
type fair struct {
	next   time.Time
	worked time.Duration // processor time that drawing took since next was set,
	passed time.Duration // and time, which is more where other programs want the processor too
	beside float64       // passed / worked, of late
	short  int           // looks in a row at which there was not enough, see ease
	active []*Session    // reused
	costs  []time.Duration

	// Of the last look.
	load     float64 // of all processors' time, 0..1
	sessions int     // that have a cost
}

// look deals out shares where it is time to, as it tells.
func (f *fair) look(cfg *Config, sessions []*Session, now time.Time) (looked bool) {
	if now.Before(f.next) {
		return false
	}
	f.next = now.Add(fairEvery)
	if f.worked > 0 {
		f.beside += (max(1, f.passed.Seconds()/f.worked.Seconds()) - f.beside) / 4
	}
	f.worked, f.passed = 0, 0
	f.active = f.active[:0]
	for _, s := range sessions {
		if now.Sub(s.cadence.last) < restedFor && s.burden.pictures == burdenOf {
			f.active = append(f.active, s)
		} else {
			s.pace(s.frame(cfg), 1)
		}
	}
	room := time.Duration(fairMost * float64(time.Second) / float64(cfg.FPS) / max(1, f.beside))
	f.ease(cfg, room)
	loop := f.level(room, func(c *burden) time.Duration { return c.Loop })
	cores := f.level(room*time.Duration(runtime.GOMAXPROCS(0)), func(c *burden) time.Duration { return c.Cores })
	for _, s := range f.active {
		slower := max(s.burden.Loop.Seconds()/loop.Seconds(), s.burden.Cores.Seconds()/cores.Seconds(), 1)
		if len(f.active) == 1 || slower < alike { // it takes nothing from anybody
			slower = 1
		}
		s.pace(s.frame(cfg), min(slower, slowest))
	}
	f.load, f.sessions = f.taken(cfg), len(f.active)
	clear(f.active) // hold on to nobody
	return true
}

// drew counts a batch.
func (f *fair) drew(worked, passed time.Duration) {
	f.worked += worked
	f.passed += passed
}

// level is the most that a picture may take so that those of all fit into room, but not less than the cheapest takes.
func (f *fair) level(room time.Duration, of func(*burden) time.Duration) time.Duration {
	f.costs = f.costs[:0]
	for _, s := range f.active {
		f.costs = append(f.costs, of(&s.burden))
	}
	slices.Sort(f.costs)
	for i, c := range f.costs {
		if equal := room / time.Duration(len(f.costs)-i); c > equal {
			return max(equal, f.costs[0])
		}
		room -= c
	}
	return math.MaxInt64
}

// pace has a session's pictures come so many times slower than a frame apart.
func (s *Session) pace(frame time.Duration, slower float64) {
	s.cadence.interval = time.Duration(slower * float64(frame))
	s.slower.Store(math.Float64bits(slower))
}

// Slower is how many times slower than its Rate the session's pictures may come, because they cost more than its share; 1: not at all.
func (s *Session) Slower() float64 { return max(1, math.Float64frombits(s.slower.Load())) }

// takeFirst is take of who has been here longest, alone: all threads draw that one picture, and nobody waits for another's because it
// came with it. Only where pictures are late, because together they take all there is, as many as are drawn at once are taken, those
// that are late in turn. Who has more pictures than Config.FPS comes after the others, and is late no sooner than they.
func (l *Loop) takeFirst(sessions []*Session, now, next time.Time) time.Time {
	first, usual := l.first, time.Second/time.Duration(l.cfg.FPS)
	for i := range sessions {
		at := (first + i) % len(sessions)
		s, n := sessions[at], len(l.batch)
		if n == l.most || now.Sub(s.cadence.last) <= 3*max(s.cadence.interval, usual)/2 {
			continue
		}
		if l.take(s, now, next); len(l.batch) > n {
			l.first = at + 1 // where all are late, they take turns
		}
	}
	most := 1
	if len(l.batch) > 0 {
		most = l.most
	}
	for _, lent := range [...]bool{false, true} {
		for _, s := range sessions {
			if len(l.batch) >= most {
				return next
			}
			if s.cadence.interval < usual == lent && !slices.Contains(l.who, s) {
				next = l.take(s, now, next)
			}
		}
	}
	return next
}
