package persona

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

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

// largest is the index of the face with the largest box, the first among equals.
func largest(faces []Face) int {
	best, area := 0, 0.0
	for i := range faces {
		if b := faceBounds(&faces[i].Points); b.width()*b.height() > area {
			best, area = i, b.width()*b.height()
		}
	}
	return best
}

// fromLeft sorts faces by where their middles are across the picture.
func fromLeft(faces []Face) []Face {
	middle := func(f *Face) float64 {
		b := faceBounds(&f.Points)
		return b.x0 + b.x1
	}
	slices.SortStableFunc(faces, func(a, b Face) int { return cmp.Compare(middle(&a), middle(&b)) })
	return faces
}

// FaceBox is where a face lies in a picture: its skin from forehead to chin, in pixels of the upright picture. Score is the
// probability that it is one.
type FaceBox struct {
	X, Y, Width, Height float64
	Score               float32
}

// FaceBoxes lists the faces of a picture from the left: the first one is number 1 of Options.Face. size is the picture's
// width and height, upright. A picture that cannot be read is refused with an *Error.
func FaceBoxes(ctx context.Context, src []byte, deps Deps, opts Options) (size [2]int, boxes []FaceBox, err error) {
	b := &builder{analyser: deps.Analyser, opts: opts, persona: &Persona{}}
	if err = b.decode(ctx, src); err != nil {
		return size, nil, err
	}
	faces, err := b.faces()
	if err != nil {
		return size, nil, fmt.Errorf("looking for faces: %w", err)
	}
	size = b.persona.Manifest.SourceSize
	for i := range faces {
		box := faceBounds(&faces[i].Points).scaled(float64(size[0]))
		boxes = append(boxes, FaceBox{X: box.x0, Y: box.y0, Width: box.width(), Height: box.height(), Score: faces[i].Score})
	}
	return size, boxes, nil
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
