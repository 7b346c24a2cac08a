package pose

import (
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Follower is how a point outside the face takes part in the head's motion; Pose.Place moves it.
type Follower struct {
	At     motion.Vec3 // where it is at rest, head frame
	weight float32     // of the head's motion; the rest is the torso's
	flat   float32     // 0 turns as a solid, 1 only slides, scales and rolls: a silhouette hardly narrows
}

// Follow describes what lies at (x, y) of the texture: a point of hair, hat, neck or shoulder. neck adds the throat's own depth,
// which lies behind the chin.
func (g *Geometry) Follow(x, y float32, neck bool) Follower {
	d, at := g.Beyond(x, y)
	z := at.z + (at.even-at.z)*num.Smoothstep(0, 0.3, d)
	if d < 0 {
		// Behind the face, where rays meet: one depth for all.
		z += (g.centrePix.Z - z) * num.Smoothstep(0, 0.45, -d)
	} else if deep := g.centrePix.Z - z; deep > 0.02*g.Unit {
		z += deep * (1 - num.Exp(-d*maxSlope*g.Unit/deep))
	}
	lv, side := g.Level(x, y), num.Abs(g.Aside(x, y)-g.Neck)
	if neck {
		throat := (1 - num.Smoothstep(0.9, 1.4, side)) * num.Smoothstep(0.1*g.Chin, 0.4*g.Chin, lv)
		zn := g.Head.Apply(motion.Vec3{Y: g.Chin, Z: neckDepth}).Z
		z += (zn - z) * throat
	}
	return Follower{
		At:     g.Head.Invert(motion.Vec3{X: x, Y: y, Z: z}),
		weight: 1 - num.Smoothstep(0.40, 1.65, lv/g.Chin+0.40*max(0, side-1.2)),
		flat:   0.85 * num.Smoothstep(0, 1.1, d),
	}
}

// Torso says how much the point (x, y) of the torso takes part in a full lean (0..1) and breath (pixels, downwards positive). Both
// end at the picture's lower edge and sides, so that nothing from beyond has to be invented.
func (g *Geometry) Torso(x, y float32) (lean, breath float32) {
	bottom := float32(g.Size + g.Pad)
	room := max(bottom-(g.Head.T.Y+g.Chin*g.Unit), 1)
	up := num.Clamp01((bottom - y) / room)
	border := min(x-float32(g.Pad), bottom-x) / float32(g.Size)
	in := num.Smoothstep(0, 0.18, border)
	lean = num.Smoothstep(0, 1, up) * in
	breath = -0.006 * float32(g.Size) * num.Smoothstep(0, 0.8, up) * in
	return lean, breath
}
