package portrait

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Names of regions. The name tells what a region hangs on and which maps are drawn for it.
const (
	NameMouth    = "mouth"
	NameEyeLeft  = "eye_left" // of the picture
	NameEyeRight = "eye_right"
	NameHead     = "head"
)

// Region is a square of the face in its own pixels: Edge x Edge, covering Side head units, upright with the head. The
// region of the head is the whole crop instead, whatever the head does.
type Region struct {
	Name   string  `json:"name"`
	Edge   int     `json:"edge"` // pixels
	Side   float32 `json:"side"` // head units
	DX     float32 `json:"dx"`   // of the square's centre from the anchor, head units
	DY     float32 `json:"dy"`
	Mirror bool    `json:"mirror,omitempty"` // seen in a mirror, so that one network serves both eyes
}

// Mouth is the region of the lips and what they can uncover: it reaches from the nose's tip below the chin of an
// open mouth.
func Mouth() Region { return Region{Name: NameMouth, Edge: 128, Side: 1.44, DY: 0.22} }

// Eyes are the regions of the lids and what they cover: the picture's left eye, and the right one in a mirror.
func Eyes() [2]Region {
	return [2]Region{
		{Name: NameEyeLeft, Edge: 64, Side: 0.84},
		{Name: NameEyeRight, Edge: 64, Side: 0.84, Mirror: true},
	}
}

// Head is the whole crop, in the pixels of a frame.
func Head() Region { return Region{Name: NameHead, Edge: 512, Side: 4} }

// Anchor is the point of a portrait that the region hangs on, in the head frame: it does not move with the face.
func (r *Region) Anchor(rest *motion.Rest) motion.Vec3 {
	a, b := 61, 291 // the corners of the mouth
	switch r.Name {
	case NameEyeLeft:
		a, b = 33, 133
	case NameEyeRight:
		a, b = 362, 263
	}
	return motion.Middle(rest.Neutral[a], rest.Neutral[b])
}

// opening is how far a state opens what the region hangs on: the gap between the inner lips in head units, or how far an eye
// is shut, 0 as in the picture, 1 shut.
func (r *Region) opening(st *motion.State) float32 {
	switch r.Name {
	case NameEyeLeft:
		return 1 - st.Lid[0]
	case NameEyeRight:
		return 1 - st.Lid[1]
	}
	return st.Points[14].Y - st.Points[13].Y
}

// Alignment says where a region lies: pixel coordinates (i, j) of the region, pixel centres at .5, are at
// (OX + UX*i - UY*j, OY + UY*i + UX*j). Where Mirror is not 0 it is the region's edge, and i counts from its right.
type Alignment struct{ OX, OY, UX, UY, Mirror float32 }

// Align places the region for a head pose, in the crop frame.
func (r *Region) Align(head *motion.Rigid, anchor motion.Vec3) Alignment {
	if r.Name == NameHead {
		return Alignment{UX: 1 / float32(r.Edge)}
	}
	c := head.Apply(anchor)
	// The turn in the picture's plane that is nearest to the rotation.
	x, y := float64(head.R[0]+head.R[4]), float64(head.R[3]-head.R[1])
	n := math.Hypot(x, y)
	if n < 1e-6 {
		x, y, n = 1, 0, 1
	}
	step := float64(head.Scale) * float64(r.Side) / float64(r.Edge)
	a := Alignment{UX: float32(x / n * step), UY: float32(y / n * step)}
	if r.Mirror {
		a.Mirror = float32(r.Edge)
	}
	half := float32(r.Edge) / 2
	px := half - r.DX/r.Side*float32(r.Edge) // the anchor's place in the region
	py := half - r.DY/r.Side*float32(r.Edge)
	a.OX = c.X - a.UX*px + a.UY*py
	a.OY = c.Y - a.UY*px - a.UX*py
	return a
}

// At maps region pixels out.
func (a *Alignment) At(i, j float32) (x, y float32) {
	if a.Mirror != 0 {
		i = a.Mirror - i
	}
	return a.OX + float32(a.UX*i) - float32(a.UY*j), a.OY + float32(a.UY*i) + float32(a.UX*j)
}

// Into maps a place back to region pixels.
func (a *Alignment) Into(x, y float32) (i, j float32) {
	x, y = x-a.OX, y-a.OY
	d := a.UX*a.UX + a.UY*a.UY
	i, j = (x*a.UX+y*a.UY)/d, (y*a.UX-x*a.UY)/d
	if a.Mirror != 0 {
		i = a.Mirror - i
	}
	return i, j
}

// Scaled is the alignment in units of which there are k to the old one.
func (a Alignment) Scaled(k float32) Alignment {
	return Alignment{a.OX * k, a.OY * k, a.UX * k, a.UY * k, a.Mirror}
}

// usable tells that a can be inverted and its pixels lie within reach of the picture.
func (a *Alignment) usable() bool {
	d := a.UX*a.UX + a.UY*a.UY
	return d > 1e-12 && d < 1 && num.Abs(a.OX) < 100 && num.Abs(a.OY) < 100 // false for NaN
}

// Still is the state that shows a portrait as its picture does.
func Still(rest *motion.Rest) motion.State {
	return motion.State{Head: rest.Head, Points: rest.Points, Lid: [2]float32{1, 1}}
}

// chin is the landmark that tells how far the jaw hangs.
const chin = 152

var _ = [1]struct{}{}[landmark.Count-478] // the indices here are those of the 478-point mesh

// Regions lists what the learned layer for CPUs repaints.
func Regions() []Region {
	eyes := Eyes()
	return []Region{Mouth(), eyes[0], eyes[1]}
}
