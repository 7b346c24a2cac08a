package mesh

import (
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// follow is how a point outside the face takes part in the head's motion.
type follow struct {
	at     motion.Vec3 // head frame, at rest
	weight float32     // of the head's motion; the rest is the torso's
	flat   float32     // 0 turns as a solid, 1 only slides, scales and rolls: a silhouette hardly narrows
}

// outer describes the point (x, y) of hair, hat, neck or shoulder. neck adds the throat's own depth, which lies
// behind the chin.
func (g *geometry) outer(x, y float32, neck bool) follow {
	d, at := g.beyond(x, y)
	z := at.z + (at.even-at.z)*num.Smoothstep(0, 0.3, d)
	if d < 0 {
		// Behind the face, where rays meet: one depth for all.
		z += (g.centrePix.Z - z) * num.Smoothstep(0, 0.45, -d)
	} else if deep := g.centrePix.Z - z; deep > 0.02*g.unit {
		z += deep * (1 - num.Exp(-d*maxSlope*g.unit/deep))
	}
	lv, side := g.level(x, y), num.Abs(g.aside(x, y)-g.neck)
	if neck {
		throat := (1 - num.Smoothstep(0.9, 1.4, side)) * num.Smoothstep(0.1*g.chin, 0.4*g.chin, lv)
		zn := g.head.Apply(motion.Vec3{Y: g.chin, Z: neckDepth}).Z
		z += (zn - z) * throat
	}
	return follow{
		at:     g.head.Invert(motion.Vec3{X: x, Y: y, Z: z}),
		weight: 1 - num.Smoothstep(0.40, 1.65, lv/g.chin+0.40*max(0, side-1.2)),
		flat:   0.85 * num.Smoothstep(0, 1.1, d),
	}
}

// torso says how a point of the torso takes part in lean (0..1) and breath (pixels, downwards positive). Both end
// at the picture's lower edge and sides, so that nothing from beyond has to be invented.
func (g *geometry) torso(x, y float32) (lean, breath float32) {
	bottom := float32(g.size + g.pad)
	room := max(bottom-(g.head.T.Y+g.chin*g.unit), 1)
	up := num.Clamp01((bottom - y) / room)
	border := min(x-float32(g.pad), bottom-x) / float32(g.size)
	in := num.Smoothstep(0, 0.18, border)
	lean = num.Smoothstep(0, 1, up) * in
	breath = -0.006 * float32(g.size) * num.Smoothstep(0, 0.8, up) * in
	return lean, breath
}
