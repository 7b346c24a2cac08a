package mesh

import (
	"errors"
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
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

// newGeometry reads the rest pose.
func newGeometry(face *motion.Rest, size, pad int) (*geometry, error) {
	g := &geometry{size: size, pad: pad, head: toTexture(&face.Head, size, pad), points: face.Points}
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

// mean averages the picture in small squares around landmarks.
func (g *geometry) mean(pic planar.Picture, landmarks ...uint16) (y, u, v float32) {
	r := max(int(0.05*g.unit), 1)
	n := float32(0)
	for _, l := range landmarks {
		q := g.rest[l]
		for dy := -r; dy <= r; dy++ {
			for dx := -r; dx <= r; dx++ {
				i, j := int(q.X)+dx, int(q.Y)+dy
				y += pic[0].At(i, j)
				u += pic[1].At(i, j)
				v += pic[2].At(i, j)
				n++
			}
		}
	}
	return y / n, u / n, v / n
}
