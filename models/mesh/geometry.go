package mesh

import (
	"errors"
	"math"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Shape of an average head in head units (about 6.3 cm), where the picture says nothing.
const (
	skullDepth = 1.10 // of the silhouette's plane behind the outer eye corners
	neckDepth  = 1.15 // of the neck's axis: a column turns without moving its outline
	neckHalf   = 0.92 // of its width, at most
	maxSlope   = 0.9  // depth per width beyond the face: steeper would tear at 30 degrees
)

// geometry is the portrait at rest and what moves with what. Lengths are texture pixels unless said otherwise;
// depth grows away from the camera.
type geometry struct {
	size, pad int                         // output edge and margin, pixels
	head      motion.Rigid                // head frame to texture pixels, at rest
	rest      [landmark.Count]motion.Vec3 // landmarks in texture pixels
	points    [landmark.Count]motion.Vec3 // the same in the head frame
	unit      float32                     // pixels per head unit
	centre    motion.Vec3                 // of the skull's silhouette, head frame
	centrePix motion.Vec3                 // the same in texture pixels
	middle    motion.Vec3                 // of the face oval, texture pixels
	down      [2]float32                  // head's downward axis in the picture, unit vector
	chin      float32                     // distance from origin to chin along down, head units
	neck      float32                     // where the axis of the neck passes the level of the chin, head units aside
	oval      [36]ray                     // the face outline, sorted by angle
	outline   [36]uint16                  // landmark of each ray
}

// ray is one point of the face outline seen from middle.
type ray struct {
	angle, radius, z float32
	even             float32 // z averaged over neighbouring rays: the outline's own would fold what lies beyond
	margin           float32 // how far outside the outline the jaw's edge in the picture lies, head units
	cut              float32 // 1 where the body continues beyond the jaw, 0 where the background begins
}

// newGeometry reads the rest pose.
func newGeometry(p *persona.Persona, size, pad int) (*geometry, error) {
	g := &geometry{size: size, pad: pad, head: toTexture(&p.Face.Head, size, pad), points: p.Face.Points}
	g.unit = g.head.Scale
	if !(g.unit > 4) || !num.Finite(g.unit) {
		return nil, errors.New("mesh: the persona's face is too small or has no pose")
	}
	for i := range g.points {
		g.rest[i] = g.head.Apply(g.points[i])
		q := g.rest[i]
		if !num.Finite(q.X) || !num.Finite(q.Y) || !num.Finite(q.Z) {
			return nil, errors.New("mesh: the persona's landmarks are not finite")
		}
	}
	g.centre = motion.Vec3{Y: -0.1, Z: skullDepth}
	g.centrePix = g.head.Apply(g.centre)
	n := float32(math.Hypot(float64(g.head.R[1]), float64(g.head.R[4])))
	g.down = [2]float32{g.head.R[1] / n, g.head.R[4] / n}
	g.chin = g.level(g.rest[motion.ChinTip].X, g.rest[motion.ChinTip].Y)
	g.outlineRays()
	n2 := g.head.Apply(motion.Vec3{Y: g.chin, Z: neckDepth})
	g.neck = g.aside(n2.X, n2.Y)
	return g, nil
}

// toTexture turns a pose in crop units into one in texture pixels.
func toTexture(r *motion.Rigid, size, pad int) motion.Rigid {
	s := float32(size)
	out := *r
	out.Scale *= s
	out.T = motion.Vec3{X: r.T.X*s + float32(pad), Y: r.T.Y*s + float32(pad), Z: r.T.Z * s}
	return out
}

// outlineRays measures the face outline from its middle and makes the angles increase strictly.
func (g *geometry) outlineRays() {
	oval := motion.FaceOval()
	for _, i := range oval {
		g.middle.X += g.rest[i].X / 36
		g.middle.Y += g.rest[i].Y / 36
		g.middle.Z += g.rest[i].Z / 36
	}
	prev := float32(0)
	for k, i := range oval {
		dx, dy := float64(g.rest[i].X-g.middle.X), float64(g.rest[i].Y-g.middle.Y)
		a := float32(math.Atan2(dy, dx))
		if k > 0 {
			for a < prev-math.Pi {
				a += 2 * math.Pi
			}
			a = max(a, prev+0.01)
		}
		prev = a
		g.oval[k] = ray{angle: a, radius: float32(math.Hypot(dx, dy)), z: g.rest[i].Z}
		g.outline[k] = i
	}
	var z [36]float32
	for k := range g.oval {
		z[k] = g.oval[k].z
	}
	for range 10 {
		z = smoothLoop(z)
	}
	for k := range g.oval {
		g.oval[k].even = z[k]
	}
}

// level is how far (x, y) lies below the eyes along the head's own axis, head units.
func (g *geometry) level(x, y float32) float32 {
	return ((x-g.head.T.X)*g.down[0] + (y-g.head.T.Y)*g.down[1]) / g.unit
}

// aside is how far (x, y) lies to the right of the face's middle across the head's axis, head units.
func (g *geometry) aside(x, y float32) float32 {
	return ((x-g.middle.X)*g.down[1] - (y-g.middle.Y)*g.down[0]) / g.unit
}

// spot is the inverse of aside and level.
func (g *geometry) spot(side, level float32) (x, y float32) {
	// Solve along and across the head's axis from two different origins.
	sx, sy := g.down[1], -g.down[0]
	a := side*g.unit + g.middle.X*sx + g.middle.Y*sy
	l := level*g.unit + g.head.T.X*g.down[0] + g.head.T.Y*g.down[1]
	return a*sx + l*g.down[0], a*sy + l*g.down[1]
}

// beyond finds how far (x, y) lies outside the face outline (negative inside), head units, and the outline there.
func (g *geometry) beyond(x, y float32) (d float32, at ray) {
	dx, dy := x-g.middle.X, y-g.middle.Y
	a := float32(math.Atan2(float64(dy), float64(dx)))
	for a < g.oval[0].angle {
		a += 2 * math.Pi
	}
	for a >= g.oval[0].angle+2*math.Pi {
		a -= 2 * math.Pi
	}
	k := 0
	for k < 35 && g.oval[k+1].angle <= a {
		k++
	}
	p, q := &g.oval[k], &g.oval[(k+1)%36]
	end := q.angle
	if k == 35 {
		end += 2 * math.Pi
	}
	f := num.Clamp01((a - p.angle) / max(end-p.angle, 1e-3))
	at = ray{
		a, p.radius + (q.radius-p.radius)*f, p.z + (q.z-p.z)*f, p.even + (q.even-p.even)*f,
		p.margin + (q.margin-p.margin)*f, p.cut + (q.cut-p.cut)*f,
	}
	return (float32(math.Hypot(float64(dx), float64(dy))) - at.radius) / g.unit, at
}

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
