package views

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Groups of landmarks that are weighted apart.
const (
	groupMouth  = iota // lips and what moves with them
	groupEyes          // lids, gaze and brows
	groupRest          // the face as a whole
	groupGaze          // what lies between the lids
	skinGroups         // those above have masks on the chart
	groupInside = skinGroups
	groupCount  = skinGroups + 1
)

// kernels are those that a group tries.
type kernels struct {
	usual                 float32 // width
	widths, means, noises []float32
}

// newGroup is a group without takes.
func newGroup(number int) *group {
	g := &group{kernels: kernels{0.05, []float32{0.02, 0.035, 0.05, 0.08, 0.13}, []float32{0, 0.25, 0.5}, []float32{0.05, 0.1, 0.3, 1}}}
	g.marks, g.turn = marks(number)
	switch number {
	case groupEyes:
		g.lids, g.means = 0.15, []float32{0}
	case groupGaze: // irises move beneath the skin: another gaze's would lie beside the one that is drawn
		g.lids, g.usual, g.widths, g.means = 0.15, 0.02, []float32{0.01, 0.02, 0.03}, []float32{0}
	case groupInside:
		g.noises = []float32{0.03, 0.1, 0.3}
	}
	return g
}

// marks are the landmarks of a group, and how much a radian of the head's turn counts, head units.
func marks(group int) (list []uint16, turn float32) {
	switch group {
	case groupMouth, groupInside:
		for _, c := range motion.LipColumns() {
			for _, i := range [...]uint16{c.Upper[0], c.Upper[3], c.Lower[3], c.Lower[0]} {
				list = append(list, i)
			}
		}
		for _, c := range motion.MouthCorners() {
			list = append(list, c[0], c[3])
		}
		if group == groupInside {
			return list, 0.1
		}
		return append(list, motion.ChinTip, 205, 425, 50, 280), 0.15
	case groupEyes:
		for _, e := range motion.Eyes() {
			list = append(list, e.Upper[:]...)
			list = append(list, e.Upper[:]...) // lids count twice
			list = append(list, e.Lower[:]...)
			list = append(list, e.Iris[0], e.Iris[0], e.Iris[0], e.Iris[0])
		}
		for _, b := range motion.Brows() {
			list = append(list, b[:]...)
		}
		return list, 0.1
	case groupGaze:
		for _, e := range motion.Eyes() {
			list = append(list, e.Iris[0], e.Iris[0], e.Upper[3], e.Lower[3])
		}
		return list, 0.05
	}
	for i := uint16(0); i < 468; i += 5 {
		list = append(list, i)
	}
	return list, 0.25
}

// group knows which takes a state is like, by its landmarks.
type group struct {
	marks []uint16
	turn  float32 // what a radian of the head's turn counts, head units
	lids  float32 // what shutting an eye counts
	kernels
	takes []int       // those that say something, by number
	at    [][]float32 // their features
	gaps  []gap       // between their lips

	width, mean float32   // of the kernel
	inverse     []float32 // of the takes' kernel matrix with noise, len(takes) squared
}

// features are where the marks of a state lie; their squared distance is a mean square of head units.
func (g *group) features(dst []float32, st *motion.State) []float32 {
	k := float32(1 / math.Sqrt(float64(len(g.marks))))
	for _, i := range g.marks {
		p := st.Points[i]
		dst = append(dst, p.X*k, p.Y*k)
	}
	yaw, pitch, _ := motion.Angles(st.Head.R)
	if g.lids > 0 { // a shut eye is like no open one
		dst = append(dst, min(st.Lid[0], 1)*g.lids, min(st.Lid[1], 1)*g.lids)
	}
	return append(dst, float32(yaw)*g.turn, float32(pitch)*g.turn)
}

func (g *group) add(number int, st *motion.State) {
	g.takes = append(g.takes, number)
	g.at = append(g.at, g.features(nil, st))
	g.gaps = append(g.gaps, gapOf(st))
}

// alike is the kernel: 1 for the same, mean for what has nothing in common.
func alike(a, b []float32, width, mean float32) float32 {
	var d float32
	for i, v := range a {
		v -= b[i]
		d += v * v
	}
	return mean + (1-mean)*float32(math.Exp(-float64(d)/(2*float64(width)*float64(width))))
}

// weights writes into dst, for each of g.takes, how much its residue counts in a state. feature and kernel are scratch.
func (g *group) weights(dst, feature, kernel []float32, st *motion.State) {
	f := g.features(feature[:0], st)
	n := len(g.takes)
	for i, at := range g.at {
		kernel[i] = alike(f, at, g.width, g.mean)
	}
	for i := range n {
		var w float32
		for j, v := range g.inverse[i*n : (i+1)*n] {
			w += v * kernel[j]
		}
		if !(w > -1 && w < 1.5) { // states that are no numbers, and matrices that are nearly singular
			w = 0
		}
		dst[i] = w
	}
}

// fit chooses the kernel that predicts each residue best from the others. gram holds the products of residues of g.takes.
func (g *group) fit(gram []float64) {
	n := len(g.takes)
	usual := [3]float32{g.usual, 0, 0.1}
	chosen := usual
	try := func(k [3]float32) (float64, []float32) {
		inv := g.invert(k[0], k[1], k[2])
		if inv == nil {
			return math.Inf(1), nil
		}
		var sum float64
		for i := range n {
			row := inv[i*n : (i+1)*n]
			var e float64
			for a := range n {
				for b := range n {
					e += row[a] * row[b] * gram[a*n+b]
				}
			}
			sum += e / (row[i] * row[i])
		}
		return sum, single(inv)
	}
	var best float64
	best, g.inverse = try(usual)
	best *= 0.98 // what is usual stays unless another is clearly better
	for _, width := range g.widths {
		for _, mean := range g.means {
			for _, noise := range g.noises {
				k := [3]float32{width, mean, noise}
				if sum, inv := try(k); sum < best {
					best, chosen, g.inverse = sum, k, inv
				}
			}
		}
	}
	g.width, g.mean = chosen[0], chosen[1]
}

func single(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

// invert is the inverse of the kernel matrix with noise; nil where there is none.
func (g *group) invert(width, mean, noise float32) []float64 {
	n := len(g.takes)
	a, out := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		for j := range n {
			a[i*n+j] = float64(alike(g.at[i], g.at[j], width, mean))
		}
		a[i*n+i] += float64(noise)
		out[i*n+i] = 1
	}
	for k := range n { // positive definite: no pivots
		p := a[k*n+k]
		if !(p > 1e-9) {
			return nil
		}
		for j := range n {
			a[k*n+j] /= p
			out[k*n+j] /= p
		}
		for i := range n {
			if f := a[i*n+k]; i != k && f != 0 {
				for j := range n {
					a[i*n+j] -= f * a[k*n+j]
					out[i*n+j] -= f * out[k*n+j]
				}
			}
		}
	}
	return out
}

// foresight is what the others make of take i: the weights of all g.takes, its own 0.
func (g *group) foresight(i int) []float32 {
	n := len(g.takes)
	out := make([]float32, n)
	row := g.inverse[i*n : (i+1)*n]
	for j := range out {
		if j != i {
			out[j] = -row[j] / row[i]
		}
	}
	return out
}
