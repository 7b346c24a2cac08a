// Package motion is what the driver's landmarks become for one portrait: a pose and an expression of the
// portrait's own face. It is the contract between retargeting (which makes a State) and the generators (which draw it).
package motion

import "github.com/gioconda-live/gioconda/pipeline/landmark"

// Vec3 is a point or direction in one of two frames.
//
// Head frame: the head's own axes. Origin between the outer corners of the eyes, +x to the image's right,
// +y down, +z away from the camera; the unit is the distance between the eye centres of that face
// (corner midpoints 33/133 and 263/362) measured in 3D, so 1 is about 6.3 cm.
//
// Crop frame: the persona's square crop. x and y in units of the crop's edge (0..1), z in the same unit,
// +z away from the camera; projection is orthographic (drop z).
type Vec3 = landmark.Point

// Rigid maps the head frame to the crop frame: crop = Scale * R * head + T.
type Rigid struct {
	R     [9]float32 // rotation, row-major
	T     Vec3
	Scale float32 // crop edges per head unit
}

// Apply maps p from the head frame to the crop frame.
func (r *Rigid) Apply(p Vec3) Vec3 {
	return Vec3{
		X: r.Scale*(r.R[0]*p.X+r.R[1]*p.Y+r.R[2]*p.Z) + r.T.X,
		Y: r.Scale*(r.R[3]*p.X+r.R[4]*p.Y+r.R[5]*p.Z) + r.T.Y,
		Z: r.Scale*(r.R[6]*p.X+r.R[7]*p.Y+r.R[8]*p.Z) + r.T.Z,
	}
}

// Invert maps p from the crop frame back to the head frame.
func (r *Rigid) Invert(p Vec3) Vec3 {
	x, y, z := (p.X-r.T.X)/r.Scale, (p.Y-r.T.Y)/r.Scale, (p.Z-r.T.Z)/r.Scale
	return Vec3{
		X: r.R[0]*x + r.R[3]*y + r.R[6]*z,
		Y: r.R[1]*x + r.R[4]*y + r.R[7]*z,
		Z: r.R[2]*x + r.R[5]*y + r.R[8]*z,
	}
}

// Rest is what retargeting knows of a portrait: its face as the picture shows it.
type Rest struct {
	Head   Rigid                // the pose in the picture
	Points [landmark.Count]Vec3 // head frame, the expression in the picture; Head.Apply gives the landmarks in the crop
	// Neutral is the same face with the picture's own smile, open mouth or half-closed lids taken back.
	Neutral [landmark.Count]Vec3
}

// MouthOpen is the gap between the inner lips in the neutral, head units: 0 unless the picture's mouth is open too far to be shut.
func (r *Rest) MouthOpen() float32 {
	return max(0, r.Neutral[LowerLipInner].Y-r.Neutral[UpperLipInner].Y)
}

// State is one moment of a portrait: everything a generator needs beside the persona. It holds no pointers.
// Left and right are the picture's: index 0 is the eye on the picture's left (landmarks 33, 133; iris 468),
// index 1 the one on its right (263, 362; iris 473).
type State struct {
	Head   Rigid                // pose to draw, head frame to crop frame
	Points [landmark.Count]Vec3 // expression to draw, head frame; irises included (gaze is already in 468..477)

	// Lid is each eye's opening relative to the portrait's neutral: 0 shut, 1 as open as the neutral, above 1 wider.
	// The lid landmarks in Points agree with it.
	Lid [2]float32
	// Gaze is each iris' offset from its place in the picture, head units, +x to the picture's right, +y down.
	Gaze [2]struct{ X, Y float32 }
	// Jaw is how far the lower jaw hangs, in head units (0 with teeth closed): it carries lower teeth and tongue.
	Jaw float32
	// MouthOpen is the gap between the inner lips at their middle, head units; exactly 0 when they touch.
	MouthOpen float32
	// Breath is the chest's rise, -1..1; Lean is the torso's shift in crop units that follows large head moves.
	Breath float32
	Lean   struct{ X, Y float32 }

	// Marker is drawn as a code in the picture when HasMarker is set (latency measuring).
	HasMarker bool
	Marker    uint16
}
