package persona

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// bounds is an upright box.
type bounds struct{ x0, y0, x1, y1 float64 }

func (b bounds) width() float64  { return b.x1 - b.x0 }
func (b bounds) height() float64 { return b.y1 - b.y0 }

func (b bounds) scaled(s float64) bounds { return bounds{b.x0 * s, b.y0 * s, b.x1 * s, b.y1 * s} }

// faceBounds is the box of the skin landmarks, forehead to chin, in their units.
func faceBounds(points *[landmark.Count]landmark.Point) bounds {
	b := bounds{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range points[:landmark.SkinCount] {
		b.x0, b.x1 = min(b.x0, float64(p.X)), max(b.x1, float64(p.X))
		b.y0, b.y1 = min(b.y0, float64(p.Y)), max(b.y1, float64(p.Y))
	}
	return b
}

// eyeCentre is the middle of two corners.
func eyeCentre(points *[landmark.Count]landmark.Point, a, b int) (x, y, z float64) {
	p, q := points[a], points[b]
	return float64(p.X+q.X) / 2, float64(p.Y+q.Y) / 2, float64(p.Z+q.Z) / 2
}

// eyeDistance is the distance between the eye centres in 3D, in the landmarks' unit.
func eyeDistance(points *[landmark.Count]landmark.Point) float64 {
	x0, y0, z0 := eyeCentre(points, motion.LeftEyeOuter, motion.LeftEyeInner)
	x1, y1, z1 := eyeCentre(points, motion.RightEyeOuter, motion.RightEyeInner)
	return math.Hypot(math.Hypot(x1-x0, y1-y0), z1-z0)
}

func distance(a, b landmark.Point) float64 {
	return math.Hypot(math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y)), float64(a.Z-b.Z))
}

// usable leaves out faces with points that are not numbers or have no extent.
func usable(faces []Face) []Face {
	var out []Face
	for _, f := range faces {
		sum := 0.0
		for _, p := range f.Points {
			sum += float64(p.X) + float64(p.Y) + float64(p.Z)
		}
		b := faceBounds(&f.Points)
		if !math.IsNaN(sum) && !math.IsInf(sum, 0) && b.width() > 0 && b.height() > 0 && eyeDistance(&f.Points) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// largest picks the face with the largest box, the first among equals.
func largest(faces []Face) Face {
	best, area := faces[0], 0.0
	for _, f := range faces {
		if b := faceBounds(&f.Points); b.width()*b.height() > area {
			best, area = f, b.width()*b.height()
		}
	}
	return best
}

// nearest picks the face that lies where want does, within a quarter of its size, or none.
func nearest(faces []Face, want *Face) (Face, bool) {
	w := faceBounds(&want.Points)
	for _, f := range faces {
		b := faceBounds(&f.Points)
		off := math.Hypot((b.x0+b.x1-w.x0-w.x1)/2, (b.y0+b.y1-w.y0-w.y1)/2)
		if ratio := b.height() / w.height(); off < w.height()/4 && ratio > 0.75 && ratio < 1.33 {
			return f, true
		}
	}
	return Face{}, false
}

// distinct drops faces that were found before: two detections may settle on one face.
func distinct(found []Face) []Face {
	var faces []Face
	for i := range found {
		if _, known := nearest(faces, &found[i]); !known {
			faces = append(faces, found[i])
		}
	}
	return faces
}

// headMiddle is where the head has its middle across, in the landmarks' unit: halfway between the face and what lies
// behind it, so that the back of a turned head has room.
func headMiddle(points *[landmark.Count]landmark.Point) float64 {
	box := faceBounds(points)
	pose := motion.NewFitter().FitAverage(points)
	depth := pose.Apply(motion.Vec3{Y: 0.3, Z: 1.2})
	// A fit gone wrong must not push the face out of the frame.
	shift := max(-box.width()/2, min(box.width()/2, (float64(depth.X)-(box.x0+box.x1)/2)/2))
	return (box.x0+box.x1)/2 + shift
}

// square is a framing in whole pixels of the source.
type square struct{ x, y, edge int }

const (
	wideFrame   = 2.6  // edge over face height, where the picture has room
	tightFrame  = 1.5  // below this the frame rather leaves the picture
	faceLevel   = 0.46 // of the frame's height, where the middle of the face is
	maxCropEdge = 1024
	minCropEdge = 512
)

// frameSquare puts a square about head and shoulders: as wide as wanted and inside the picture where it can be,
// narrower where the picture is, beyond the picture only when the face fills it. face, and the middle of the head, are
// in pixels of the picture.
func frameSquare(face bounds, middle float64, w, h int) square {
	size := max(face.height(), 1.15*face.width()) // a head that is tilted back or turned up shows less height
	edge := max(tightFrame*size, min(wideFrame*size, float64(min(w, h))))
	s := square{edge: max(1, int(math.Round(edge)))}
	s.x = inside(middle-edge/2, s.edge, w)
	s.y = inside((face.y0+face.y1)/2-edge*faceLevel, s.edge, h)
	return s
}

// inside moves a span of edge pixels into 0..size when it fits. One that does not fit covers all of it and keeps
// as near to start as that allows.
func inside(start float64, edge, size int) int {
	at := int(math.Round(start))
	if edge <= size {
		return max(0, min(at, size-edge))
	}
	return max(size-edge, min(at, 0))
}

// cropEdge is the crop's size for a framing of n source pixels: a multiple of 16.
func cropEdge(n, limit int) int {
	return max(32, min(max(n, minCropEdge), limit, maxCropEdge)/16*16)
}
