package retarget_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// jump is the largest distance that a landmark moves between two states, in crop units.
func jump(a, b *motion.State) (most float64) {
	for i := range a.Points {
		p, q := a.Head.Apply(a.Points[i]), b.Head.Apply(b.Points[i])
		most = max(most, math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)))
	}
	return most
}

func TestStillDriverTremblesLittle(t *testing.T) {
	rest := portrait()
	s := newSession(rest, retarget.DefaultOptions())
	rnd := rand.New(rand.NewPCG(3, 4))
	still := sampleAt(play(t, "talking"), 0)
	scale := 0.13 // of the synthetic driver
	var sum, square [landmark.Count][2]float64
	n := 0.0
	for i := range 600 {
		x := still
		dx, dy := rnd.NormFloat64()*0.002*scale, rnd.NormFloat64()*0.002*scale
		for k := range x.Points {
			x.Points[k].X += float32(dx + rnd.NormFloat64()*0.0025*scale)
			x.Points[k].Y += float32(dy + rnd.NormFloat64()*0.0025*scale)
			x.Points[k].Z += float32(rnd.NormFloat64() * 0.005 * scale)
		}
		st := s.feed(x)
		if st.MouthOpen != 0 {
			t.Fatalf("the mouth opens by %v", st.MouthOpen)
		}
		if i < 120 {
			continue
		}
		n++
		for k := range st.Points {
			p := st.Head.Apply(st.Points[k])
			for axis, v := range [2]float64{float64(p.X) * 512, float64(p.Y) * 512} {
				sum[k][axis] += v
				square[k][axis] += v * v
			}
		}
	}
	var total float64
	for k := range sum {
		for axis := range 2 {
			total += square[k][axis]/n - sum[k][axis]/n*(sum[k][axis]/n)
		}
	}
	rms := math.Sqrt(total / landmark.Count)
	t.Logf("%.3f px rms at 512", rms)
	if rms > 0.3 {
		t.Errorf("a still driver's portrait trembles by %.3f px rms", rms)
	}
}

// TestWaveringScoreHoldsStill: landmarks that the tracker itself doubts do not make the portrait grimace, good ones in
// between are followed, and where nobody gives a score all are good.
func TestWaveringScoreHoldsStill(t *testing.T) {
	rest := portrait()
	good := sampleAt(play(t, "talking"), 0)
	for name, tc := range map[string]struct {
		score float32
		moves bool
	}{"doubtful": {0.55, false}, "sure": {0.99, true}, "not said": {0, true}} {
		s := newSession(rest, retarget.DefaultOptions())
		var before, after motion.State
		for range 60 {
			before = s.feed(good)
		}
		for i := range 12 {
			bad := posed(&good, 12, -8, 5)
			bad.Score = tc.score
			if i%4 == 3 && !tc.moves {
				bad = good
			}
			after = s.feed(bad)
		}
		if moved := 512 * jump(&before, &after); moved > 1 != tc.moves {
			t.Errorf("%s: a grimace moves the portrait by %.1f px", name, moved)
		}
	}
}

func TestSwitchOfPortraitIsImmediate(t *testing.T) {
	p := play(t, "talking")
	first, second := portrait(), retarget.NewRest(motion.AverageFace())
	s, only := newSession(first, retarget.DefaultOptions()), newSession(&second, retarget.DefaultOptions())
	var want motion.State
	for at := time.Duration(0); at < 4*time.Second; at += frame {
		s.feed(sampleAt(p, at))
		want = only.feed(sampleAt(p, at))
	}
	s.SetRest(&second)
	if got := *s.Step(nil, s.now); jump(&got, &want) > 1e-5 {
		t.Errorf("the state after the switch is %v off", jump(&got, &want))
	}
}

func TestMirror(t *testing.T) {
	rest := retarget.NewRest(motion.AverageFace()) // symmetric
	plain := newSession(&rest, retarget.DefaultOptions())
	o := retarget.DefaultOptions()
	o.Mirror = true
	mirrored := newSession(&rest, o)
	p, table := play(t, "looking-around"), motion.MirrorTable()
	for at := time.Duration(0); at < p.Length(); at += frame {
		a, b := plain.feed(sampleAt(p, at)), mirrored.feed(sampleAt(p, at))
		for i, j := range table {
			u, v := a.Head.Apply(a.Points[i]), b.Head.Apply(b.Points[j])
			if math.Abs(float64(u.X+v.X)) > 4e-3 || math.Abs(float64(u.Y-v.Y)) > 4e-3 {
				t.Fatalf("at %v landmark %d is at %v, its mirror image %d at %v", at, i, u, j, v)
			}
		}
		if a.Lid[0] != b.Lid[1] {
			t.Fatalf("at %v lids %v, mirrored %v", at, a.Lid, b.Lid)
		}
	}
}

func TestStrength(t *testing.T) {
	rest := portrait()
	p := play(t, "moods")
	o := retarget.DefaultOptions()
	o.Strength = retarget.Strength{}
	still := newSession(rest, o)
	o.Strength = retarget.Strength{Head: 2, Mouth: 2, Eyes: 2, Brows: float32(math.NaN())}
	strong := newSession(rest, o)
	for at := time.Duration(0); at < p.Length(); at += frame {
		st := still.feed(sampleAt(p, at))
		checkNear(t, &st, rest, 1e-4)
		st = strong.feed(sampleAt(p, at))
		checkConsistent(t, &st, rest)
	}
}

