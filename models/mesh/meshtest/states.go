package meshtest

import (
	"math"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// AtRest is the picture as it is.
func AtRest(p *persona.Persona) motion.State {
	return motion.State{Head: p.Face.Head, Points: p.Face.Points, Lid: [2]float32{1, 1}}
}

// Turned is the picture with the head rotated about the neck, degrees.
func Turned(p *persona.Persona, yaw, pitch, roll float64) motion.State {
	st := AtRest(p)
	turn := motion.Rotation(yaw*math.Pi/180, pitch*math.Pi/180, roll*math.Pi/180)
	st.Head.R = motion.Multiply(&turn, &p.Face.Head.R)
	neck := motion.Vec3{Y: 1.9, Z: 1.3}
	a := p.Face.Head.Apply(neck)
	st.Head.T = motion.Vec3{}
	b := st.Head.Apply(neck)
	st.Head.T = motion.Vec3{X: a.X - b.X, Y: a.Y - b.Y, Z: a.Z - b.Z}
	return st
}

// Poses lists turns at the limits of what is drawn: yaw, pitch, roll in degrees.
func Poses() [][3]float64 {
	return [][3]float64{{30, 0, 0}, {-30, 0, 0}, {0, 20, 0}, {0, -20, 0}, {0, 0, 30}, {0, 0, -30}, {25, 15, 15}, {-25, -15, 20}}
}

// Blink closes both eyes of st to open (0 shut, 1 as in the picture).
func Blink(p *persona.Persona, st *motion.State, open float32) {
	for i, e := range motion.Eyes() {
		st.Lid[i] = open
		for k := range e.Upper {
			u, l := p.Face.Points[e.Upper[k]], p.Face.Points[e.Lower[k]]
			mid := motion.Mix(u, l, 0.8)
			st.Points[e.Upper[k]], st.Points[e.Lower[k]] = motion.Mix(mid, u, open), motion.Mix(mid, l, open)
		}
	}
}

// Gape drops the jaw by so many head units: lower lip and chin sink, the corners stay.
func Gape(p *persona.Persona, st *motion.State, drop float32) {
	pts := &p.Face.Points
	left, right := pts[motion.MouthLeft], pts[motion.MouthRight]
	line := (pts[motion.UpperLipInner].Y + pts[motion.LowerLipInner].Y) / 2
	const inner = 3
	upper, lower := map[uint16]bool{}, map[uint16]bool{}
	for _, c := range motion.MouthCorners() {
		upper[c[inner]] = true
	}
	for _, c := range motion.LipColumns() {
		upper[c.Upper[inner]], lower[c.Lower[inner]] = true, true
	}
	for i := range landmark.SkinCount {
		q := pts[i]
		x := (q.X - (left.X+right.X)/2) / ((right.X - left.X) / 2)
		if upper[uint16(i)] || q.Y < line && !lower[uint16(i)] {
			continue
		}
		st.Points[i].Y += drop * float32(math.Sqrt(float64(max(0, 1-min(x*x, 1)*0.98))))
	}
	st.Jaw = drop
	st.MouthOpen = st.Points[motion.LowerLipInner].Y - st.Points[motion.UpperLipInner].Y
}
