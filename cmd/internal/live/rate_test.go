package live

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/cmd/internal/engine"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/rtc"
	"github.com/gioconda-live/gioconda/rtc/signalling"
)

// rates is a server on which a session with both layers takes 10 of all cores, one of geometry alone 4, and there are so many.
type rates struct {
	*Server
	t      *testing.T
	budget pipeline.Cost
}

func ratesOn(t *testing.T, cores time.Duration) *rates {
	t.Helper()
	d := &rates{openServer(t, engine.Small), t, pipeline.Cost{Loop: 1000, Cores: cores}}
	d.engine.Speed = engine.Speed{Geometric: 4, Learned: 6}
	d.engine.Named = false
	d.host.admission = pipeline.NewAdmission(pipeline.Capacity{Budget: d.budget})
	return d
}

func (d *rates) open() *session {
	d.t.Helper()
	s, err := d.host.Open(d.t.Context(), signalling.OpenOptions{})
	if err != nil {
		d.t.Fatal(err)
	}
	return s.(*session)
}

// choose has a driver choose a rate.
func (d *rates) choose(s *session, rate string) error {
	_, err := s.Control(d.t.Context(), "settings", json.RawMessage(`{"rate":`+rate+`}`))
	return err
}

// is checks what a session gets and is told.
func (d *rates) is(s *session, what string, rate int, generator, note string) {
	d.t.Helper()
	got := s.Info()
	if got.Rate != rate || s.session.Rate() != rate || got.Generator != generator || note == "" != (got.RateNote == "") || !strings.Contains(got.RateNote, note) {
		d.t.Errorf("%s: it gets %d by %s and is told %q, want %d by %s and %q", what, got.Rate, got.Generator, got.RateNote, rate, generator, note)
	}
}

// rested lets a session try again.
func rested(s *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.rest = time.Time{}
}

// left checks that sessions which have ended keep nothing.
func (d *rates) left() {
	d.t.Helper()
	if n, taken, _ := d.host.admission.Taken(); n != 0 || taken != (pipeline.Cost{}) || !d.host.admission.Borrow(d.budget) {
		d.t.Errorf("%d sessions, %v and something borrowed are left in the books", n, taken)
	}
}

// TestSixtyGivesWayToWhoComes: a session has more pictures while there is room, with both layers, and gives them back to a visitor, who
// gets all that he would have got without it.
func TestSixtyGivesWayToWhoComes(t *testing.T) {
	d := ratesOn(t, 25)
	first := d.open()
	d.is(first, "at first", 30, engine.Small, "")
	if err := d.choose(first, "60"); err != nil {
		t.Fatal(err)
	}
	d.is(first, "alone", 60, engine.Small, "")
	second := d.open()
	d.is(first, "beside a second", 30, engine.Small, "no room for 60")
	d.is(second, "the second", 30, engine.Small, "")
	second.Close()
	if first.hastened() {
		t.Error("it has rested for no time")
	}
	rested(first)
	if !first.hastened() || first.hastened() {
		t.Error("there is room again, once")
	}
	d.is(first, "alone again", 60, engine.Small, "")
	first.easedOff(false)
	d.is(first, "in a loop that has time", 60, engine.Small, "")
	first.easedOff(true)
	d.is(first, "in a loop that has none", 30, engine.Small, "too busy")
	if err := d.choose(first, "30"); err != nil {
		t.Fatal(err)
	}
	d.is(first, "by its own choice", 30, engine.Small, "")
	if err := d.choose(first, "60"); err != nil {
		t.Fatal(err)
	}
	d.is(first, "asked again at once", 30, engine.Small, "no room")
	rested(first)
	if !first.hastened() {
		t.Error("it has rested")
	}
	first.Close()
	d.left()
}