func TestCalibrateEasesToTheNewNeutral(t *testing.T) {
	rest := portrait()
	s := newSession(rest, retarget.DefaultOptions())
	still := sampleAt(play(t, "talking"), 0)
	for range 90 {
		s.feed(still)
	}
	aside := posed(&still, 15, 5, 0)
	var before motion.State
	for range 30 {
		before = s.feed(aside)
	}
	s.Events()
	s.Calibrate()
	var worst float64
	var st motion.State
	calibrated := -1
	for i := range 30 {
		st = s.feed(aside)
		worst = max(worst, jump(&st, &before))
		before = st
		if s.Events()&retarget.EventCalibrated != 0 {
			calibrated = i
		}
	}
	if calibrated < 0 || calibrated > 12 {
		t.Errorf("calibrated after %d frames", calibrated)
	}
	if worst > 0.035 {
		t.Errorf("the portrait jumped by %.3f crop edges", worst)
	}
	checkNear(t, &st, rest, 0.01)
}

func TestNeutralSurvivesATalkativeStart(t *testing.T) {
	rest := portrait()
	talk, smile := play(t, "talking"), play(t, "moods")
	for _, tc := range []struct {
		name string
		at   func(i int) landmark.Sample
	}{
		{"begins with a word", func(i int) landmark.Sample { return sampleAt(talk, 1700*time.Millisecond+time.Duration(i)*frame) }},
		{"begins with a laugh", func(int) landmark.Sample { return sampleAt(smile, 5*time.Second) }},
		{"begins with shut eyes", func(i int) landmark.Sample {
			return sampleAt(talk, 660*time.Millisecond+time.Duration(i/12)*frame)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSession(rest, retarget.DefaultOptions())
			var last, st motion.State
			for i := range 60 {
				last, st = st, s.feed(tc.at(i))
				if i > 0 && jump(&st, &last) > 0.05 {
					t.Errorf("frame %d jumps by %.3f crop edges", i, jump(&st, &last))
				}
			}
			still := sampleAt(talk, 0)
			for range 240 {
				st = s.feed(still)
			}
			worst, at := 0.0, 0
			for i, p := range st.Points {
				if d := motion.Distance(p, rest.Neutral[i]); d > worst {
					worst, at = d, i
				}
			}
			t.Logf("landmark %d is %.3f head units off", at, worst)
			if worst > 0.03 || st.MouthOpen != 0 {
				t.Errorf("landmark %d is %.3f head units off its neutral", at, worst)
			}
		})
	}
}

// A driver who settles elsewhere is noticed, and after a while faces ahead again.
func TestDrift(t *testing.T) {
	rest := portrait()
	s := newSession(rest, retarget.DefaultOptions())
	still := sampleAt(play(t, "talking"), 0)
	for range 90 {
		s.feed(still)
	}
	s.Events()
	aside := posed(&still, 16, 0, 0)
	var seen retarget.Event
	var st motion.State
	for range 30 * 90 {
		st = s.feed(aside)
		seen |= s.Events()
	}
	if seen != retarget.EventDrift|retarget.EventAnchored {
		t.Errorf("events %b", seen)
	}
	yaw, _, _ := motion.Angles(st.Head.R)
	yaw0, _, _ := motion.Angles(rest.Head.R)
	if off := degrees(yaw - yaw0); off > 8 {
		t.Errorf("still turned aside by %.1f degrees after 90 s", off)
	}
}

// smiling is the same moment of a driver with a closed-mouth smile.
func smiling(s landmark.Sample) landmark.Sample {
	pose := motion.NewFitter().FitAverage(&s.Points)
	left, right := pose.Invert(s.Points[61]), pose.Invert(s.Points[291])
	middle := motion.Middle(left, right)
	half := float32(motion.Distance(left, right)) / 2
	for i, p := range s.Points {
		q := pose.Invert(p)
		dx, dy := (q.X-middle.X)/half, (q.Y-middle.Y)/half
		side := float32(math.Copysign(1, float64(dx)))
		out := dx*side - 1
		w := max(0, 1-out*out/1.2-dy*dy/1.4)
		s.Points[i] = pose.Apply(motion.Vec3{X: q.X + side*0.09*w, Y: q.Y - 0.07*w, Z: q.Z})
	}
	return s
}

// Who begins with a closed-mouth smile is taken for neutral, but not for long after the smile is gone.
func TestASmileFromTheStartIsForgotten(t *testing.T) {
	still := sampleAt(play(t, "talking"), 0)
	for _, frames := range []int{30, 60, 150, 300} {
		rest := portrait()
		s := newSession(rest, retarget.DefaultOptions())
		corners := func(st *motion.State) (narrower float64) {
			return motion.Distance(rest.Neutral[61], rest.Neutral[291]) - motion.Distance(st.Points[61], st.Points[291])
		}
		var st, last motion.State
		for range frames {
			st = s.feed(smiling(still))
		}
		for i := range 90 {
			last, st = st, s.feed(still)
			if jump(&st, &last) > 0.03 {
				t.Errorf("%d frames of a smile: frame %d after it jumps by %.3f crop edges", frames, i, jump(&st, &last))
			}
			if i == 30 && corners(&st) > 0.09 {
				t.Errorf("%d frames of a smile: the mouth is %.3f head units too narrow after 1 s", frames, corners(&st))
			}
		}
		if off := corners(&st); off > 0.02 {
			t.Errorf("%d frames of a smile: the mouth is %.3f head units too narrow after 3 s", frames, off)
		}
	}
}

func TestEventsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for e := retarget.EventNeutral; e <= retarget.EventLost; e <<= 1 {
		if name := e.String(); name == "unknown" || seen[name] {
			t.Errorf("event %b is called %q", e, name)
		} else {
			seen[name] = true
		}
	}
	if got := (retarget.EventDrift | retarget.EventLost).String(); got != "unknown" {
		t.Errorf("two events are called %q", got)
	}
}
