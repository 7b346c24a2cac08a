package teach

import (
	"image"
	"math"
	"slices"
)

// lopsided is how a face differs from itself in a mirror: half of the difference, patchWide x patchHigh. In a mirror it has the other
// sign. The mirror stands on the face's own axis, wherever the tracker sees that: its faults are the same on both sides of a mirror.
func lopsided(m *image.RGBA, x, y, dx, dy float64) []float32 {
	const (
		aside, step = 4, 1       // samples from the middle of the eyes
		lean, turn  = 0.06, 0.02 // radians from the line through the eyes
	)
	var best []float32
	most := math.Inf(-1)
	for a := -lean; a < lean+turn/2; a += turn {
		sin, cos := math.Sincos(a)
		for off := -aside; off <= aside; off += step {
			fine := newPatch(m, x, y, dx*cos-dy*sin, dy*cos+dx*sin, float64(off)).fine
			if l := likeness(fine, mirrorOf(fine)); l > most {
				most, best = l, fine
			}
		}
	}
	out := mirrorOf(best)
	for o, v := range best {
		out[o] = (v - out[o]) / 2
	}
	return out
}

func mirrorOf(patch []float32) []float32 {
	out := make([]float32, len(patch))
	for o := range out {
		x := o % patchWide
		out[o] = patch[o-x+patchWide-1-x]
	}
	return out
}

// likeness is the correlation of two patches.
func likeness(a, b []float32) float64 {
	var ab, aa, bb float64
	for o, v := range b {
		ab, aa, bb = ab+float64(a[o]*v), aa+float64(a[o]*a[o]), bb+float64(v*v)
	}
	return ab / math.Sqrt(max(aa*bb, 1e-9))
}

const (
	turnedAlike = 0.15  // radians by which faces may be turned that are compared
	otherway    = -0.12 // likeness to most others, in the mean, below which a face was seen in a mirror; of one person in two films whose mirrors differ it is -0.17 to -0.36
	noway       = 0.05  // likeness to any of them at most
)

// mirrored leaves out what seems to be taken in a mirror, as against most, or against the picture main where that is as good.
func (c *contact) mirrored(rest []int, main int) {
	var all []int
	for _, i := range rest {
		if s := &c.seen[i]; s.code == "" && s.odd != nil {
			all = append(all, i)
		}
	}
	n := len(all)
	like := make([]float64, n*n) // 0 where they are not compared
	for i := range n {
		for j := range i {
			a, b := &c.seen[all[i]], &c.seen[all[j]]
			if math.Abs(a.yaw-b.yaw) <= turnedAlike {
				like[i*n+j] = likeness(a.odd, b.odd)
				like[j*n+i] = like[i*n+j]
			}
		}
	}
	other := sides(like, n)
	count := 0
	for _, o := range other {
		if o {
			count++
		}
	}
	turn := 2*count > n
	if k := slices.Index(all, main); k >= 0 && (2*count == n || c.held > 0) {
		turn = other[k]
	}
	for i, o := range other {
		if o != turn && against(like[i*n:(i+1)*n], other, turn) {
			c.seen[all[i]].out("mirrored", "it looks as if taken in a mirror, unlike the others; flip it")
		}
	}
}

// against tells whether a face, given its likeness to all, is unlike those of a side.
func against(like []float64, other []bool, side bool) bool {
	var sum, n float64
	most := math.Inf(-1)
	for j, l := range like {
		if l != 0 && other[j] == side {
			sum, n, most = sum+l, n+1, max(most, l)
		}
	}
	return n > 0 && sum/n < otherway && most < noway
}

// sides parts n faces into two sides so that those of one are like each other, those of two are not.
func sides(like []float64, n int) (other []bool) {
	other = make([]bool, n)
	for range 2 * n { // each change makes the sum of likenesses within sides greater: it ends
		worst, at := 0.0, -1
		for i := range n {
			var sum float64
			for j, l := range like[i*n : (i+1)*n] {
				if other[i] != other[j] {
					l = -l
				}
				sum += l
			}
			if sum < worst {
				worst, at = sum, i
			}
		}
		if at < 0 {
			break
		}
		other[at] = !other[at]
	}
	return other
}
