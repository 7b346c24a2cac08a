package egress

import "time"

const (
	slotsASecond = 20
	slotOf       = time.Second / slotsASecond
)

// secondly adds up over a second that slides. The zero value is empty. One goroutine at a time.
type secondly struct {
	slots [slotsASecond]int
	slot  int64 // the newest
	total int
}

// add counts n at now.
func (s *secondly) add(n int, now time.Time) {
	s.slide(now)
	s.slots[s.slot%slotsASecond] += n
	s.total += n
}

// sum is what was added in the second before now.
func (s *secondly) sum(now time.Time) int {
	s.slide(now)
	return s.total
}

func (s *secondly) slide(now time.Time) {
	slot := now.UnixNano() / int64(slotOf)
	if slot-s.slot >= slotsASecond {
		*s = secondly{slot: slot}
		return
	}
	for s.slot < slot {
		s.slot++
		old := &s.slots[s.slot%slotsASecond]
		s.total -= *old
		*old = 0
	}
}
