package retarget_test

import (
	"math"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// clipFrom is what a performance shows from a moment on.
func clipFrom(t *testing.T, name string, from, length time.Duration) (all []landmark.Sample) {
	t.Helper()
	p := play(t, name)
	for at := time.Duration(0); at < length; at += frame {
		all = append(all, sampleAt(p, (from+at)%p.Length()))
	}
	return all
}

// extreme finds the moment of a performance at which measure is largest.
func extreme(t *testing.T, name string, measure func(*motion.Features) float64) (best time.Duration) {
	t.Helper()
	p, fitter, most := play(t, name), motion.NewFitter(), math.Inf(-1)
	for at := time.Duration(0); at < p.Length()-frame; at += frame {
		s := sampleAt(p, at)
		f := fitter.Measure(&s.Points)
		if v := measure(&f); v > most {
			most, best = v, at
		}
	}
	return best
}

// starts are moments at which a driver is not neutral, by what they do.
func starts(t *testing.T) map[string][]landmark.Sample {
	return map[string][]landmark.Sample{
		"open-mouthed": clipFrom(t, "talking", extreme(t, "talking", func(f *motion.Features) float64 { return f.MouthOpen }), 6*time.Second),
		"smiling":      clipFrom(t, "moods", extreme(t, "moods", func(f *motion.Features) float64 { return f.MouthWidth - f.MouthOpen }), 12*time.Second),
		"eyes shut":    clipFrom(t, "talking", extreme(t, "talking", func(f *motion.Features) float64 { return -f.EyeOpen[0] - f.EyeOpen[1] }), 6*time.Second),
		"turned":       clipFrom(t, "looking-around", extreme(t, "looking-around", func(f *motion.Features) float64 { return f.Yaw }), 12*time.Second),
	}
}

// TestClipsAreLookedThroughFirst: with a first look at the clip, the first frames are drawn as if its neutral had been known.
func TestClipsAreLookedThroughFirst(t *testing.T) {
	rest := portrait()
	for name, clip := range starts(t) {
		o := retarget.DefaultOptions()
		told := newSession(rest, o)
		neutral := sampleAt(play(t, "talking"), 0) // performances begin in it, and share one face
		told.SetNeutral(&neutral)
		looked, plain := newSession(rest, o), newSession(rest, o)
		for i := range clip {
			looked.learn(clip[i])
		}
		looked.Rewind()
		looked.now, looked.seq = epoch(), 0
		var worst, without float64
		for i := range clip[:30] {
			want := told.feed(clip[i])
			a, b := looked.feed(clip[i]), plain.feed(clip[i])
			worst, without = max(worst, 512*mouthJump(&a, &want)), max(without, 512*mouthJump(&b, &want))
		}
		t.Logf("%s: %.1f px off, %.1f without a first look", name, worst, without)
		if worst > 1.5 || worst > without+0.5 {
			t.Errorf("%s: the first second is %.1f px off, %.1f without a first look", name, worst, without)
		}
	}
}

// mouthJump is the largest distance between two states over lips and lids, in crop units and the head frame: how it is held aside.
func mouthJump(a, b *motion.State) (most float64) {
	for _, c := range motion.LipColumns() {
		for _, i := range [...]uint16{c.Upper[0], c.Upper[3], c.Lower[0], c.Lower[3]} {
			p, q := a.Points[i], b.Points[i]
			most = max(most, float64(a.Head.Scale)*math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)))
		}
	}
	return most
}

// learn is feed for Learn.
func (s *session) learn(x landmark.Sample) {
	s.seq++
	s.now = s.now.Add(frame)
	x.Seq, x.CaptureMicros = s.seq, uint64(s.seq)*uint64(frame/time.Microsecond)
	s.Learn(&x, s.now)
}

// TestLiveStartSettles: who comes live with an open mouth, and shuts it soon, does not lift the portrait's upper lip meanwhile, and is
// taken for what they are half a second later, without a jump.
func TestLiveStartSettles(t *testing.T) {
	rest := portrait()
	open := starts(t)["open-mouthed"][0]
	shut := sampleAt(play(t, "talking"), 0)
	told, live := newSession(rest, retarget.DefaultOptions()), newSession(rest, retarget.DefaultOptions())
	told.SetNeutral(&shut)
	lip := motion.LipColumns()[4].Upper[0]
	var want, got motion.State
	for range 20 {
		want, got = told.feed(open), live.feed(open)
		if rise := 512 * got.Head.Scale * (want.Points[lip].Y - got.Points[lip].Y); rise > 1.5 {
			t.Fatalf("the upper lip is lifted by %.1f px", rise)
		}
	}
	for i := range 30 { // 5 frames to shut it, by the smoothing
		before := got
		want, got = told.feed(shut), live.feed(shut)
		if i > 5 && 512*mouthJump(&before, &got) > 1.5 {
			t.Errorf("frame %d: the mouth jumps by %.1f px", i, 512*mouthJump(&before, &got))
		}
		if off := 512 * mouthJump(&want, &got); i == 20 {
			t.Logf("%.1f px off half a second after the mouth was shut", off)
			if off > 1 {
				t.Errorf("half a second after the mouth was shut it is %.1f px off", off)
			}
		}
	}
}

// TestLiveRoundMouth: who comes live with a round open mouth is not taken for someone with a narrow mouth and a short upper lip.
func TestLiveRoundMouth(t *testing.T) {
	rest := portrait()
	shut := sampleAt(play(t, "talking"), 0)
	round := rounded(&shut)
	told, live := newSession(rest, retarget.DefaultOptions()), newSession(rest, retarget.DefaultOptions())
	told.SetNeutral(&shut)
	lip := motion.LipColumns()[4].Upper[0]
	for range 10 {
		want, got := told.feed(round), live.feed(round)
		rise := 512 * got.Head.Scale * (want.Points[lip].Y - got.Points[lip].Y)
		if rise > 1 || got.MouthOpen > 1.1*want.MouthOpen {
			t.Fatalf("the upper lip is lifted by %.1f px, the mouth is open by %.2f, want %.2f", rise, got.MouthOpen, want.MouthOpen)
		}
	}
}

// rounded is a face in whose mouth the jaw has dropped and the corners have come together.
func rounded(s *landmark.Sample) landmark.Sample {
	fitter := motion.NewFitter()
	pose := fitter.FitAverage(&s.Points)
	upper := map[int]bool{}
	for _, c := range motion.LipColumns() {
		for _, i := range c.Upper {
			upper[int(i)] = true
		}
	}
	middle := pose.Invert(s.Points[motion.LowerLipInner]).Y - 0.02
	out := *s
	for i, p := range s.Points {
		q := pose.Invert(p)
		mouth := num.Smoothstep(0.55, 0.8, q.Y) * (1 - num.Smoothstep(0.3, 0.6, q.Z)) * (1 - num.Smoothstep(1.35, 1.6, q.Y))
		if q.Y > middle && !upper[i] {
			q.Y += 0.45 * (1 - num.Smoothstep(0.3, 0.9, q.Z))
		}
		q.X *= 1 - 0.3*mouth
		out.Points[i] = pose.Apply(q)
	}
	return out
}
