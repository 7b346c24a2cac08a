package motion

import "math"

// Rotation builds a row-major rotation from angles in radians: roll first, then pitch, then yaw.
// Positive yaw turns the face to the picture's right, positive pitch nods it down, positive roll tips the
// top of the head to the picture's right.
func Rotation(yaw, pitch, roll float64) [9]float32 {
	cy, sy := math.Cos(yaw), math.Sin(yaw)
	cp, sp := math.Cos(pitch), math.Sin(pitch)
	cr, sr := math.Cos(roll), math.Sin(roll)
	m := [9]float64{
		cy*cr - sy*sp*sr, -cy*sr - sy*sp*cr, -sy * cp,
		cp * sr, cp * cr, -sp,
		sy*cr + cy*sp*sr, -sy*sr + cy*sp*cr, cy * cp,
	}
	var r [9]float32
	for i, v := range m {
		r[i] = float32(v)
	}
	return r
}

// Angles is the inverse of Rotation for |pitch| < 90 degrees; results in radians.
func Angles(r [9]float32) (yaw, pitch, roll float64) {
	return math.Atan2(-float64(r[2]), float64(r[8])),
		math.Asin(max(-1, min(1, -float64(r[5])))),
		math.Atan2(float64(r[3]), float64(r[4]))
}
