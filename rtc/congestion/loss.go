package congestion

import "time"

const (
	lossSlots   = 16 // of slotFor each, by when packets were sent
	slotFor     = 100 * time.Millisecond
	lossSettles = 300 * time.Millisecond // a packet that came late is told of within this
	lossCounts  = 20                     // fewer packets tell no share
	letPass     = 0.12                   // share that lowers nothing
	letPassMost = 0.4
)

// lossCount counts the packets that were sent in one slot.
type lossCount struct {
	slot          int64
	lost, arrived int
}

// losses follow which share of the packets is lost. The zero value knows of none.
type losses struct {
	slots [lossSlots]lossCount
	from  time.Time // what was sent before counts no more

	// After a cut that was for loss: when it was, what was lost before it, and which share is let pass since.
	cut    time.Time
	before float64
	passed float64
}

// verdict is what loss says about the rate.
type verdict uint8

const (
	light   verdict = iota // nothing
	heavy                  // cut it to what arrives
	useless                // the last cut lowered no loss: undo it
)

// count adds to what became of the packets that were sent at a time.
func (l *losses) count(sent time.Time, lost, arrived int) {
	slot := sent.UnixNano() / int64(slotFor)
	c := &l.slots[slot%lossSlots]
	if c.slot != slot {
		*c = lossCount{slot: slot}
	}
	c.lost += lost
	c.arrived += arrived
}

// share is that of the packets that were sent since a time, 0 while they are too few.
func (l *losses) share(since, now time.Time) float64 {
	from, to := since.UnixNano()/int64(slotFor), now.Add(-lossSettles).UnixNano()/int64(slotFor)
	lost, all := 0, 0
	for _, c := range l.slots {
		if c.slot >= from && c.slot <= to {
			lost += c.lost
			all += c.lost + c.arrived
		}
	}
	if all < lossCounts {
		return 0
	}
	return float64(lost) / float64(all)
}

// judge tells what to do with the rate, and takes it for done.
func (l *losses) judge(now time.Time) verdict {
	l.passed = max(l.passed, letPass)
	// What was sent before the last cut says nothing about the rate since.
	since := now.Add(-lossSlots * slotFor)
	for _, later := range [...]time.Time{l.cut.Add(slotFor), l.from} {
		if since.Before(later) {
			since = later
		}
	}
	share := l.share(since, now)
	if share <= l.passed {
		if share < letPass/2 && now.Sub(l.cut) > 10*time.Second {
			l.passed = letPass
		}
		return light
	}
	if now.Sub(l.cut) < cutHolds+2*slotFor && share > l.before*3/5 {
		l.passed, l.cut = min(letPassMost, share*1.3), time.Time{}
		return useless
	}
	l.cut, l.before = now, share
	return heavy
}
