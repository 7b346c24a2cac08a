package pipeline

import (
	"errors"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/wall"
)

// A rendition goes by its slowest viewer, so one on a bad network would spoil the picture for all. Such a viewer is moved
// to a rendition of half the edge, which all its like share, and back when its network has recovered.
//
// Its wish is compared with the median of the others who asked for the same: one excellent network among many does not
// send the many away, as the greatest would, and two bad ones do not hide each other, as the least would. Below half for
// two seconds is beyond what one burst of loss does to an estimate. It comes back at three quarters, so that a wish that
// hovers is not moved to and fro, after five seconds; and as an estimate recovers on the small picture whether or not the
// network would carry the large one, a return that fails doubles that time.
const (
	balanceEvery = 500 * time.Millisecond
	slowFor      = 2 * time.Second
	wellFor      = 5 * time.Second
	wellForMost  = 2 * time.Minute
	returnHolds  = time.Minute // a return that lasts so long has not failed
)

// network is what is known of one viewer's.
type network struct {
	since    time.Time     // since when the other size would suit it better, zero if it would not
	patience time.Duration // how long it must do well before it returns
	returned time.Time     // when it did last
}

// judge tells whether to change to the other size now. wish is the viewer's, 0 if it has none; others is what it is compared
// with, 0 if there is nothing; small tells that it is on the smaller rendition.
func (n *network) judge(small bool, wish, others int, now time.Time) bool {
	asks, wait := wish > 0 && wish < others/2, slowFor
	if small {
		asks, wait = wish >= others/4*3, n.patience
	}
	if !asks {
		n.since = time.Time{}
		return false
	}
	if n.since.IsZero() {
		n.since = now
	}
	if now.Sub(n.since) < wait {
		return false
	}
	n.since = time.Time{}
	switch {
	case small:
		n.returned = now
	case !n.returned.IsZero() && now.Sub(n.returned) < returnHolds:
		n.patience = min(2*n.patience, wellForMost)
	default:
		n.patience = wellFor
	}
	return true
}

// balance looks after the viewers' networks, twice a second while there is more than one viewer.
func (s *Session) balance() {
	defer wall.Catch("balance", s.Fail)
	s.change.Lock()
	defer s.change.Unlock()
	s.balancing = false
	now := time.Now()
	for _, v := range s.viewers {
		on := v.settled()
		if on == nil {
			continue
		}
		small := on.Rendition != v.asked
		if !v.network.judge(small, v.heldTo(), s.othersWish(v), now) {
			continue
		}
		to := v.asked
		if !small {
			to.Edge /= 2
		}
		s.move(v, to)
	}
	s.sweep()
}

// heldTo is the bitrate that v's network carries, as far as its rendition could use it.
func (v *Viewer) heldTo() int { return min(int(v.wish.Load()), v.asked.MaxBPS) }

// othersWish is the median of the wishes of those who asked for the same as v, the greater of two; 0 if there are none.
func (s *Session) othersWish(v *Viewer) int {
	s.wishes = s.wishes[:0]
	for _, other := range s.viewers {
		if w := other.heldTo(); other != v && other.asked == v.asked && w > 0 {
			s.wishes = append(s.wishes, w)
		}
	}
	if len(s.wishes) == 0 {
		return 0
	}
	slices.Sort(s.wishes)
	return s.wishes[len(s.wishes)/2]
}

// move brings v to another rendition, if there is such a one. s.change is held.
func (s *Session) move(v *Viewer, to Rendition) {
	to, err := to.resolve(&s.loop.cfg)
	if err != nil {
		return // it cannot get smaller
	}
	r, err := s.rendition(to, to != v.asked)
	switch {
	case err == nil:
		v.join(r)
	case !errors.Is(err, ErrViewers): // as many renditions as there may be: it stays
		s.loop.log.Warn("moving a viewer to another size", "edge", to.Edge, "error", err)
	}
}

// sweep ends the renditions that nobody watches, and has balance called as long as there is something to balance.
// s.change is held.
func (s *Session) sweep() {
	for _, r := range s.renditions {
		if r.watchers() == 0 {
			s.stop(r)
		}
	}
	if !s.balancing && (len(s.viewers) > 1 || slices.ContainsFunc(s.viewers, (*Viewer).away)) {
		s.balancing = true
		s.timer.Reset(balanceEvery)
	}
}

// away tells whether v is elsewhere than it asked for, or on its way.
func (v *Viewer) away() bool {
	on := v.settled()
	return on == nil || on.Rendition != v.asked
}
