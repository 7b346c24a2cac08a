package behind

import (
	"errors"
	"fmt"
	"image"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Matter tells a person from what is behind them; every persona.Analyser is one.
type Matter interface {
	// Matte returns the person's opacity (255 is person) over the whole of img, stretched to any size.
	Matte(img *image.RGBA) (*image.Gray, error)
}

// Picture is one that may show what is behind the portrait's person.
type Picture struct {
	Image  *image.RGBA   // opaque, bounds from (0, 0)
	Place  persona.Place // where the portrait's square lies in it if its camera stood still, pixels
	Inside *image.Gray   // of Image's size: which pixels were seen (255); nil: all
	// Points are the landmarks of the person's face, in units of Image's width.
	Points *[landmark.Count]landmark.Point
}

// opaque is the matte of what the person covers for certain.
const opaque = 250

// MostPictures is how many pictures a Collector keeps; others are refused.
const MostPictures = 24

// Collector gathers what pictures show behind one portrait's person. It belongs to one goroutine.
type Collector struct {
	matter  Matter
	edge    int
	base    look
	soft    [3]*planar.Plane // its colours without noise
	fine    *planar.Plane    // its fine luma
	matte   *image.Gray      // the portrait's
	person  int              // its pixels that are opaque
	covered []int32          // the pixels that are asked for: all in which the person may be, row by row
	tried   int              // how many pictures were to be added
	shown   []shown
}

// shown is what one picture shows of the covered pixels.
type shown struct {
	colour []byte // three for each
	weight []byte // how much it counts: the less the nearer the person is; 0: not at all
}

// look is a picture in the portrait's square.
type look struct {
	colour [3]*planar.Plane // red, green, blue, 0..255
	clear  *planar.Plane    // 1 where it shows background for certain, else 0
}

// New collects for the portrait base, which stays untouched.
func New(base *persona.View, m Matter) (*Collector, error) {
	c := &Collector{matter: m, edge: base.Crop.Rect.Dx(), matte: base.Matte}
	c.base.colour = planesOf(base.Crop)
	for k, p := range c.base.colour {
		c.soft[k] = p.Blur(1)
	}
	c.fine = fine(luma(c.base.colour), c.edge/fineness)
	person, err := c.opacity(base.Crop)
	if err != nil {
		return nil, err
	}
	own := planar.FromGray(base.Matte).Resample(cells, cells, 0, 0, float64(c.edge)/cells)
	person.AtLeast(own)
	var face [landmark.Count]landmark.Point
	for i, p := range base.Face.Points {
		face[i] = base.Face.Head.Apply(p)
	}
	addHead(person, &face)
	c.base.clear = c.clear(person, planar.FromGray(base.Inside), ownMargin)
	for o, in := range base.Inside.Pix {
		if base.Matte.Pix[o] >= opaque {
			c.person++
		}
		if in == 255 && c.base.clear.Pix[o] == 0 {
			c.covered = append(c.covered, int32(o))
		}
	}
	return c, nil
}

// Reasons of Add for refusing a picture; all are ErrRefused.
var (
	ErrRefused = errors.New("behind: the picture is of no use")
	ErrMany    = fmt.Errorf("%w: there are enough", ErrRefused)
	ErrCoarse  = fmt.Errorf("%w: it is much coarser than the portrait", ErrRefused)
	ErrLittle  = fmt.Errorf("%w: it shares too little background with the portrait", ErrRefused)
	ErrMoved   = fmt.Errorf("%w: the camera was moved", ErrRefused)
	ErrDiffers = fmt.Errorf("%w: it shows another background, or another light", ErrRefused)
)

const coarsest = 0.45 // pixels of a picture for one of the portrait's, at least

// Add takes a picture, which is not kept. A picture that is refused is an ErrRefused; other errors are the Matter's.
func (c *Collector) Add(p *Picture) error {
	if len(c.shown) == MostPictures {
		return ErrMany
	}
	c.tried++
	if !(p.Place.Edge >= coarsest*float64(c.edge)) {
		return ErrCoarse
	}
	place := p.Place
	square := c.square(p.Image, place)
	person, err := c.opacity(square)
	if err != nil {
		return err
	}
	face := *p.Points
	scale := float64(p.Image.Rect.Dx()) / place.Edge
	for i, q := range face {
		face[i].X, face[i].Y = float32(float64(q.X)*scale-place.X/place.Edge), float32(float64(q.Y)*scale-place.Y/place.Edge)
	}
	addHead(person, &face)
	free := c.clear(person, c.inside(p), margin)
	next := &look{planesOf(square), free}
	x, y, err := c.shift(next)
	if err != nil {
		return err
	}
	if x != 0 || y != 0 {
		place.X += x * place.Edge / float64(c.edge)
		place.Y += y * place.Edge / float64(c.edge)
		next.colour = planesOf(c.square(p.Image, place))
	}
	trust, err := c.agree(next)
	if err != nil {
		return err
	}
	c.keep(next, trust)
	return nil
}

// keep writes down what next shows of the covered pixels where it is trusted.
func (c *Collector) keep(next *look, trust *planar.Plane) {
	s := shown{make([]byte, 3*len(c.covered)), make([]byte, len(c.covered))}
	near := c.edge / 64
	weight := next.clear.Erode(near).Blur(near)
	for i, o := range c.covered {
		if next.clear.Pix[o] == 1 && trust.Pix[o] >= leastTrust {
			s.weight[i] = byte(8 + 247*num.Clamp01(weight.Pix[o]))
		}
		for k := range 3 {
			s.colour[3*i+k] = byte(min(max(next.colour[k].Pix[o]+0.5, 0), 255))
		}
	}
	c.shown = append(c.shown, s)
}

func planesOf(m *image.RGBA) (out [3]*planar.Plane) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for k := range out {
		out[k] = planar.New(w, h)
		for o := range w * h {
			out[k].Pix[o] = float32(m.Pix[o/w*m.Stride+o%w*4+k])
		}
	}
	return out
}
