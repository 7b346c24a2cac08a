package pipeline

import (
	"runtime"
	"slices"
	"time"
)

// Thrifty is an Encoder or a Generator that can take less of processors, at a cost to pictures that few notice. It is asked to while
// sessions together take most of what there is, on the goroutine that calls it, from the next picture on.
type Thrifty interface {
	SetThrift(on bool)
}

// The house is crowded once sessions take crowdedFrom of all processors' time, and no longer when they take crowdedTo, which
// thrift alone does not reach: it saves less than a third. Both for so many looks in a row.
const (
	crowdedFrom  = 0.55
	crowdedTo    = 0.35
	crowdedAfter = 4
	emptyAfter   = 20
)

// holdMost is how long pictures that are being compressed keep others from being drawn in a crowded house: no encoder's fault may stop it.
const holdMost = 10 * time.Millisecond

// crowd is whether the house is crowded. It is owned by the loop's goroutine.
type crowd struct {
	is    bool
	looks int       // in a row at which it should be otherwise
	held  time.Time // since when nothing is drawn, for the sake of what is being compressed; zero: it is not so
}

// look judges what sessions take of all processors' time, 0..1, and tells whether that has changed anything.
func (c *crowd) look(sessions int, taken float64) (changed bool) {
	other, after := sessions > 1 && taken >= crowdedFrom, crowdedAfter
	if c.is {
		other, after = sessions < 2 || taken <= crowdedTo, emptyAfter
	}
	if c.looks++; !other {
		c.looks = 0
	}
	if c.looks < after {
		return false
	}
	c.is, c.looks = !c.is, 0
	return true
}

// taken is what active sessions take of all processors' time.
func (f *fair) taken(cfg *Config) float64 {
	var all time.Duration
	for _, s := range f.active {
		all += s.burden.Cores * time.Duration(s.rateBy(cfg))
	}
	return all.Seconds() / float64(runtime.GOMAXPROCS(0))
}

// crowdedBy has thrift begin or end where it is time to.
func (l *Loop) crowdedBy(taken float64, sessions int) {
	if !l.crowd.look(sessions, taken) {
		return
	}
	l.crowded.Store(l.crowd.is)
	if g, ok := l.gen.(Thrifty); ok {
		g.SetThrift(l.crowd.is)
	}
	l.log.Debug("sessions take most of the processors: thrift", "on", l.crowd.is, "sessions", sessions, "taken", taken)
}

// takeLongest is takeFirst in a crowded house: first of who has waited longest, since there is hardly a moment in which nobody waits, and
// as many pictures as are drawn at once, each by one thread, which takes less than if all shared one. What is begun is
// finished first: where all processors compress and one more picture waits for that, nothing is drawn, since many at a time only make each
// of them late. Pictures of two layers still come alone, and at once: all threads draw while the loop's own is busy with the second. Who has more of them than
// Config.FPS comes after the others.
func (l *Loop) takeLongest(sessions []*Session, now, next time.Time) time.Time {
	room := min(l.most, 1+runtime.GOMAXPROCS(0)-int(l.compressing.Load()))
	usual := time.Second / time.Duration(l.cfg.FPS)
	l.line = append(l.line[:0], sessions...)
	slices.SortFunc(l.line, func(a, b *Session) int {
		if x, y := a.cadence.interval < usual, b.cadence.interval < usual; x != y {
			if x {
				return 1
			}
			return -1
		}
		return a.cadence.last.Compare(b.cadence.last)
	})
	for _, s := range l.line {
		if len(l.batch) > 0 && (len(l.batch) >= room || s.burden.layered) {
			break
		}
		if room <= 0 && !s.burden.layered && l.crowd.hold(now) {
			next = earlier(next, l.crowd.held.Add(holdMost))
			break
		}
		if next = l.take(s, now, next); len(l.batch) > 0 && s.burden.layered {
			break
		}
	}
	if room > 0 || len(l.batch) > 0 {
		l.crowd.held = time.Time{}
	}
	clear(l.line) // hold on to nobody
	return next
}

// hold tells whether to wait for what is being compressed.
func (c *crowd) hold(now time.Time) bool {
	if c.held.IsZero() {
		c.held = now
	}
	return now.Sub(c.held) < holdMost
}

// compressed counts one picture less that is being compressed, and has the loop look whether there is room for another.
func (l *Loop) compressed() {
	l.compressing.Add(-1)
	if l.Crowded() {
		l.nudge()
	}
}

// Crowded tells whether sessions take so much of the processors that pictures are drawn and compressed with thrift.
func (l *Loop) Crowded() bool { return l.crowded.Load() }

// save tells the encoder whether to be thrifty, where that has changed.
func (r *rendition) save() {
	on := r.session.loop.Crowded()
	if on == r.saves {
		return
	}
	r.saves = on
	if e, ok := r.enc.(Thrifty); ok {
		e.SetThrift(on)
	}
}
