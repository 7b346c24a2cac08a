package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/pipeline"
)

// rateRest is how long a session that had to go back to the usual rate stays there at least.
const rateRest = 30 * time.Second

// pace is how many pictures a second a session gets, as its driver wishes and as there is room. What exceeds the usual rate is lent.
type pace struct {
	rate int           // pictures a second
	note string        // for people: why not as many as were chosen
	lent pipeline.Cost // beyond the session's place
	at   time.Time     // when it was lent
	rest time.Time     // before that nothing is lent again
	gave bool          // the learned layer gave way to it
}

// ratesOf are the rates that a driver may choose from, the usual one first.
func ratesOf(c *pipeline.Config) []int {
	return slices.Compact([]int{c.FPS, c.MostFPS})
}

// beyond is what a session with such a place takes more at a rate than at the usual one.
func (s *session) beyond(place pipeline.Cost, rate int) pipeline.Cost {
	return place.Times(float64(rate)/float64(s.host.cfg.Pipeline.FPS) - 1)
}

// choosePace follows the rate that the driver has just chosen. mu is held.
func (s *session) choosePace() {
	switch {
	case s.settings.Rate <= s.host.cfg.Pipeline.FPS:
		s.slow("")
		both, _ := s.host.engine.Costs()
		s.moveUp(both) // what gave way to the rate, now and not at the keeper's next look
	case !s.hasten() && s.pace.note == "":
		s.pace.note = s.noRoom()
	}
}

func (s *session) noRoom() string {
	return fmt.Sprintf("There is no room for %d pictures a second now; your portrait moves at %d until there is.", s.settings.Rate, s.host.cfg.Pipeline.FPS)
}

func (s *session) tooBusy() string {
	return fmt.Sprintf("The server is too busy for %d pictures a second now; your portrait moves at %d for a while.", s.settings.Rate, s.host.cfg.Pipeline.FPS)
}

// hasten lends the session the rate that its driver chose, where there is room for that. If there is not with both layers the learned
// one gives way, unless it was asked for by name. mu is held.
func (s *session) hasten() bool {
	want := s.settings.Rate
	if s.left || want <= s.pace.rate || time.Now().Before(s.pace.rest) {
		return false
	}
	lent, gave := s.beyond(s.place, want), false
	if !s.host.admission.Borrow(lent) {
		if s.generator == engine.MeshOnly || s.host.engine.Named {
			return false
		}
		before := s.place
		_, plain := s.host.engine.Costs()
		s.replace(plain)
		if lent = s.beyond(plain, want); !s.host.admission.Borrow(lent) {
			s.replace(before)
			return false
		}
		gave = true
		s.drawBy(engine.MeshOnly, fmt.Sprintf(
			"At %d pictures a second there is no room for the learned layer; this portrait is drawn by geometry alone until there is.", want))
	}
	s.pace = pace{rate: want, lent: lent, at: time.Now(), gave: gave}
	s.session.SetRate(want)
	return true
}

// slow takes back what is lent to the session. why is for people, "" where the driver wants it so. mu is held.
func (s *session) slow(why string) {
	s.host.admission.Owe(s.pace.lent, pipeline.Cost{})
	if s.pace.gave && s.generator == engine.MeshOnly {
		s.note = fullyUsed
	}
	rest := s.pace.rest
	if why != "" {
		rest = time.Now().Add(rateRest)
	}
	s.pace = pace{rate: s.host.cfg.Pipeline.FPS, note: why, rest: rest}
	s.session.SetRate(s.pace.rate)
}

// rated says how many pictures a second there are now.
func (s *session) rated() {
	s.mu.Lock()
	rate, note := s.pace.rate, s.pace.note
	s.mu.Unlock()
	s.event(map[string]any{"event": "rate", "rate": rate, "rate_note": note})
}

// easedOff follows the loop where that has taken back what was lent.
func (s *session) easedOff(eased bool) {
	s.mu.Lock()
	eased = eased && s.pace.lent != pipeline.Cost{}
	if eased {
		s.slow(s.tooBusy())
	}
	s.mu.Unlock()
	if eased {
		s.rated()
	}
}

// hastened is hasten, at the keeper's look.
func (s *session) hastened() bool {
	s.mu.Lock()
	done := s.hasten()
	s.mu.Unlock()
	if done {
		s.rated()
	}
	return done
}

// giveWay takes back what was lent, the newest first, until there is enough for all who are inside.
func giveWay(a *pipeline.Admission, inside []*session) {
	for a.Overdrawn() {
		var last *session
		var at time.Time
		for _, s := range inside {
			s.mu.Lock()
			if s.pace.lent != (pipeline.Cost{}) && s.pace.at.After(at) {
				last, at = s, s.pace.at
			}
			s.mu.Unlock()
		}
		if last == nil {
			return
		}
		last.mu.Lock()
		last.slow(last.noRoom())
		last.mu.Unlock()
		last.rated()
	}
}
