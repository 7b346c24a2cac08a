package views

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const pickGroups = groupGaze // those before it; gaze is among what the eyes are told by

// Pick chooses most of the pictures of one person that tell most, by number, best first: first, and then always the one whose
// moment is most unlike those before, weighted by how many others are like it.
func Pick(samples []*landmark.Sample, first, most int) []int {
	fitter := motion.NewFitter()
	unlike := apart(fitter, samples, first)
	n := len(samples)
	loss := make([]float32, n*pickGroups) // of each picture and group, to the nearest that was chosen
	for i := range loss {
		loss[i] = float32(math.Inf(1))
	}
	var out []int
	chosen := make([]bool, n)
	for next := first; ; {
		out = append(out, next)
		chosen[next] = true
		for k := range pickGroups {
			for i := range n {
				loss[k*n+i] = min(loss[k*n+i], unlike[k][next*n+i])
			}
		}
		best := float32(0)
		next = -1
		for j := range n {
			if chosen[j] {
				continue
			}
			var gain float32
			for k := range pickGroups {
				weight := float32(1)
				if k == groupMouth {
					weight = 3
				}
				for i := range n {
					gain += weight * max(loss[k*n+i]-unlike[k][j*n+i], 0)
				}
			}
			if gain > best {
				best, next = gain, j
			}
		}
		if next < 0 || len(out) >= most {
			return out
		}
	}
}

// Calmest is the picture, of those that suit (nil: all), that shows most of a face at rest: mouth shut, eyes open, turned to the
// camera. It is -1 where none suits.
func Calmest(samples []*landmark.Sample, suits func(i int) bool) int {
	fitter := motion.NewFitter()
	best, least := -1, math.Inf(1)
	for i, s := range samples {
		if suits != nil && !suits(i) {
			continue
		}
		f := fitter.Measure(&s.Points)
		cost := 4*f.MouthOpen + math.Abs(f.Yaw) + 0.5*math.Abs(f.Pitch) + 0.5*math.Abs(f.Roll) + 0.5*math.Abs(f.GazeX) +
			2*max(0.27-min(f.EyeOpen[0], f.EyeOpen[1]), 0)
		if cost < least {
			best, least = i, cost
		}
	}
	return best
}

// apart is, per group, how unlike each two pictures are, 0..1.
func apart(fitter *motion.Fitter, samples []*landmark.Sample, first int) (out [pickGroups][]float32) {
	head := fitter.FitAverage(&samples[first].Points)
	var face [landmark.Count]motion.Vec3
	for i, p := range samples[first].Points {
		face[i] = head.Invert(p)
	}
	n := len(samples)
	for k := range out {
		out[k] = make([]float32, n*n)
		g := newGroup(k)
		for i, s := range samples {
			st := motion.State{Head: fitter.FitFace(&face, &s.Points)}
			for j, p := range s.Points {
				st.Points[j] = st.Head.Invert(p)
			}
			g.add(i, &st)
		}
		for i := range n {
			for j := range i {
				d := 1 - alike(g.at[i], g.at[j], 0.05, 0)
				out[k][i*n+j], out[k][j*n+i] = d, d
			}
		}
	}
	return out
}
