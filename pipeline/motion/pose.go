package motion

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// Fitter finds the head pose in a set of landmarks. It is immutable after NewFitter and safe for concurrent use.
type Fitter struct{ basis []basisPoint }

// NewFitter prepares the rigid landmarks.
func NewFitter() *Fitter { return &Fitter{basis: headBasis()} }

// FitAverage fits the average face to points: the pose of a face whose own proportions are not known yet.
// points are in any isotropic frame with y down and z away from the camera; the result maps the head frame to it.
func (f *Fitter) FitAverage(points *[landmark.Count]Vec3) Rigid {
	return f.fit(func(b *basisPoint) Vec3 { return b.at }, points)
}

// FitFace fits a known face (its points in the head frame) to points: frame-to-frame pose without bias from
// the proportions of that face. Its yaw is the one that is seen: see faceAs.
func (f *Fitter) FitFace(face, points *[landmark.Count]Vec3) Rigid {
	model := func(b *basisPoint) Vec3 { return face[b.index] }
	return f.faceAs(f.fit(model, points), model, points)
}

// faceAs turns a fitted pose about the picture's vertical axis until the x of the points agree best (Gauss-Newton on
// one angle). A picture shows x and y, and depth is the tracker's guess: of the two it is the yaw that suffers, by
// factors of 1.1 to 1.3 between what depths and what places say of real drivers, and with noise of its own. A nod is
// left to all three, where depth is the better witness.
func (f *Fitter) faceAs(pose Rigid, model func(*basisPoint) Vec3, points *[landmark.Count]Vec3) Rigid {
	var total, mx, my, mz, px, z float32
	for i := range f.basis {
		b := &f.basis[i]
		m := model(b)
		total += b.weight
		mx, my, mz = mx+b.weight*m.X, my+b.weight*m.Y, mz+b.weight*m.Z
		px += b.weight * points[b.index].X
	}
	if !(total > 0) || !(pose.Scale > 0) {
		return pose
	}
	middle := Vec3{X: mx / total, Y: my / total, Z: mz / total}
	px /= total
	for range 3 {
		at := pose.Apply(middle)
		var ez, zz float32
		for i := range f.basis {
			b := &f.basis[i]
			q := pose.Apply(model(b))
			z = q.Z - at.Z
			ez += b.weight * z * (points[b.index].X - px - (q.X - at.X))
			zz += b.weight * z * z
		}
		if !(zz > 0) {
			return pose
		}
		turn := FromTurnVector(Vec3{Y: min(max(ez/zz, -0.3), 0.3)})
		pose = pose.PosedAbout(middle, Multiply(&turn, &pose.R), pose.Scale, Vec3{})
	}
	return pose
}

// Unlike returns how much the rigid parts of two faces differ after the best fit of one to the other: weighted rms over
// x and y in units of the head frame of a, which holds a. Depth is left out: it differs most for the same person.
func (f *Fitter) Unlike(a, b *[landmark.Count]Vec3) float64 {
	pose := f.fit(func(p *basisPoint) Vec3 { return a[p.index] }, b)
	var sum, total float64
	for i := range f.basis {
		p := &f.basis[i]
		q := pose.Invert(b[p.index])
		x, y := float64(q.X-a[p.index].X), float64(q.Y-a[p.index].Y)
		sum += float64(p.weight) * (x*x + y*y)
		total += float64(p.weight)
	}
	return math.Sqrt(sum / total)
}

