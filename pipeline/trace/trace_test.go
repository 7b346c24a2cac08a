package trace_test

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/trace"
)

// The names are on the wire: a report has one member for each.
func TestStagesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for s := range trace.Stages {
		name := s.String()
		if name == "unknown" || seen[name] {
			t.Errorf("stage %d is called %q", s, name)
		}
		seen[name] = true
	}
	if got := trace.Stages.String(); got != "unknown" {
		t.Errorf("what is no stage is called %q", got)
	}
}

func TestBetween(t *testing.T) {
	var f trace.Frame
	t0 := time.Unix(1000, 0)
	f.Stamp(trace.Taken, t0)
	f.Stamp(trace.Generated, t0.Add(7*time.Millisecond))
	f.Stamp(trace.Encoded, t0.Add(12*time.Millisecond))
	for _, c := range []struct {
		from, to trace.Stage
		want     time.Duration
	}{
		{trace.Taken, trace.Generated, 7 * time.Millisecond},
		{trace.Generated, trace.Encoded, 5 * time.Millisecond},
		{trace.Encoded, trace.Generated, -5 * time.Millisecond},
		{trace.Received, trace.Encoded, 0}, // an idle frame was not received
		{trace.Taken, trace.Sent, 0},       // not sent yet
	} {
		if got := f.Between(c.from, c.to); got != c.want {
			t.Errorf("%v to %v: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

func TestStampsAreFree(t *testing.T) {
	var f trace.Frame
	now := time.Unix(1000, 0)
	if n := testing.AllocsPerRun(100, func() {
		f.Stamp(trace.Drawn, now)
		_ = f.Between(trace.Taken, trace.Drawn)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
