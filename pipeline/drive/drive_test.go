package drive_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/drive"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

const frame = time.Second / 30

// portrait is an average face that looks aside by a yaw in radians.
func portrait(yaw float64) *motion.Rest {
	pose := motion.Rigid{R: motion.Rotation(yaw, 0.1, 0.05), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	var pts [landmark.Count]motion.Vec3
	for i, p := range motion.AverageFace() {
		pts[i] = pose.Apply(p)
	}
	rest := retarget.NewRest(&pts)
	return &rest
}

// stand steps a driver frame by frame and keeps what it was told.
type stand struct {
	*drive.Driver
	tb      testing.TB
	play    *perform.Performance
	now     time.Time
	seq     uint32
	state   motion.State
	notices []drive.Notice
}

func start(tb testing.TB, o drive.Options) *stand {
	tb.Helper()
	play, err := perform.New("talking")
	if err != nil {
		tb.Fatal(err)
	}
	s := &stand{tb: tb, play: play, now: time.Unix(1_700_000_000, 0)}
	s.Driver = drive.New(portrait(-0.1), o, rand.New(rand.NewPCG(1, 2)), func(n drive.Notice) { s.notices = append(s.notices, n) })
	return s
}

// feed gives one sample and draws its frame.
func (s *stand) feed(smp landmark.Sample) {
	s.seq++
	s.now = s.now.Add(frame)
	smp.Seq, smp.CaptureMicros = s.seq, uint64(s.seq)*uint64(frame.Microseconds())
	s.Feed(&smp, s.now)
	s.Pose(&s.state, s.now)
}

// idle draws frames to which no sample came.
func (s *stand) idle(frames int) {
	for range frames {
		s.now = s.now.Add(frame)
		s.Pose(&s.state, s.now)
	}
}

// perform plays frames of a performance.
func (s *stand) perform(frames int) {
	var smp landmark.Sample
	for i := range frames {
		s.play.At(time.Duration(i)*frame, &smp)
		s.feed(smp)
	}
}

// still is the driver at rest, turned by a yaw in degrees.
func (s *stand) still(yaw float64) landmark.Sample {
	var smp landmark.Sample
	s.play.At(0, &smp)
	pose := motion.NewFitter().FitAverage(&smp.Points)
	turn := motion.Rotation(yaw*math.Pi/180, 0, 0)
	to := pose.PosedAbout(motion.Neck(), motion.Multiply(&turn, &pose.R), pose.Scale, motion.Vec3{})
	for i := range smp.Points {
		smp.Points[i] = to.Apply(pose.Invert(smp.Points[i]))
	}
	return smp
}

func (s *stand) told() (events []retarget.Event) {
	for _, n := range s.notices {
		events = append(events, n.Event)
	}
	return events
}

func yaw(s *motion.State) float64 {
	y, _, _ := motion.Angles(s.Head.R)
	return y * 180 / math.Pi
}

func TestNoticesOfADriverWhoComesAndGoes(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	s.idle(30)
	s.perform(120)
	s.idle(60)
	s.feed(s.still(0))
	want := []retarget.Event{retarget.EventFound, retarget.EventNeutral, retarget.EventLost, retarget.EventFound}
	if got := s.told(); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestLostSamplesAreNoFace(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	s.perform(60)
	lost := s.still(0)
	lost.Flags |= landmark.FlagLost
	for range 60 {
		s.feed(lost)
	}
	if got := s.told(); len(got) == 0 || got[len(got)-1] != retarget.EventLost {
		t.Errorf("told %v, want lost at the end", got)
	}
}

// TestAHeadGoesOnWhereASampleIsMissing: half a step at most, and not where there was no face.
func TestAHeadGoesOnWhereASampleIsMissing(t *testing.T) {
	for _, face := range []bool{true, false} {
		s := start(t, drive.DefaultOptions())
		for range 60 {
			s.feed(s.still(0))
		}
		var before, newest float64
		for i := range 15 {
			before = yaw(&s.state)
			s.feed(s.still(float64(i + 1)))
			newest = yaw(&s.state)
		}
		step := newest - before
		if !face {
			lost := s.still(15)
			lost.Flags |= landmark.FlagLost
			s.feed(lost)
		}
		for i := range 3 {
			s.idle(1)
			if went := (yaw(&s.state) - newest) / step; face && (went < 0.4 || went > 0.6) || !face && math.Abs(went) > 0.05 {
				t.Errorf("a face before: %v; %d samples missing: the head went on by %.2f of a step of %.2f degrees", face, i+1, went, step)
			}
		}
	}
}

func TestCalibrateIsTold(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	s.perform(90)
	s.notices = nil
	s.Calibrate()
	for range 30 {
		s.feed(s.still(12))
	}
	if got := s.told(); !slices.Contains(got, retarget.EventCalibrated) {
		t.Errorf("told %v, want calibrated", got)
	}
}

// A drift is told with the angle that the head has come to turn by: the slow mean is on its way to 16 degrees, and the head shifts as it turns.
func TestDriftTellsItsDegrees(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	for range 90 {
		s.feed(s.still(0))
	}
	aside := s.still(16)
	for range 30 * 90 {
		s.feed(aside)
	}
	i := slices.IndexFunc(s.notices, func(n drive.Notice) bool { return n.Event == retarget.EventDrift })
	if i < 0 {
		t.Fatalf("told %v, no drift", s.told())
	}
	if d := s.notices[i].Degrees; d < 4 || d > 12 {
		t.Errorf("drift of %.1f degrees, want 4 to 12", d)
	}
	for _, n := range s.notices {
		if n.Event != retarget.EventDrift && n.Degrees != 0 {
			t.Errorf("%v carries %v degrees", n.Event, n.Degrees)
		}
	}
}

// The portrait follows new options and a new portrait in the next picture, also where no sample comes.
func TestChangesShowWithoutASample(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	for range 60 {
		s.feed(s.still(0))
	}
	s.feed(s.still(15))
	for range 5 {
		s.feed(s.still(15))
	}
	rest := yaw(&motion.State{Head: portrait(-0.1).Head})
	turned := yaw(&s.state) - rest
	o := drive.DefaultOptions()
	o.Retarget.Mirror = true
	s.SetOptions(o)
	s.idle(1)
	if mirrored := yaw(&s.state) - rest; math.Abs(turned) < 5 || mirrored*turned > 0 {
		t.Errorf("turned by %.1f degrees, mirrored by %.1f", turned, mirrored)
	}
	s.SetOptions(drive.DefaultOptions())
	s.SetRest(portrait(0.2))
	s.idle(1)
	other := yaw(&motion.State{Head: portrait(0.2).Head})
	if got := yaw(&s.state) - other; got*turned < 0 || math.Abs(got) < 3 {
		t.Errorf("the other portrait turned by %.1f degrees, the first by %.1f", got, turned)
	}
}

func TestSetNeutralHoldsAtOnce(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	aside := s.still(14)
	s.SetNeutral(&aside)
	s.feed(aside)
	rest := yaw(&motion.State{Head: portrait(-0.1).Head})
	if off := yaw(&s.state) - rest; math.Abs(off) > 1 {
		t.Errorf("off by %.1f degrees in its own neutral", off)
	}
}

func TestNoNotifyIsFine(t *testing.T) {
	d := drive.New(portrait(0), drive.DefaultOptions(), rand.New(rand.NewPCG(1, 2)), nil)
	s := start(t, drive.DefaultOptions())
	smp := s.still(0)
	var state motion.State
	d.Feed(&smp, s.now)
	d.Pose(&state, s.now)
}

func TestFrameDoesNotAllocate(t *testing.T) {
	s := start(t, drive.DefaultOptions())
	s.perform(60)
	smp, o := s.still(3), drive.DefaultOptions()
	if n := testing.AllocsPerRun(100, func() {
		s.SetOptions(o)
		s.feed(smp)
		s.idle(1)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
