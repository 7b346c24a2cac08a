package light

import (
	"cmp"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/pose"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// terms is how many spherical harmonics the light has: those of order 0, 1 and 2.
const terms = 9

// What is believed of a portrait.
const (
	ridge    = 0.01 // pulls the light towards an even one, share of the skin that is seen
	passes   = 6    // of fitting, in which what does not fit (hair, spectacles, shine) loses its say
	leastR2  = 0.1  // share of the skin's variance that the light explains, from which it is believed
	sureR2   = 0.4  // and from which it is believed as far as any
	leastSum = 60   // landmarks that must be seen
	leastY   = 12   // median luma above black of skin that has shade at all
	spot     = 0.04 // half the edge of the square around a landmark that is averaged, head units
)

// harmonics are the basis at the unit vector n, without their constant factors.
func harmonics(n motion.Vec3) [terms]float64 {
	x, y, z := float64(n.X), float64(n.Y), float64(n.Z)
	return [terms]float64{1, x, y, z, x * y, y * z, x * z, 3*z*z - 1, x*x - y*y}
}

// fit finds the light of skin with normals n (towards the viewer: z below 0) and how much to believe it, 0..1. luma is in texture
// pixels; alpha says where the person is. Shade is 1 in the median.
func fit(g *pose.Geometry, luma, alpha *planar.Plane, n *[landmark.SkinCount]motion.Vec3) (light [terms]float64, trust float32) {
	first := seen(g, alpha, n)
	var y [landmark.SkinCount]float64
	var known []float64
	sum := 0.0
	for i, w := range first {
		if sum += w; w > 0 {
			y[i] = float64(around(g, luma, i)) - 16
			known = append(known, y[i])
		}
	}
	if sum < leastSum {
		return light, 0
	}
	slices.Sort(known)
	middle := known[len(known)/2]
	if !(middle > leastY) {
		return light, 0
	}
	for i := range y {
		y[i] /= middle
	}
	w, off := first, [landmark.SkinCount]float64{}
	for range passes {
		light = solve(&w, &y, n)
		var size []float64
		for i := range off {
			off[i] = y[i]
			for k, h := range harmonics(n[i]) {
				off[i] -= light[k] * h
			}
			if first[i] > 0.1 {
				size = append(size, max(off[i], -off[i]))
			}
		}
		slices.SortFunc(size, cmp.Compare[float64])
		usual := max(2*1.48*size[len(size)/2], 1e-3)
		for i := range w {
			w[i] = first[i] / (1 + off[i]*off[i]/(usual*usual)) // Cauchy's weights
		}
	}
	return light, believed(&first, &y, &off)
}

// believed says by the share of the variance that is explained how much to believe a light, 0..1.
func believed(w, y, off *[landmark.SkinCount]float64) float32 {
	var sum, mean, all, left float64
	for i := range w {
		sum += w[i]
		mean += w[i] * y[i]
	}
	mean /= sum
	for i := range w {
		all += w[i] * (y[i] - mean) * (y[i] - mean)
		left += w[i] * off[i] * off[i]
	}
	if !(all > 1e-9) {
		return 0
	}
	return num.Clamp01(float32((1 - left/all - leastR2) / (sureR2 - leastR2)))
}

// seen is how much each landmark says of the skin's light, 0..1: those in view that are neither lips, eyes, brows nor nostrils.
func seen(g *pose.Geometry, alpha *planar.Plane, n *[landmark.SkinCount]motion.Vec3) (w [landmark.SkinCount]float64) {
	for i := range w {
		w[i] = float64(facing(n[i].Z) * num.Smoothstep(0.8, 1, alpha.Sample(g.At[i].X, g.At[i].Y)))
	}
	drop := func(list ...uint16) {
		for _, i := range list {
			if int(i) < len(w) {
				w[i] = 0
			}
		}
	}
	for _, c := range motion.LipColumns() {
		drop(c.Upper[:]...)
		drop(c.Lower[:]...)
	}
	for _, c := range motion.MouthCorners() {
		drop(c[:]...)
	}
	for _, e := range motion.Eyes() {
		drop(e.Outer, e.Inner)
		for _, list := range [...][7]uint16{e.Upper, e.Lower, e.UpperFold, e.LowerFold} {
			drop(list[:]...)
		}
	}
	for _, b := range motion.Brows() {
		drop(b[:]...)
	}
	nose := noseUnderside()
	drop(nose[:]...)
	return w
}

// noseUnderside lists the landmarks of nostrils, tip and wings, where shade is shadow.
func noseUnderside() [45]uint16 {
	return [45]uint16{
		1, 2, 4, 19, 20, 44, 59, 60, 75, 79, 94, 97, 98, 99, 125, 141, 166, 218, 219, 237, 238, 239, 240, 241,
		242, 250, 274, 289, 290, 305, 309, 326, 327, 328, 354, 370, 392, 438, 439, 457, 458, 459, 460, 461, 462,
	}
}

// around is the mean of p around a landmark.
func around(g *pose.Geometry, p *planar.Plane, i int) float32 {
	r := max(int(spot*g.Unit+0.5), 1)
	x, y := int(num.Floor(g.At[i].X)), int(num.Floor(g.At[i].Y))
	var sum float32
	for j := -r; j <= r; j++ {
		for k := -r; k <= r; k++ {
			sum += p.At(x+k, y+j)
		}
	}
	return sum / float32((2*r+1)*(2*r+1))
}

// solve is the weighted ridge regression of y on the harmonics of n, by Gaussian elimination: its matrix is positive definite.
func solve(w, y *[landmark.SkinCount]float64, n *[landmark.SkinCount]motion.Vec3) (x [terms]float64) {
	var a [terms][terms + 1]float64
	sum := 0.0
	for i := range w {
		if w[i] == 0 {
			continue
		}
		h := harmonics(n[i])
		for r := range terms {
			for c := range terms {
				a[r][c] += w[i] * h[r] * h[c]
			}
			a[r][terms] += w[i] * h[r] * y[i]
		}
		sum += w[i]
	}
	for r := 1; r < terms; r++ {
		a[r][r] += ridge * sum
	}
	for k := range terms {
		for r := k + 1; r < terms; r++ {
			f := a[r][k] / a[k][k]
			for c := k; c <= terms; c++ {
				a[r][c] -= f * a[k][c]
			}
		}
	}
	for k := terms - 1; k >= 0; k-- {
		x[k] = a[k][terms]
		for c := k + 1; c < terms; c++ {
			x[k] -= a[k][c] * x[c]
		}
		x[k] /= a[k][k]
	}
	return x
}
