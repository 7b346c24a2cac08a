package persona

import (
	"errors"
	"fmt"
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// What the numbers of a face may be: a few times as far as those of faces that Build finds. Whoever draws a persona relies on it:
// beyond, drawing would take memory and time without bound.
const (
	leastScale, mostScale = 0.02, 1   // crop edges per head unit; 0.13 to 0.31 as built
	mostShift             = 2         // of the head's origin from the crop's corner, crop edges; 0.2 to 0.8
	mostReach             = 4         // of a landmark from the head's origin, head units; 2.3
	mostBeyond            = 1         // of a landmark outside of the crop, crop edges; 0.1
	leastEyes, mostEyes   = 0.5, 2    // between the centres of the eyes, head units; 1
	leastChin             = 0.4       // of the chin below the eyes, head units; 1.4
	leastTowards          = 0.17      // share of the face's direction that points at the camera; 0.7
	skew                  = 0.01      // of a rotation from one
	mostArea              = 2         // of all triangles at rest, in crops; 0.25
	mostPlace             = 64 * 2048 // pixels of the whole picture
)

// faceFits tells whether the numbers of rest.f32 are those of a face in a crop.
func (v *View) faceFits() error {
	finite := true
	c := View{Face: v.Face, Place: v.Place} // restValues may write
	c.restValues(func(x *float32) {
		finite = finite && !math.IsNaN(float64(*x)) && !math.IsInf(float64(*x), 0)
	})
	if !finite {
		return errors.New("a number of the face or its place is out of range")
	}
	if err := headFits(&v.Face.Head); err != nil {
		return err
	}
	for _, x := range []float64{v.Place.X, v.Place.Y, v.Place.Edge} {
		if math.Abs(x) > mostPlace {
			return fmt.Errorf("the place of the crop is %v pixels away", x)
		}
	}
	for _, list := range []*[landmark.Count]motion.Vec3{&v.Face.Points, &v.Face.Neutral} {
		if err := pointsFit(&v.Face.Head, list); err != nil {
			return err
		}
	}
	return nil
}

// headFits tells whether a pose is a rotation of moderate size that looks at the camera.
func headFits(h *motion.Rigid) error {
	if !(h.Scale >= leastScale && h.Scale <= mostScale) {
		return fmt.Errorf("the head has a size of %v crops; use %v to %v", h.Scale, leastScale, mostScale)
	}
	if far := max(math.Abs(float64(h.T.X)), math.Abs(float64(h.T.Y)), math.Abs(float64(h.T.Z))); far > mostShift {
		return fmt.Errorf("the head is %v crops away", far)
	}
	row := func(i, j int) (dot float64) {
		for k := range 3 {
			dot += float64(h.R[3*i+k]) * float64(h.R[3*j+k])
		}
		return dot
	}
	for i := range 3 {
		for j := range i {
			if !(math.Abs(row(i, j)) < skew) {
				return errors.New("the head's rotation is none")
			}
		}
		if !(math.Abs(row(i, i)-1) < skew) {
			return errors.New("the head's rotation is none")
		}
	}
	r := &h.R
	across := float64(r[0])*float64(r[4]) - float64(r[1])*float64(r[3]) // third component of x cross y: towards z, unless mirrored
	if !(float64(r[8]) > leastTowards) || across < 0 {
		return errors.New("the head looks away")
	}
	return nil
}

// pointsFit tells whether landmarks in the head frame are about those of a face, within and around the crop.
func pointsFit(h *motion.Rigid, list *[landmark.Count]motion.Vec3) error {
	for i := range list {
		q := list[i]
		if max(math.Abs(float64(q.X)), math.Abs(float64(q.Y)), math.Abs(float64(q.Z))) > mostReach {
			return fmt.Errorf("landmark %d lies outside of the head", i)
		}
		if p := h.Apply(q); min(p.X, p.Y) < -mostBeyond || max(p.X, p.Y) > 1+mostBeyond {
			return fmt.Errorf("landmark %d lies outside of the crop", i)
		}
	}
	left, right := middle(list, motion.LeftEyeOuter, motion.LeftEyeInner), middle(list, motion.RightEyeOuter, motion.RightEyeInner)
	apart := math.Hypot(float64(right.X-left.X), math.Hypot(float64(right.Y-left.Y), float64(right.Z-left.Z)))
	if !(apart >= leastEyes && apart <= mostEyes && right.X > left.X) {
		return errors.New("the eyes are not where a face has them")
	}
	if !(list[motion.ChinTip].Y >= leastChin) {
		return errors.New("the chin is not where a face has it")
	}
	return nil
}

func middle(list *[landmark.Count]motion.Vec3, a, b int) motion.Vec3 {
	p, q := list[a], list[b]
	return motion.Vec3{X: (p.X + q.X) / 2, Y: (p.Y + q.Y) / 2, Z: (p.Z + q.Z) / 2}
}

// meshFits tells whether triangles are a surface: no edge has three sides, and all together cover no more than a few crops.
func (v *View) meshFits(triangles [][3]uint16) error {
	edges := make(map[[2]uint16]uint8, 3*len(triangles))
	var at [landmark.Count]motion.Vec3
	for i := range at {
		at[i] = v.Face.Head.Apply(v.Face.Points[i])
	}
	area := 0.0
	for i, t := range triangles {
		for k := range 3 {
			a, b := t[k], t[(k+1)%3]
			if a == b {
				return fmt.Errorf("triangle %d has no area", i)
			}
			edge := [2]uint16{min(a, b), max(a, b)}
			if edges[edge]++; edges[edge] > 2 {
				return fmt.Errorf("three triangles meet at landmarks %d and %d", edge[0], edge[1])
			}
		}
		a, b, c := at[t[0]], at[t[1]], at[t[2]]
		area += math.Abs(float64((b.X-a.X)*(c.Y-a.Y)-(c.X-a.X)*(b.Y-a.Y))) / 2
	}
	if !(area <= mostArea) {
		return fmt.Errorf("the triangles cover %.1f crops", area)
	}
	return nil
}
