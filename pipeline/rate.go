package pipeline

import (
	"runtime"
	"time"
)

// SetRate lets the session's pictures come up to so many times a second, from Config.FPS to Config.MostFPS, from a quarter of a second
// later on. There is a picture for each sample of the driver, and none between samples that come more slowly.
//
// More than Config.FPS are lent: where there is not enough for all, the loop takes them back before anybody else's pictures come more
// slowly, and Eased tells, until the rate is set anew.
func (s *Session) SetRate(fps int) {
	c := &s.loop.cfg
	s.rate.Store(int64(min(max(fps, c.FPS), c.MostFPS)))
	s.eased.Store(false)
}

// Rate is how many pictures a second there are at most now.
func (s *Session) Rate() int { return s.rateBy(&s.loop.cfg) }

// Eased tells whether the session is back at Config.FPS because more would have been at others' cost.
func (s *Session) Eased() bool { return s.eased.Load() }

func (s *Session) rateBy(c *Config) int {
	if s.eased.Load() {
		return c.FPS
	}
	return max(c.FPS, int(s.rate.Load()))
}

// frame is the time between two pictures where nobody is slowed.
func (s *Session) frame(c *Config) time.Duration { return time.Second / time.Duration(s.rateBy(c)) }

// easeAfter is how many looks in a row there must not be enough: a hiccup of the machine is no reason. Meanwhile the others come first,
// see takeFirst.
const easeAfter = 4

// ease brings who has more pictures than Config.FPS back to those where all together take more than room of the loop's thread, or of
// as many processors as there are. It looks at active.
func (f *fair) ease(c *Config, room time.Duration) {
	var all Cost
	lent := false
	for _, s := range f.active {
		rate := s.rateBy(c)
		lent = lent || rate > c.FPS
		all = all.plus(s.burden.Times(float64(rate) / float64(c.FPS)))
	}
	if f.short++; !lent || all.in(Cost{room, room * time.Duration(runtime.GOMAXPROCS(0))}) {
		f.short = 0
	}
	if f.short < easeAfter {
		return
	}
	for _, s := range f.active {
		if s.rateBy(c) > c.FPS {
			s.eased.Store(true)
		}
	}
}
