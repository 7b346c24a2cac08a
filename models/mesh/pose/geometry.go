package pose

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
	NeckHalf   = 0.92 // NeckHalf is half of the neck's width, at most
	maxSlope   = 0.9  // depth per width beyond the face: steeper would tear at 30 degrees
)

// Geometry is the portrait at rest and what moves with what. Lengths are texture pixels unless said otherwise;
// depth grows away from the camera. It does not change once FindJaw has run, and is shared.
type Geometry struct {
	Size, Pad int                         // output edge and margin, pixels
	Head      motion.Rigid                // head frame to texture pixels, at rest
	At        [landmark.Count]motion.Vec3 // landmarks in texture pixels
	Points    [landmark.Count]motion.Vec3 // the same in the head frame
	Unit      float32                     // pixels per head unit
	centre    motion.Vec3                 // of the skull's silhouette, head frame
	centrePix motion.Vec3                 // the same in texture pixels
	Middle    motion.Vec3                 // of the face oval, texture pixels
	Down      [2]float32                  // head's downward axis in the picture, unit vector
	Chin      float32                     // distance from the origin to the chin along Down, head units
	Neck      float32                     // where the axis of the neck passes the level of the chin, head units aside
	Oval      [36]Ray                     // the face outline, sorted by angle
	Outline   [36]uint16                  // landmark of each ray
}

// New reads a face whose pose is in crop units, for an output of size x size pixels. It fails where
// the face has no extent or is not finite.
func New(face *motion.Rest, size int) (*Geometry, error) {
	pad := size / 8 / 2 * 2
	g := &Geometry{Size: size, Pad: pad, Head: toTexture(&face.Head, size, pad), Points: face.Points}
	g.Unit = g.Head.Scale
	if !(g.Unit > 4) || !num.Finite(g.Unit) {
		return nil, errors.New("mesh: the persona's face is too small or has no pose")
	}
	for i := range g.Points {
		g.At[i] = g.Head.Apply(g.Points[i])
		q := g.At[i]
		if !num.Finite(q.X) || !num.Finite(q.Y) || !num.Finite(q.Z) {
			return nil, errors.New("mesh: the persona's landmarks are not finite")
		}
	}
	g.centre = motion.Vec3{Y: -0.1, Z: skullDepth}
	g.centrePix = g.Head.Apply(g.centre)
	n := float32(math.Hypot(float64(g.Head.R[1]), float64(g.Head.R[4])))
	g.Down = [2]float32{g.Head.R[1] / n, g.Head.R[4] / n}
	g.Chin = g.Level(g.At[motion.ChinTip].X, g.At[motion.ChinTip].Y)
	g.outlineRays()
	n2 := g.Head.Apply(motion.Vec3{Y: g.Chin, Z: neckDepth})
	g.Neck = g.Aside(n2.X, n2.Y)
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

// Level is how far (x, y) lies below the eyes along the head's own axis, head units.
func (g *Geometry) Level(x, y float32) float32 {
	return ((x-g.Head.T.X)*g.Down[0] + (y-g.Head.T.Y)*g.Down[1]) / g.Unit
}

// Aside is how far (x, y) lies to the right of the face's middle across the head's axis, head units.
func (g *Geometry) Aside(x, y float32) float32 {
	return ((x-g.Middle.X)*g.Down[1] - (y-g.Middle.Y)*g.Down[0]) / g.Unit
}

// Spot is the inverse of Aside and Level: the place that lies so far aside and below the eyes, head units.
func (g *Geometry) Spot(side, level float32) (x, y float32) {
	// Solve along and across the head's axis from two different origins.
	sx, sy := g.Down[1], -g.Down[0]
	a := side*g.Unit + g.Middle.X*sx + g.Middle.Y*sy
	l := level*g.Unit + g.Head.T.X*g.Down[0] + g.Head.T.Y*g.Down[1]
	return a*sx + l*g.Down[0], a*sy + l*g.Down[1]
}

// Mean is the mean colour of a picture, in texture pixels, in small squares around landmarks.
func (g *Geometry) Mean(pic planar.Picture, landmarks ...uint16) (y, u, v float32) {
	r := max(int(0.05*g.Unit), 1)
	n := float32(0)
	for _, l := range landmarks {
		q := g.At[l]
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
