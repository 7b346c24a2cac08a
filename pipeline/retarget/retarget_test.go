package retarget_test

import (
	"math"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// frame is the time between two samples.
const frame = time.Second / 30

// epoch is when tests begin.
func epoch() time.Time { return time.Unix(1_700_000_000, 0) }

// portrait is an average face in a crop, turned a little, with other proportions than the driver's.
func portrait() *motion.Rest { return portraitAt(-0.1) }

// portraitAt is the same face looking aside by a yaw in radians.
func portraitAt(yaw float64) *motion.Rest {
	pose := motion.Rigid{R: motion.Rotation(yaw, 0.1, 0.05), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	var pts [landmark.Count]motion.Vec3
	for i, p := range motion.AverageFace() {
		p.X *= 0.95
		p.Y *= 1.08
		pts[i] = pose.Apply(p)
	}
	rest := retarget.NewRest(&pts)
	return &rest
}

// session feeds a retargeter at 30 frames a second.
type session struct {
	*retarget.Retargeter
	now time.Time
	seq uint32
}

func newSession(rest *motion.Rest, o retarget.Options) *session {
	return &session{Retargeter: retarget.New(rest, o), now: epoch()}
}

// feed gives one sample, one frame after the last.
func (s *session) feed(x landmark.Sample) motion.State {
	s.seq++
	s.now = s.now.Add(frame)
	x.Seq, x.CaptureMicros = s.seq, uint64(s.seq)*uint64(frame/time.Microsecond)
	return *s.Step(&x, s.now)
}

func play(tb testing.TB, name string) *perform.Performance {
	tb.Helper()
	p, err := perform.New(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func sampleAt(p *perform.Performance, at time.Duration) (s landmark.Sample) {
	p.At(at, &s)
	return s
}

func degrees(r float64) float64 { return r * 180 / math.Pi }

func TestRestBeforeAnyFace(t *testing.T) {
	rest := portrait()
	r := retarget.New(rest, retarget.DefaultOptions())
	for _, s := range []*landmark.Sample{nil, {Flags: landmark.FlagLost}} {
		st := r.Step(s, epoch())
		if st.Head != rest.Head || st.Points != rest.Neutral || st.Lid != [2]float32{1, 1} || st.MouthOpen != 0 {
			t.Errorf("not the neutral: lid %v, mouth %v", st.Lid, st.MouthOpen)
		}
	}
}

func TestNeutralDriverGivesNeutralPortrait(t *testing.T) {
	rest := portrait()
	s := newSession(rest, retarget.DefaultOptions())
	still := sampleAt(play(t, "talking"), 0)
	var st, before motion.State
	for i := range 300 {
		before, st = st, s.feed(still)
		if i == 0 || i == 299 {
			checkNear(t, &st, rest, 0.01)
		}
	}
	if st != before {
		t.Error("a still driver's state still changes after ten seconds")
	}
	if s.Events() != retarget.EventNeutral {
		t.Error("the automatic neutral was not announced, or something else was")
	}
}

// checkNear wants every landmark within a tolerance in crop units of the portrait's neutral.
func checkNear(t *testing.T, st *motion.State, rest *motion.Rest, tolerance float64) {
	t.Helper()
	for i := range st.Points {
		p, q := st.Head.Apply(st.Points[i]), rest.Head.Apply(rest.Neutral[i])
		if d := math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)); d > tolerance {
			t.Errorf("landmark %d is %.4f crop edges from its neutral", i, d)
			return
		}
	}
	if st.MouthOpen != 0 || st.Jaw != 0 {
		t.Errorf("mouth %v, jaw %v", st.MouthOpen, st.Jaw)
	}
}

func TestShutMeansShut(t *testing.T) {
	rest := portrait()
	s := newSession(rest, retarget.DefaultOptions())
	for _, name := range []string{"talking", "moods", "singing"} {
		p := play(t, name)
		var blinks, opened int
		for at := time.Duration(0); at < p.Length(); at += frame {
			st := s.feed(sampleAt(p, at))
			checkConsistent(t, &st, rest)
			if st.Lid == [2]float32{} {
				blinks++
			}
			if st.MouthOpen > 0.1 {
				opened++
			}
		}
		if blinks == 0 || opened == 0 {
			t.Errorf("%s: %d frames with shut eyes, %d with an open mouth", name, blinks, opened)
		}
	}
}

// checkConsistent wants scalars and landmarks to agree, and nothing to cross.
func checkConsistent(t *testing.T, st *motion.State, rest *motion.Rest) {
	t.Helper()
	for side, e := range motion.Eyes() {
		for k := range e.Upper {
			gap := st.Points[e.Lower[k]].Y - st.Points[e.Upper[k]].Y
			calm := rest.Neutral[e.Lower[k]].Y - rest.Neutral[e.Upper[k]].Y
			if math.Abs(float64(gap-st.Lid[side]*calm)) > 1e-4 {
				t.Fatalf("eye %d: lids %v apart at an opening of %v", side, gap, st.Lid[side])
			}
			if st.Lid[side] == 0 && st.Points[e.Lower[k]] != st.Points[e.Upper[k]] {
				t.Fatalf("eye %d is shut but its lids do not meet", side)
			}
		}
		iris := st.Points[e.Iris[0]]
		a, b := st.Points[e.Outer].X, st.Points[e.Inner].X
		if iris.X < min(a, b) || iris.X > max(a, b) {
			t.Fatalf("eye %d: iris outside of its corners", side)
		}
	}
	middle := st.Points[14].Y - st.Points[13].Y
	if middle != st.MouthOpen || st.MouthOpen < 0 {
		t.Fatalf("mouth open %v, lips %v apart", st.MouthOpen, middle)
	}
	for i, c := range motion.LipColumns() {
		line := []uint16{c.Upper[0], c.Upper[1], c.Upper[2], c.Upper[3], c.Lower[3], c.Lower[2], c.Lower[1], c.Lower[0]}
		for k := 1; k < len(line); k++ {
			above, below := st.Points[line[k-1]].Y, st.Points[line[k]].Y
			calm := rest.Neutral[line[k]].Y - rest.Neutral[line[k-1]].Y
			if below < above-1e-4 && below-above < calm-1e-4 {
				t.Fatalf("lips cross in column %d: %d is below %d by %v", i, line[k-1], line[k], above-below)
			}
		}
	}
}

func TestHeadFollowsWithinLimits(t *testing.T) {
	rest := portrait()
	yaw0, pitch0, roll0 := motion.Angles(rest.Head.R)
	for _, tc := range []struct{ yaw, pitch, roll, wantYaw, wantPitch, wantRoll float64 }{
		{20, 0, 0, 20, 0, 0},
		{28, 0, 0, 28, 0, 0},
		{0, 16, 0, 0, 18.5, 0},
		{0, -17, 0, 0, -19.7, 0},
		{0, 0, 28, 0, 0, 28},
		{-12, 8, -10, -12, 9.3, -10},
		{0, 0, 60, 0, 0, 42},
		{60, 0, 0, 42, 0, 0},
	} {
		o := retarget.DefaultOptions()
		o.SmoothingOff = true
		s := newSession(rest, o)
		still := sampleAt(play(t, "talking"), 0)
		for range 60 {
			s.feed(still)
		}
		turned := posed(&still, tc.yaw, tc.pitch, tc.roll)
		st := s.feed(turned)
		yaw, pitch, roll := motion.Angles(st.Head.R)
		got := [3]float64{degrees(yaw - yaw0), degrees(pitch - pitch0), degrees(roll - roll0)}
		for i, want := range [3]float64{tc.wantYaw, tc.wantPitch, tc.wantRoll} {
			if math.Abs(got[i]-want) > 1.5 {
				t.Errorf("%+v: turned by %.1f", tc, got)
				break
			}
		}
	}
}

// A portrait that looks aside turns freely away, and back only as far as its picture shows what comes to light: all of
// a small move, less and less of a large one.
func TestHiddenCheekStaysHidden(t *testing.T) {
	for _, tc := range []struct{ rest, turn, least, most float64 }{ // rest in radians, the others in degrees
		{0, 28, 26, 30}, {0.1, -28, -30, -26}, {-0.1, 28, 26, 30}, // hardly aside: nothing is hidden
		{-0.25, -15, -16.5, -13.5}, {0.25, 15, 13.5, 16.5}, {-0.63, -8, -9, -3}, // away from the hidden side
		{-0.25, 4, 3.5, 4.5}, {0.25, -4, -4.5, -3.5}, {-0.63, 2.5, 2, 3}, // small moves
		{-0.25, 15, 8, 10}, {0.25, -15, -10, -8}, {-0.25, 40, 8.5, 10}, {-0.63, 15, 6.5, 8}, {0.63, -40, -8, -7},
	} {
		rest := portraitAt(tc.rest)
		o := retarget.DefaultOptions()
		o.SmoothingOff = true
		s := newSession(rest, o)
		still := sampleAt(play(t, "talking"), 0)
		for range 60 {
			s.feed(still)
		}
		home, _, _ := motion.Angles(rest.Head.R)
		turned := func(by float64) float64 {
			st := s.feed(posed(&still, by, 0, 0))
			yaw, _, _ := motion.Angles(st.Head.R)
			return degrees(yaw - home)
		}
		before := turned(0)
		for step := 1.0; step <= 20; step++ { // all the way there it turns further
			at := turned(tc.turn * step / 20)
			if (at-before)*tc.turn < -0.01 {
				t.Errorf("%+v: turns back from %.2f to %.2f", tc, before, at)
			}
			before = at
		}
		if before < tc.least || before > tc.most {
			t.Errorf("%+v: turned by %.1f", tc, before)
		}
	}
}

// Irises go where the driver's go, in eye widths, further up and down than tracked, and stay in the eye.
func TestGaze(t *testing.T) {
	rest := retarget.NewRest(motion.AverageFace())
	width := motion.Distance(rest.Neutral[33], rest.Neutral[133])
	for _, tc := range []struct{ x, y, wantX, wantY, off float64 }{ // eye widths
		{0.1, 0, 0.1, 0, 0.015},
		{-0.1, 0, -0.1, 0, 0.015},
		{0, 0.05, 0, 0.07, 0.015},
		{0, -0.05, 0, -0.07, 0.015},
		{0, 0.5, 0, 0.2, 0.08},
		{0, -0.5, 0, -0.2, 0.08},
	} {
		o := retarget.DefaultOptions()
		o.SmoothingOff = true
		s := newSession(&rest, o)
		still := sampleAt(play(t, "talking"), 0)
		for range 60 {
			s.feed(still)
		}
		looking := still
		pose := motion.NewFitter().FitAverage(&still.Points)
		for _, e := range motion.Eyes() {
			for _, i := range e.Iris {
				q := pose.Invert(still.Points[i])
				q.X += float32(tc.x * width)
				q.Y += float32(tc.y * width)
				looking.Points[i] = pose.Apply(q)
			}
		}
		st := s.feed(looking)
		for side, g := range st.Gaze {
			x, y := float64(g.X)/width, float64(g.Y)/width
			if math.Abs(x-tc.wantX) > tc.off || math.Abs(y-tc.wantY) > tc.off {
				t.Errorf("%+v: eye %d looks to %.3f, %.3f", tc, side, x, y)
			}
		}
	}
}

// posed turns the synthetic driver's head by degrees about the neck.
func posed(still *landmark.Sample, yaw, pitch, roll float64) landmark.Sample {
	out := *still
	pose := motion.NewFitter().FitAverage(&still.Points)
	turn := motion.Rotation(yaw*math.Pi/180, pitch*math.Pi/180, roll*math.Pi/180)
	to := pose.PosedAbout(motion.Neck(), motion.Multiply(&turn, &pose.R), pose.Scale, motion.Vec3{})
	for i := range out.Points {
		out.Points[i] = to.Apply(pose.Invert(still.Points[i]))
	}
	return out
}

func TestNoAllocationPerStep(t *testing.T) {
	r := retarget.New(portrait(), retarget.DefaultOptions())
	p := play(t, "talking")
	at, now := time.Duration(0), epoch()
	var s landmark.Sample
	if n := testing.AllocsPerRun(300, func() {
		p.At(at, &s)
		if at == time.Second {
			r.Calibrate()
		}
		r.Step(&s, now.Add(at))
		at += frame
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkStep(b *testing.B) {
	r := retarget.New(portrait(), retarget.DefaultOptions())
	p := play(b, "talking")
	var samples [600]landmark.Sample
	for i := range samples {
		p.At(time.Duration(i)*frame, &samples[i])
	}
	now, i := epoch(), 0
	b.ReportAllocs()
	for b.Loop() {
		r.Step(&samples[i%600], now.Add(time.Duration(i)*frame))
		i++
	}
}