// fit solves the weighted similarity Procrustes problem in closed form (Horn 1987, unit quaternions):
// the largest eigenvector of the 4x4 profile matrix, found by shifted power iteration.
func (f *Fitter) fit(model func(*basisPoint) Vec3, points *[landmark.Count]Vec3) Rigid {
	var w, ma, mb [3]float64
	var total float64
	for i := range f.basis {
		b := &f.basis[i]
		p, q, g := vec(model(b)), vec(points[b.index]), float64(b.weight)
		total += g
		for k := range 3 {
			ma[k] += g * p[k]
			mb[k] += g * q[k]
		}
	}
	for k := range 3 {
		ma[k] /= total
		mb[k] /= total
	}
	var s [3][3]float64 // sum of w * a b^T
	var va float64
	for i := range f.basis {
		b := &f.basis[i]
		p, q, g := vec(model(b)), vec(points[b.index]), float64(b.weight)
		for k := range 3 {
			w[k] = p[k] - ma[k]
			va += g * w[k] * w[k]
		}
		for k := range 3 {
			for l := range 3 {
				s[k][l] += g * w[k] * (q[l] - mb[l])
			}
		}
	}
	r := rotationOf(&s)
	return assemble(r, &s, va, ma, mb)
}

// assemble finds scale and translation for a rotation.
func assemble(r [9]float64, s *[3][3]float64, va float64, ma, mb [3]float64) Rigid {
	var trace float64 // trace(R * S)
	for k := range 3 {
		for l := range 3 {
			trace += r[l*3+k] * s[k][l]
		}
	}
	scale := 1.0
	if va > 0 {
		scale = trace / va
	}
	out := Rigid{Scale: float32(scale)}
	var t [3]float64
	for k := range 3 {
		t[k] = mb[k]
		for l := range 3 {
			out.R[k*3+l] = float32(r[k*3+l])
			t[k] -= scale * r[k*3+l] * ma[l]
		}
	}
	out.T = Vec3{X: float32(t[0]), Y: float32(t[1]), Z: float32(t[2])}
	return out
}

// rotationOf returns the row-major rotation R that maximises trace(R*S).
func rotationOf(s *[3][3]float64) [9]float64 {
	n := [4][4]float64{
		{s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
		{0, s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
		{0, 0, s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
		{0, 0, 0, s[2][2] - s[0][0] - s[1][1]},
	}
	var shift float64 // makes the wanted eigenvalue the largest in magnitude
	for i := range 4 {
		for j := range i {
			n[i][j] = n[j][i]
		}
		for j := range 4 {
			shift += math.Abs(n[i][j])
		}
	}
	if !(shift > 0) || math.IsInf(shift, 0) {
		return [9]float64{1, 0, 0, 0, 1, 0, 0, 0, 1}
	}
	for i := range 4 {
		for j := range 4 {
			n[i][j] /= shift
		}
		n[i][i]++
	}
	for range 8 { // squaring the matrix squares the ratio of its eigenvalues
		n = squared(&n)
	}
	q := [4]float64{}
	best := 0
	for i := range 4 {
		if n[i][i] > n[best][best] {
			best = i
		}
	}
	var norm float64
	for i := range 4 {
		q[i] = n[i][best]
		norm += q[i] * q[i]
	}
	norm = math.Sqrt(norm)
	for i := range q {
		q[i] /= norm
	}
	return matrix(q)
}

// squared returns n*n scaled to unit trace.
func squared(n *[4][4]float64) (m [4][4]float64) {
	var trace float64
	for i := range 4 {
		for j := range 4 {
			for k := range 4 {
				m[i][j] += n[i][k] * n[k][j]
			}
		}
		trace += m[i][i]
	}
	for i := range 4 {
		for j := range 4 {
			m[i][j] /= trace
		}
	}
	return m
}

// matrix turns a unit quaternion (w, x, y, z) into a row-major rotation.
func matrix(q [4]float64) [9]float64 {
	w, x, y, z := q[0], q[1], q[2], q[3]
	return [9]float64{
		1 - 2*(y*y+z*z), 2 * (x*y - w*z), 2 * (x*z + w*y),
		2 * (x*y + w*z), 1 - 2*(x*x+z*z), 2 * (y*z - w*x),
		2 * (x*z - w*y), 2 * (y*z + w*x), 1 - 2*(x*x+y*y),
	}
}

func vec(p Vec3) [3]float64 { return [3]float64{float64(p.X), float64(p.Y), float64(p.Z)} }
