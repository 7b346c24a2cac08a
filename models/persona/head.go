package persona

import (
	"image"
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	sureInset  = 0.05 // of the face's height: landmarks may run so far outside the cheek
	doubtShare = 0.12 // of the face that a matte may miss and still be right about the rest
	tightBelow = 0.22 // of the face's height: room below a chin that shows a neck
)

// headShape is where the landmarks of a face say that the head is, in cells of a coarse matte.
type headShape struct {
	outline []motion.Vec3 // of the face, closed
	middle  motion.Vec3
	up      motion.Vec3 // unit vector, from chin to forehead
	height  float32     // of the face
}

// newHeadShape measures a face whose points are in units of the crop, in a matte of side cells.
func newHeadShape(points *[landmark.Count]landmark.Point, side float32) headShape {
	at := func(i uint16) motion.Vec3 { return motion.Vec3{X: points[i].X * side, Y: points[i].Y * side} }
	var s headShape
	for _, i := range motion.FaceOval() {
		p := at(i)
		s.outline = append(s.outline, p)
		s.middle.X += p.X / 36
		s.middle.Y += p.Y / 36
	}
	top, chin := s.outline[0], at(motion.ChinTip)
	dx, dy := float64(top.X-chin.X), float64(top.Y-chin.Y)
	s.height = float32(max(math.Hypot(dx, dy), 1))
	s.up = motion.Vec3{X: float32(dx) / s.height, Y: float32(dy) / s.height}
	return s
}

// depth is how far (x, y) lies inside the outline grown by wide to the sides and by high upwards, along the ray from the middle, as a
// share of the face's height; negative outside.
func (s *headShape) depth(x, y, wide, high float32) float32 {
	dx, dy := x-s.middle.X, y-s.middle.Y
	rise := dx*s.up.X + dy*s.up.Y
	aside := -dx*s.up.Y + dy*s.up.X
	aside /= wide
	if rise > 0 {
		rise /= high
	}
	px, py := s.middle.X+rise*s.up.X-aside*s.up.Y, s.middle.Y+rise*s.up.Y+aside*s.up.X
	return s.radius(px, py) / s.height
}

// radius is how far (x, y) lies inside the outline, cells, along the ray from the middle.
func (s *headShape) radius(x, y float32) float32 {
	dx, dy := x-s.middle.X, y-s.middle.Y
	far := float32(math.Hypot(float64(dx), float64(dy)))
	if far < 1e-3 {
		return s.height
	}
	dx, dy = dx/far, dy/far
	best := float32(0)
	for i, p := range s.outline {
		q := s.outline[(i+1)%len(s.outline)]
		px, py, ex, ey := p.X-s.middle.X, p.Y-s.middle.Y, q.X-p.X, q.Y-p.Y
		det := dx*ey - dy*ex
		if det > -1e-6 && det < 1e-6 {
			continue
		}
		along, t := (px*ey-py*ex)/det, (px*dy-py*dx)/det
		if t >= 0 && t <= 1 {
			best = max(best, along)
		}
	}
	return best - far
}

// neck tells the column below the face that is neck.
func (s *headShape) neck(x, y float32) bool {
	dx, dy := x-s.middle.X, y-s.middle.Y
	rise, aside := dx*s.up.X+dy*s.up.Y, -dx*s.up.Y+dy*s.up.X
	return rise < 0 && aside > -0.26*s.height && aside < 0.26*s.height
}

// trustFace makes the inside of the face opaque: landmarks are the surer witness. Where the matte misses more of the face than a
// stray cell, it is not believed about the head either, which gets the shape that heads have. It tells how much was missed, 0..1.
func trustFace(m *image.Gray, points *[landmark.Count]landmark.Point) float64 {
	side := m.Rect.Dx()
	s := newHeadShape(points, float32(side))
	face, missed := 0.0, 0.0
	for y := range side {
		for x := range side {
			if s.depth(float32(x)+0.5, float32(y)+0.5, 1, 1) < sureInset {
				continue
			}
			p := &m.Pix[y*m.Stride+x]
			face++
			if *p < 128 {
				missed++
			}
			*p = 255
		}
	}
	share := missed / max(face, 1)
	if share > doubtShare {
		s.fillHead(m)
	}
	return share
}

// fillHead makes opaque what an average head and neck would cover, softly at the edge.
func (s *headShape) fillHead(m *image.Gray) {
	const wide, high, soft = 1.14, 1.45, 0.04
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			px, py := float32(x)+0.5, float32(y)+0.5
			a := min(max(0.5+s.depth(px, py, wide, high)/soft, 0), 1)
			if s.neck(px, py) {
				a = 1
			}
			p := &m.Pix[y*m.Stride+x]
			*p = max(*p, uint8(255*a))
		}
	}
}

// checkTight warns where the picture ends before a neck is to be seen, or where the person could not be told from the background
// (missed, as of trustFace). It reports whether the edge of the head has been explained, by this or by an earlier warning.
func (b *builder) checkTight(missed float64) bool {
	edge := float64(b.persona.Crop.Rect.Dy())
	box := faceBounds(&b.face.Points).scaled(edge)
	switch {
	case slices.ContainsFunc(b.persona.Manifest.Warnings, func(w Warning) bool { return w.Code == CodeFaceCut }):
	case float64(b.known.Max.Y) < box.y1+tightBelow*box.height():
		b.warn(WarnTight, "The picture ends close about the face, so the neck and the edge of the head must be guessed; "+
			"a picture with hair and shoulders works better.")
	case missed > doubtShare:
		b.warn(WarnBackground, "The person is hard to tell from the background, so the edge of the head must be guessed; "+
			"a picture with a plain background works better.")
	default:
		return false
	}
	return true
}
