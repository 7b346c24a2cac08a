package motion

// Blend writes into dst the state that lies the fraction t of the way from a to b; dst may be a or b.
// What is exactly shut in both stays exactly shut; markers are those of b.
func Blend(dst, a, b *State, t float32) {
	head := Between(&a.Head, &b.Head, t)
	for i := range dst.Points {
		dst.Points[i] = Mix(a.Points[i], b.Points[i], t)
	}
	mix := func(x, y float32) float32 { return x + t*(y-x) }
	for i := range dst.Lid {
		dst.Lid[i] = mix(a.Lid[i], b.Lid[i])
		dst.Gaze[i].X = mix(a.Gaze[i].X, b.Gaze[i].X)
		dst.Gaze[i].Y = mix(a.Gaze[i].Y, b.Gaze[i].Y)
	}
	dst.Jaw = mix(a.Jaw, b.Jaw)
	dst.MouthOpen = mix(a.MouthOpen, b.MouthOpen)
	dst.Breath = mix(a.Breath, b.Breath)
	dst.Lean.X, dst.Lean.Y = mix(a.Lean.X, b.Lean.X), mix(a.Lean.Y, b.Lean.Y)
	dst.HasMarker, dst.Marker = b.HasMarker, b.Marker
	dst.Head = head
}