// TestTheLearnedLayerGivesWayToTheRate, where both do not fit, and comes back with the usual one; not where it was asked for by name.
func TestTheLearnedLayerGivesWayToTheRate(t *testing.T) {
	d := ratesOn(t, 15)
	s := d.open()
	if err := d.choose(s, "60"); err != nil {
		t.Fatal(err)
	}
	d.is(s, "where both do not fit", 60, engine.MeshOnly, "")
	if note := s.Info().GeneratorNote; !strings.Contains(note, "60 pictures a second") {
		t.Errorf("it is told %q of the layer", note)
	}
	if look := s.look.Load(); !look.Plain {
		t.Error("the learned layer paints on until its subject is gone")
	}
	both, _ := d.engine.Costs()
	if s.movedUp(both) {
		t.Error("both layers fit at sixty")
	}
	d.host.admission.Budget(pipeline.Cost{Loop: 1000, Cores: 24})
	if !s.movedUp(both) {
		t.Error("both layers fit at sixty in 24, and somebody beside them")
	}
	d.is(s, "where there is more room", 60, engine.Small, "")
	d.host.admission.Budget(d.budget)
	giveWay(d.host.admission, d.host.tally.inside())
	d.is(s, "where there is less again", 30, engine.Small, "no room")
	rested(s)
	if !s.hastened() {
		t.Error("geometry alone fits at sixty")
	}
	if err := d.choose(s, "30"); err != nil {
		t.Fatal(err)
	}
	d.is(s, "back at thirty", 30, engine.Small, "")
	if look := s.look.Load(); look.Plain || s.Info().GeneratorNote != "" {
		t.Errorf("the learned layer does not paint: %q", s.Info().GeneratorNote)
	}
	d.engine.Named = true
	if err := d.choose(s, "60"); err != nil {
		t.Fatal(err)
	}
	d.is(s, "where the layer was asked for by name", 30, engine.Small, "no room")
	s.Close()
	d.left()
}

// TestWhatIsLentIsCounted as what a session takes is, and nobody waits for the learned layer because of it.
func TestWhatIsLentIsCounted(t *testing.T) {
	d := ratesOn(t, 18)
	first, second := d.open(), d.open()
	d.is(second, "beside both layers of another", 30, engine.MeshOnly, "")
	if err := d.choose(second, "60"); err != nil {
		t.Fatal(err)
	}
	d.is(second, "where 4 are left", 60, engine.MeshOnly, "")
	both, plain := d.engine.Costs()
	second.recount(pipeline.Spent{Pictures: 10, First: 30, Encode: 30}, both, plain) // 6 a picture, now beyond what is left
	if !d.host.admission.Overdrawn() {
		t.Error("10 and twice 6 are taken of 18")
	}
	giveWay(d.host.admission, d.host.tally.inside())
	d.is(second, "that turned out costly", 30, engine.MeshOnly, "no room")
	second.recount(pipeline.Spent{Pictures: 10, First: 20, Encode: 20}, both, plain)
	rested(second)
	if !second.hastened() {
		t.Error("4 are left")
	}
	third := d.open()
	d.is(second, "beside a third", 30, engine.MeshOnly, "no room")
	for _, s := range []*session{third, second, first} {
		s.Close()
	}
	d.left()
}

// TestRatesThatThereAreNot are refused in a sentence, all where there is nothing to choose from.
func TestRatesThatThereAreNot(t *testing.T) {
	d := ratesOn(t, 100)
	s := d.open()
	for rate, want := range map[string]string{
		"90": "rate 90: use 30 or 60", "-1": "rate -1: use 30 or 60", "1e99": "rate: a number 1e99 does not belong there", `"60"`: "rate: a string does not belong there",
	} {
		err := d.choose(s, rate)
		if e, ok := errors.AsType[*rtc.Error](err); !ok || e.Code != "bad_setting" || e.Message != want {
			t.Errorf("%s: %v, want %q", rate, err, want)
		}
	}
	d.is(s, "after all that", 30, engine.Small, "")
	d.host.cfg.Pipeline.MostFPS = 30
	if err := d.choose(s, "60"); err == nil || !strings.Contains(err.Error(), "rate 60: use 30") || len(s.Info().Rates) != 1 {
		t.Errorf("without a choice: %v, %v", err, s.Info().Rates)
	}
	s.Close()
	d.left()
}
