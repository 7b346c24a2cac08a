package retarget_test

import (
	"testing"
	"time"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// openPortrait is the portrait with its jaw dropped by gap head units: lower lip and chin sink, the upper lip stays.
func openPortrait(gap float32) *motion.Rest {
	pose := motion.Rigid{R: motion.Rotation(0, 0, 0), T: motion.Vec3{X: 0.5, Y: 0.42}, Scale: 0.16}
	face := motion.AverageFace()
	lower := map[uint16]bool{}
	for _, c := range motion.LipColumns() {
		for _, i := range c.Lower {
			lower[i] = true
		}
	}
	middle := face[motion.LowerLipInner].Y
	var pts [landmark.Count]motion.Vec3
	for i, p := range face {
		if lower[uint16(i)] || p.Y > middle+0.1 && p.Z < 0.5 {
			p.Y += gap
		}
		pts[i] = pose.Apply(p)
	}
	rest := retarget.NewRest(&pts)
	return &rest
}

// TestMouthOpenTooFar: a mouth that is open too far to be shut stays less open at rest, opens further with the driver's, and goes back to
// that; one that is a little open is shut.
func TestMouthOpenTooFar(t *testing.T) {
	for _, tc := range []struct{ gap, least, most float32 }{{0.05, 0, 0}, {0.25, 0, 0}, {0.5, 0.1, 0.3}, {0.7, 0.3, 0.5}} {
		rest := openPortrait(tc.gap)
		open := rest.MouthOpen()
		if open < tc.least || open > tc.most {
			t.Errorf("a mouth open by %v rests at %v, want %v to %v", tc.gap, open, tc.least, tc.most)
		}
		if rise := rest.Points[motion.ChinTip].Y - rest.Neutral[motion.ChinTip].Y; rise > 0.3 {
			t.Errorf("a mouth open by %v has its chin raised by %v", tc.gap, rise)
		}
		s := newSession(rest, retarget.DefaultOptions())
		if st := s.Step(nil, s.now); st.MouthOpen != open {
			t.Errorf("before any face the mouth is open by %v, want %v", st.MouthOpen, open)
		}
		p := play(t, "talking")
		st := s.feed(sampleAt(p, 0))
		if d := st.MouthOpen - open; d > 1e-3 || d < -1e-3 {
			t.Errorf("a neutral driver opens the mouth by %v, want %v", st.MouthOpen, open)
		}
		most := float32(0)
		for at := time.Duration(0); at < 6*time.Second; at += frame {
			st = s.feed(sampleAt(p, at))
			most = max(most, st.MouthOpen)
			if st.MouthOpen < open-1e-3 {
				t.Fatalf("at %v the mouth is open by %v, less than at rest", at, st.MouthOpen)
			}
		}
		if most < open+0.1 {
			t.Errorf("a mouth open by %v at rest opens to %v only", open, most)
		}
	}
}
