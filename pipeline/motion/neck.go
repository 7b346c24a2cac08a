package motion

// Neck is where a head turns, in the head frame.
func Neck() Vec3 { return Vec3{X: 0, Y: 1.35, Z: 1.2} }

// PosedAbout returns the pose with rotation r and the given scale that leaves the point at (head frame)
// where home has it, moved by shift (crop frame).
func (home *Rigid) PosedAbout(at Vec3, r [9]float32, scale float32, shift Vec3) Rigid {
	pose := Rigid{R: r, Scale: scale}
	pivot, moved := home.Apply(at), pose.Apply(at)
	pose.T = Vec3{X: pivot.X + shift.X - moved.X, Y: pivot.Y + shift.Y - moved.Y, Z: pivot.Z + shift.Z - moved.Z}
	return pose
}
