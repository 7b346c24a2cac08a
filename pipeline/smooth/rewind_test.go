package smooth_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/smooth"
)

type seen struct {
	pose motion.Rigid
	pts  [landmark.Count]motion.Vec3
}

// strays is how far the points of a film of filtered faces lie from their means, as for tremble.
func strays(film []seen) float64 {
	var total float64
	n := float64(len(film))
	for k := range landmark.Count {
		var sum, square [2]float64
		for i := range film {
			p := film[i].pose.Apply(film[i].pts[k])
			for axis, v := range [2]float32{p.X, p.Y} {
				px := float64(v/0.15) * 80
				sum[axis] += px
				square[axis] += px * px
			}
		}
		for axis := range sum {
			total += square[axis]/n - sum[axis]/n*sum[axis]/n
		}
	}
	return math.Sqrt(total / landmark.Count)
}

// filtered is what f makes of a film at 30 pictures a second.
func filtered(f *smooth.Face, film []seen) []seen {
	out := append([]seen(nil), film...)
	for i := range out {
		f.Step(1.0/30, 1, &out[i].pose, &out[i].pts)
	}
	return out
}

// TestRewoundFilmIsStillFromItsFirstFace: a dark film that has been looked through begins where the still head is, not where its first
// face happens to lie.
func TestRewoundFilmIsStillFromItsFirstFace(t *testing.T) {
	for seed := range uint64(5) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		var film []seen
		for range 45 {
			pose, pts := tracked(rnd, 7, 2.5)
			film = append(film, seen{pose, pts})
		}
		f := smooth.NewFace(smooth.DefaultOptions())
		first := strays(filtered(f, film))
		f.Rewind()
		second := strays(filtered(f, film))
		t.Logf("%.3f px rms, looked through first %.3f", first, second)
		if second > 0.2 || first < 0.3 {
			t.Errorf("a still driver's dark film trembles by %.3f px rms, looked through first by %.3f", first, second)
		}
	}
}

// TestRewindKeepsNothingOfMotion: where the head moves at first, or the light is good, a film begins with its first face.
func TestRewindKeepsNothingOfMotion(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var moving, bright []seen
	for i := range 45 {
		pose, pts := nodding(rnd, float64(i)/30, 2.5)
		moving = append(moving, seen{pose, pts})
		pose, pts = tracked(rnd, 1, 1)
		bright = append(bright, seen{pose, pts})
	}
	for name, film := range map[string][]seen{"moving": moving, "bright": bright} {
		f := smooth.NewFace(smooth.DefaultOptions())
		filtered(f, film)
		f.Rewind()
		if got := filtered(f, film[:1]); got[0] != film[0] {
			t.Errorf("%s: the first face is not passed through", name)
		}
	}
}
