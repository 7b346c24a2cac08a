package retarget_test

import (
	"math"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

func TestBadSamplesHold(t *testing.T) {
	rest := portrait()
	s := newSession(rest, retarget.DefaultOptions())
	p := play(t, "talking")
	var st motion.State
	for at := time.Duration(0); at < 3*time.Second; at += frame {
		st = s.feed(sampleAt(p, at))
	}
	lost, nan, far := sampleAt(p, 0), sampleAt(p, 0), sampleAt(p, 0)
	lost.Flags = landmark.FlagLost
	nan.Points[200].Z = float32(math.NaN())
	far.Points[100].X = float32(math.Inf(1))
	for _, x := range []landmark.Sample{lost, nan, far} {
		if got := s.feed(x); got != st {
			t.Error("a bad sample moved the portrait")
		}
	}
	var heap landmark.Sample // all landmarks in one place: no face, but finite
	if got := s.feed(heap); got != st {
		t.Error("landmarks in one place moved the portrait")
	}
}

// The driver's clock may jump, and samples may come late or in a burst.
func TestOddClocks(t *testing.T) {
	rest := portrait()
	r := retarget.New(rest, retarget.DefaultOptions())
	p := play(t, "talking")
	now := epoch()
	for i, micros := range []uint64{0, 33_000, 33_000, 20_000, 1 << 62, 5, 66_000, 70_000, 900_000_000, 0} {
		x := sampleAt(p, 2*time.Second+time.Duration(i)*frame)
		x.CaptureMicros = micros
		st := r.Step(&x, now)
		checkConsistent(t, st, rest)
		now = now.Add(frame)
	}
}

func TestAbsolutePutsLandmarksWhereTheyAre(t *testing.T) {
	p := play(t, "talking")
	first := sampleAt(p, 0)
	place := retarget.Placement{X: 0.2, Y: 0.05, Scale: 1.6}
	crop := func(q motion.Vec3) motion.Vec3 {
		return motion.Vec3{X: (q.X - place.X) * place.Scale, Y: (q.Y - place.Y) * place.Scale, Z: q.Z * place.Scale}
	}
	var pts [landmark.Count]motion.Vec3
	for i, q := range first.Points {
		pts[i] = crop(q)
	}
	rest := retarget.NewRest(&pts)
	o := retarget.DefaultOptions()
	o.Mode, o.Placement, o.SmoothingOff = retarget.Absolute, place, true
	s := newSession(&rest, o)
	shut := 0
	for at := time.Duration(0); at < p.Length(); at += frame {
		x := sampleAt(p, at)
		st := s.feed(x)
		if st.Lid == [2]float32{} {
			shut++
		}
		for i, q := range x.Points {
			want, got := crop(q), st.Head.Apply(st.Points[i])
			if d := math.Hypot(float64(want.X-got.X), float64(want.Y-got.Y)); d > 0.012 {
				t.Fatalf("at %v landmark %d is %.4f crop edges off", at, i, d)
			}
		}
	}
	if shut == 0 {
		t.Error("the eyes never shut")
	}
}

func TestMarkerPassesThrough(t *testing.T) {
	s := newSession(portrait(), retarget.DefaultOptions())
	x := sampleAt(play(t, "talking"), 0)
	x.Flags, x.Marker = landmark.FlagMarker, 0x1234
	if st := s.feed(x); !st.HasMarker || st.Marker != 0x1234 {
		t.Error("the marker is lost")
	}
	x.Flags = 0
	if st := s.feed(x); st.HasMarker {
		t.Error("an old marker is drawn")
	}
}
