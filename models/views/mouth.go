package views

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// mouth writes into dst, for each of g.takes, how much the inside of its mouth counts in a state: the likest count most, whether or not
// they are very like, since two mouths mixed have the edges of both; those that are too small for it count less. It is false where none
// has anything in common with the state.
func (g *group) mouth(dst, near, feature, kernel []float32, st *motion.State) bool {
	const from, to = 0.2, 0.4 // head units
	g.weights(dst, feature, kernel, st)
	f := g.features(feature[:0], st)
	least := float32(math.Inf(1))
	for i, at := range g.at {
		var d float32
		for k, v := range f {
			v -= at[k]
			d += v * v
		}
		near[i] = d
		least = min(least, d)
	}
	all := 1 - num.Smoothstep(from, to, num.Sqrt(least))
	if !(all > 0) { // also for what is no number
		return false
	}
	width := 0.7 * g.width
	var known, strict, sum float32
	for i := range g.takes {
		w := max(dst[i], 0)
		known += w
		dst[i] = w * w
		strict += w * w
		near[i] = num.Exp((least - near[i]) / (2 * width * width))
		sum += near[i]
	}
	known = num.Smoothstep(0.1, 0.6, known)
	now, fit := gapOf(st), float32(0)
	for i := range g.takes {
		dst[i] = (known*dst[i]/max(strict, 1e-6) + (1-known)*near[i]/sum) * g.gaps[i].fills(&now)
		fit += dst[i]
	}
	all *= num.Smoothstep(0.1, 0.6, fit) / max(fit, 1e-6)
	for i := range dst[:len(g.takes)] {
		dst[i] *= all
	}
	return all > 0
}

// gap is what lies between the lips, head units.
type gap struct{ wide, high float32 }

func gapOf(st *motion.State) gap {
	corners := motion.MouthCorners()
	const inner = 3
	return gap{
		st.Points[corners[1][inner]].X - st.Points[corners[0][inner]].X,
		st.Points[motion.LowerLipInner].Y - st.Points[motion.UpperLipInner].Y,
	}
}

// fills is how far what shows in one gap fills another, 0..1: beyond its own lips a view has nothing but their colour to show.
func (g *gap) fills(other *gap) float32 {
	const little = 0.05 // head units, of a height by which lips are off anyhow
	wide := min(g.wide/max(other.wide, 0.1), 1)
	high := min((g.high+little)/max(other.high+little, little), 1)
	return num.Smoothstep(0.6, 0.8, wide*high)
}
