package outpaint

import (
	"errors"
	"image"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Scene is a square picture and what is known around it. Nothing in it is changed.
type Scene struct {
	Rest       *frame.I420 // the portrait at rest, with its matte; no badge
	Background *frame.I420 // what it is drawn over, of the same size
	Around     *Around     // nil: nothing is known
}

// Around is a picture of which the square shows a part.
type Around struct {
	Picture    *image.RGBA // opaque
	X, Y, Edge float64     // where the square lies in it, pixels; it may reach beyond
	Person     bool        // the picture shows the person too
}

// Extend is a picture of width x height pixels, both even, width the larger: the portrait at rest in the middle, as high as the
// picture, and what goes on beside it.
//
// Beside the square lie, each over the one before: its background mirrored, stretched the farther out and the more out of focus, so
// that no structure and no seam repeats; what Around shows of a background; the person's body, whose outline goes on falling as it
// does at the edge; what Around shows with the person in it.
func Extend(s *Scene, width, height int) (*frame.I420, error) {
	if s.Rest == nil || s.Rest.Matte == nil || s.Background == nil || s.Background.Width != s.Rest.Width {
		return nil, errors.New("outpaint: a picture with a matte and its background are needed")
	}
	if width <= height || height < 64 {
		return nil, errors.New("outpaint: the picture must be wider than it is high, and at least 64 pixels high")
	}
	w := newWide(s, width, height)
	w.mirror()
	if a := s.Around; a != nil && !a.Person {
		w.show(a)
	}
	w.body(left)
	w.body(right)
	if a := s.Around; a != nil && a.Person {
		w.show(a)
	}
	return w.frame()
}

// wide is the picture while it is made. All planes have full resolution.
type wide struct {
	out    planar.Picture
	from   int            // first column of the square
	edge   int            // of the square
	back   planar.Picture // the square's background
	person planar.Picture // the square's person, over black
	alpha  *planar.Plane  // its opacity, 0..1
}

func newWide(s *Scene, width, height int) *wide {
	w := &wide{out: planar.NewPicture(width, height), from: (width - height) / 2 &^ 1, edge: height}
	rest := enlarged(s.Rest, height)
	w.back = enlarged(s.Background, height)
	w.alpha = plane(s.Rest.Matte.Luma, s.Rest.Width).Resample(height, height, 0, 0, float64(s.Rest.Width)/float64(height))
	w.person = rest.Clone()
	for o, a := range w.alpha.Pix {
		a = num.Clamp01(a / 255)
		w.alpha.Pix[o] = a
		for k := range 3 {
			w.person[k].Pix[o] = rest[k].Pix[o] - (1-a)*w.back[k].Pix[o]
		}
	}
	for k := range 3 {
		for y := range height {
			copy(w.out[k].Pix[y*width+w.from:], rest[k].Pix[y*height:(y+1)*height])
		}
	}
	return w
}

// enlarged is a square picture at edge x edge pixels.
func enlarged(f *frame.I420, edge int) planar.Picture {
	step := float64(f.Width) / float64(edge)
	chroma := func(p []byte) *planar.Plane { return plane(p, f.Width/2).Resample(edge, edge, 0, 0, step/2) }
	return planar.Picture{plane(f.Y, f.Width).Resample(edge, edge, 0, 0, step), chroma(f.U), chroma(f.V)}
}

// plane is a packed plane of bytes as numbers.
func plane(b []byte, width int) *planar.Plane {
	p := planar.New(width, len(b)/width)
	for o, v := range b {
		p.Pix[o] = float32(v)
	}
	return p
}

// beside calls f for every column outside of the square, x in the picture, with its distance to the square in pixels, from 0.5 on.
func (w *wide) beside(f func(x int, distance float32)) {
	for x := range w.from {
		f(x, float32(w.from-x)-0.5)
	}
	for x := w.from + w.edge; x < w.out[0].W; x++ {
		f(x, float32(x-w.from-w.edge)+0.5)
	}
}

// frame is the finished picture.
func (w *wide) frame() (*frame.I420, error) {
	f, err := frame.NewI420(w.out[0].W, w.out[0].H)
	if err != nil {
		return nil, err
	}
	copy(f.Y, w.out[0].Bytes(1))
	copy(f.U, w.out[1].Half().Bytes(1))
	copy(f.V, w.out[2].Half().Bytes(1))
	return f, nil
}
