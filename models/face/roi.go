package face

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// ROI is a square region of a picture, in pixels: its centre, its side, and the angle in radians by which it is turned
// clockwise as seen on the screen.
type ROI struct {
	CX, CY, Side, Angle float32
}

// expansion is how much larger than the face its region is, so that the face stays inside until the next frame.
const expansion = 1.5

// square is the region that holds the whole picture.
func (m Image) square() ROI {
	return ROI{CX: float32(m.Width) / 2, CY: float32(m.Height) / 2, Side: float32(max(m.Width, m.Height))}
}

// plane maps positions of a crop, -0.5 to 0.5 on both axes, to pixels.
type plane struct {
	cx, cy         float64
	ux, uy, vx, vy float64
}

func (r ROI) plane() plane {
	sin, cos := math.Sincos(float64(r.Angle))
	s := float64(r.Side)
	return plane{cx: float64(r.CX), cy: float64(r.CY), ux: s * cos, uy: s * sin, vx: -s * sin, vy: s * cos}
}

func (p plane) at(u, v float64) (x, y float64) {
	return p.cx + u*p.ux + v*p.vx, p.cy + u*p.uy + v*p.vy
}

// usable reports whether the region is worth looking at: finite, of some size, and with its centre near the picture.
func (r ROI) usable(m Image) bool {
	w, h := float32(m.Width), float32(m.Height)
	return r.Side >= 8 && r.Side <= 8*max(w, h) && r.CX > -w && r.CX < 2*w && r.CY > -h && r.CY < 2*h &&
		r.Angle >= -4 && r.Angle <= 4
}

// Region returns where in the picture the landmark network should look for the face of d.
func (d *Detection) Region() ROI {
	from, to := d.Keypoints[0], d.Keypoints[1]
	return ROI{
		CX: d.X + d.Width/2, CY: d.Y + d.Height/2, Side: expansion * max(d.Width, d.Height),
		Angle: float32(math.Atan2(float64(to[1]-from[1]), float64(to[0]-from[0]))),
	}
}

// regionOf returns where to look next for a face whose landmarks, in units of the picture's width, are known.
func regionOf(points *[landmark.Count]landmark.Point, width int) ROI {
	low, high := points[0], points[0]
	for _, p := range points {
		low.X, high.X = min(low.X, p.X), max(high.X, p.X)
		low.Y, high.Y = min(low.Y, p.Y), max(high.Y, p.Y)
	}
	from, to := points[motion.LeftEyeOuter], points[motion.RightEyeOuter]
	w := float32(width)
	return ROI{
		CX: (low.X + high.X) / 2 * w, CY: (low.Y + high.Y) / 2 * w,
		Side:  expansion * max(high.X-low.X, high.Y-low.Y) * w,
		Angle: float32(math.Atan2(float64(to.Y-from.Y), float64(to.X-from.X))),
	}
}
