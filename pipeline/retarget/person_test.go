package retarget_test

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// reshaped is the same moment of a driver with another skull: broader by a factor.
func reshaped(s landmark.Sample, broad float32) landmark.Sample {
	pose := motion.NewFitter().FitAverage(&s.Points)
	for i, p := range s.Points {
		q := pose.Invert(p)
		q.X *= broad
		s.Points[i] = pose.Apply(q)
	}
	return s
}

func TestAnotherPersonGetsANeutralOfTheirOwn(t *testing.T) {
	p := play(t, "talking")
	for _, tc := range []struct {
		name  string
		away  time.Duration
		broad float32
		other bool
	}{
		{"comes back", time.Second, 1, false},
		{"comes back a little different", time.Second, 1.02, false},
		{"another sits down", time.Second, 1.12, true},
		{"a narrower one sits down", 3 * time.Second, 0.88, true},
		{"changes without an interruption", 0, 1.12, false}, // only an interruption makes suspicious
	} {
		t.Run(tc.name, func(t *testing.T) {
			rest := portrait()
			s := newSession(rest, retarget.DefaultOptions())
			for at := time.Duration(0); at < 3*time.Second; at += frame {
				s.feed(sampleAt(p, at))
			}
			s.Events()
			s.now = s.now.Add(tc.away)
			s.seq += uint32(tc.away / frame)
			var seen retarget.Event
			var st, last motion.State
			for i := range 240 {
				last, st = st, s.feed(reshaped(sampleAt(p, 0), tc.broad))
				if i > 0 && jump(&st, &last) > 0.02 {
					t.Errorf("frame %d jumps by %.3f crop edges", i, jump(&st, &last))
				}
				seen |= s.Events()
			}
			if got := seen&retarget.EventPerson != 0; got != tc.other {
				t.Fatalf("noticed: %v", got)
			}
			if tc.other && seen&retarget.EventNeutral == 0 {
				t.Error("the newcomer's neutral was not announced")
			}
			if tc.other || tc.broad == 1 {
				checkNear(t, &st, rest, 0.015)
			}
		})
	}
}

// Five real drivers take each other's seat.
func TestRealPeopleAreToldApart(t *testing.T) {
	_, frames := references(t)
	clips := map[string][]seenFace{}
	for _, f := range frames {
		clips[f.Clip] = append(clips[f.Clip], f)
	}
	alike := func(a, b string) bool {
		const one, other = "clips/talk-expressive.mp4", "clips/extreme-faces.mp4"
		return a == one && b == other || a == other && b == one
	}
	noticed, pairs := 0, 0
	for before, first := range clips {
		for after, second := range clips {
			s := newSession(portrait(), retarget.DefaultOptions())
			for i := range 90 {
				s.feed(landmark.Sample{Points: first[i/9].points()})
			}
			if s.Events()&retarget.EventNeutral == 0 {
				continue // never calm enough in these few frames
			}
			s.now = s.now.Add(2 * time.Second)
			s.seq += 60
			var seen retarget.Event
			for i := range 90 {
				s.feed(landmark.Sample{Points: second[i/9].points()})
				seen |= s.Events()
			}
			other := seen&retarget.EventPerson != 0
			switch {
			case before == after && other:
				t.Errorf("%s is taken for another person", before)
			case before != after && !alike(before, after):
				pairs++
				if other {
					noticed++
				} else {
					t.Logf("%s after %s goes unnoticed", after, before)
				}
			}
		}
	}
	t.Logf("%d of %d changes noticed", noticed, pairs)
	if pairs == 0 || 3*noticed < 2*pairs {
		t.Errorf("%d of %d changes noticed", noticed, pairs)
	}
}
