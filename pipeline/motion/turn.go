package motion

import "math"

// Multiply returns the rotation a*b, row-major.
func Multiply(a, b *[9]float32) (c [9]float32) {
	for i := range 3 {
		for j := range 3 {
			c[3*i+j] = a[3*i]*b[j] + a[3*i+1]*b[3+j] + a[3*i+2]*b[6+j]
		}
	}
	return c
}

// Transpose returns the inverse of a rotation.
func Transpose(a *[9]float32) [9]float32 {
	return [9]float32{a[0], a[3], a[6], a[1], a[4], a[7], a[2], a[5], a[8]}
}

// TurnVector returns the rotation as axis times angle in radians, angle below pi.
func TurnVector(r *[9]float32) Vec3 {
	x, y, z := float64(r[7]-r[5]), float64(r[2]-r[6]), float64(r[3]-r[1])
	sin := math.Sqrt(x*x+y*y+z*z) / 2
	angle := math.Atan2(sin, (float64(r[0]+r[4]+r[8])-1)/2)
	k := 0.5
	if sin > 1e-6 {
		k = angle / (2 * sin)
	}
	return Vec3{X: float32(k * x), Y: float32(k * y), Z: float32(k * z)}
}

// FromTurnVector is the inverse of TurnVector (Rodrigues' formula).
func FromTurnVector(v Vec3) [9]float32 {
	x, y, z := float64(v.X), float64(v.Y), float64(v.Z)
	angle := math.Sqrt(x*x + y*y + z*z)
	if angle < 1e-9 {
		return [9]float32{1, 0, 0, 0, 1, 0, 0, 0, 1}
	}
	x, y, z = x/angle, y/angle, z/angle
	s, c := math.Sincos(angle)
	d := 1 - c
	return [9]float32{
		float32(c + x*x*d), float32(x*y*d - z*s), float32(x*z*d + y*s),
		float32(x*y*d + z*s), float32(c + y*y*d), float32(y*z*d - x*s),
		float32(x*z*d - y*s), float32(y*z*d + x*s), float32(c + z*z*d),
	}
}

// Turn returns the rotation that lies the fraction t of the way from a to b, on the shortest path.
// Rounding creeps in over very many chained calls; Orthonormal takes it out.
func Turn(a, b *[9]float32, t float32) [9]float32 {
	inverse := Transpose(a)
	delta := Multiply(b, &inverse)
	v := TurnVector(&delta)
	step := FromTurnVector(Vec3{X: t * v.X, Y: t * v.Y, Z: t * v.Z})
	return Multiply(&step, a)
}

// Between returns the pose that lies the fraction t of the way from a to b; t = 0 and t = 1 give a and b exactly.
func Between(a, b *Rigid, t float32) Rigid {
	switch {
	case t <= 0:
		return *a
	case t >= 1:
		return *b
	}
	return Rigid{
		R:     Turn(&a.R, &b.R, t),
		T:     Mix(a.T, b.T, t),
		Scale: a.Scale + t*(b.Scale-a.Scale),
	}
}

// Mix returns the point that lies the fraction t of the way from a to b.
func Mix(a, b Vec3, t float32) Vec3 {
	return Vec3{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y), Z: a.Z + t*(b.Z-a.Z)}
}

// Orthonormal returns the rotation nearest to r's first two rows (Gram-Schmidt).
func Orthonormal(r *[9]float32) [9]float32 {
	a := unit(Vec3{X: r[0], Y: r[1], Z: r[2]})
	d := a.X*r[3] + a.Y*r[4] + a.Z*r[5]
	b := unit(Vec3{X: r[3] - d*a.X, Y: r[4] - d*a.Y, Z: r[5] - d*a.Z})
	return [9]float32{
		a.X, a.Y, a.Z,
		b.X, b.Y, b.Z,
		a.Y*b.Z - a.Z*b.Y, a.Z*b.X - a.X*b.Z, a.X*b.Y - a.Y*b.X,
	}
}

func unit(p Vec3) Vec3 {
	n := float32(math.Sqrt(float64(p.X*p.X + p.Y*p.Y + p.Z*p.Z)))
	if n < 1e-12 {
		return Vec3{X: 1}
	}
	return Vec3{X: p.X / n, Y: p.Y / n, Z: p.Z / n}
}
