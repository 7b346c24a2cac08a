package persona

import (
	"image"
	"math"

	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

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
	tightFrame  = 0.9  // below this the frame rather leaves the picture, whose continuation is guesswork
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

// renderCrop draws the framing s of source with edge x edge pixels, continued where it leaves the picture, and tells
// which pixels came from the picture: those of known.
func renderCrop(source *image.RGBA, s square, edge int) (crop *image.RGBA, in *image.Gray, known image.Rectangle) {
	crop = raster.Resample(source, raster.Area{X: float64(s.x), Y: float64(s.y), W: float64(s.edge), H: float64(s.edge)},
		edge, edge)
	step := float64(s.edge) / float64(edge)
	// A pixel is known when it lies in the picture whole.
	known = image.Rect(
		int(math.Ceil(float64(-s.x)/step-1e-6)), int(math.Ceil(float64(-s.y)/step-1e-6)),
		int(math.Floor(float64(source.Rect.Dx()-s.x)/step+1e-6)), int(math.Floor(float64(source.Rect.Dy()-s.y)/step+1e-6)),
	).Intersect(crop.Rect)
	raster.Continue(crop, known)
	in = image.NewGray(crop.Rect)
	for y := known.Min.Y; y < known.Max.Y; y++ {
		row := in.Pix[y*in.Stride:]
		for x := known.Min.X; x < known.Max.X; x++ {
			row[x] = 255
		}
	}
	return crop, in, known
}
