package retarget_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/perform"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// scatter moves every point of a face, each in a direction of its own.
func scatter(s *landmark.Sample, r *rand.Rand, by float32) {
	for i := range s.Points {
		p := &s.Points[i]
		p.X, p.Y, p.Z = p.X+by*float32(r.NormFloat64()), p.Y+by*float32(r.NormFloat64()), p.Z+by*float32(r.NormFloat64())
	}
}

// TestWhatIsNoFaceMovesNothing: points that lie anywhere are not followed, and a face after them is; one that a tracker sees badly is too.
func TestWhatIsNoFaceMovesNothing(t *testing.T) {
	moods, err := perform.New("moods")
	if err != nil {
		t.Fatal(err)
	}
	rest := portrait()
	rt, rnd := retarget.New(rest, retarget.DefaultOptions()), rand.New(rand.NewPCG(1, 2))
	now, seq := time.Unix(1000, 0), uint32(0)
	step := func(scattered float32) (moved bool) {
		var s landmark.Sample
		seq++
		moods.At(time.Duration(seq)*100*time.Millisecond, &s)
		s.Seq, s.CaptureMicros = seq, uint64(seq)*33_333
		scatter(&s, rnd, scattered)
		now = now.Add(33 * time.Millisecond)
		before := *rt.Step(nil, now)
		return *rt.Step(&s, now) != before
	}
	for range 30 {
		if !step(0.004) {
			t.Fatal("a face that is seen badly moves nothing")
		}
	}
	for _, by := range []float32{0.06, 0.1, 0.3, 2} {
		for range 30 {
			if step(by) {
				t.Errorf("points that are scattered by %v of the picture are followed", by)
				break
			}
		}
	}
	if !step(0) {
		t.Error("the face that comes afterwards moves nothing")
	}
}

// TestRealFacesAreFaces: whoever drives, and from which picture, is followed.
func TestRealFacesAreFaces(t *testing.T) {
	portraits, frames := references(t)
	rest := portrait()
	for _, f := range append(portraits, frames...) {
		rt, x := retarget.New(rest, retarget.DefaultOptions()), landmark.Sample{Points: f.points()}
		before := *rt.Step(nil, time.Unix(1000, 0))
		if *rt.Step(&x, time.Unix(1000, 0)) == before {
			t.Errorf("%s%s, frame %d, is not followed", f.Clip, f.Image, f.Frame)
		}
	}
}
