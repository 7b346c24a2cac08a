package behind

import (
	"image"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/persona/raster"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	cells     = 256  // of the person's mask along an edge of the square
	faintest  = 0.1  // opacity from which on a cell may be person: soft hair counts
	margin    = 3    // cells around the person in which a picture's background is distrusted
	ownMargin = 6    // and the portrait's: cameras sharpen, and who draws it distrusts more
	headWide  = 0.53 // half width of an average head over the width of its face's outline
	headAbove = 0.75 // how far it rises above the face's middle, over the outline's height: hair
	headBelow = 0.52
)

// square is the portrait's square as img shows it.
func (c *Collector) square(img *image.RGBA, p persona.Place) *image.RGBA {
	return raster.Resample(img, raster.Area{X: p.X, Y: p.Y, W: p.Edge, H: p.Edge}, c.edge, c.edge)
}

// inside is 1 where p's picture reaches in the portrait's square.
func (c *Collector) inside(p *Picture) *planar.Plane {
	in := planar.New(p.Image.Rect.Dx(), p.Image.Rect.Dy())
	for o := range in.Pix {
		in.Pix[o] = 1
	}
	if p.Inside != nil {
		in = planar.FromGray(p.Inside)
	}
	step := p.Place.Edge / float64(c.edge)
	out := in.Resample(c.edge, c.edge, p.Place.X, p.Place.Y, step)
	for o := range out.Pix {
		x, y := p.Place.X+(float64(o%c.edge)+0.5)*step, p.Place.Y+(float64(o/c.edge)+0.5)*step
		if x < 0 || y < 0 || x > float64(in.W) || y > float64(in.H) {
			out.Pix[o] = 0
		}
	}
	return out
}

// opacity is the most opacity that is found in a square, looked at as it is and in a mirror, cells x cells. The network is no judge of
// what it is sure to be background: what one of two looks takes for a person is left alone.
func (c *Collector) opacity(square *image.RGBA) (*planar.Plane, error) {
	out := planar.New(cells, cells)
	small := raster.Resample(square, raster.Area{W: float64(c.edge), H: float64(c.edge)}, cells, cells)
	for _, mirror := range []bool{false, true} {
		look := small
		if mirror {
			look = mirrored(small)
		}
		m, err := c.matter.Matte(look)
		if err != nil {
			return nil, err
		}
		grey := planar.FromGray(m)
		grey = grey.Resample(cells, cells, 0, 0, float64(grey.W)/cells)
		for o := range out.Pix {
			from := o
			if mirror {
				from = o - o%cells + cells - 1 - o%cells
			}
			out.Pix[o] = max(out.Pix[o], grey.Pix[from])
		}
	}
	return out, nil
}

func mirrored(m *image.RGBA) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	w := m.Rect.Dx()
	for o := range w * m.Rect.Dy() {
		copy(out.Pix[4*(o-o%w+w-1-o%w):][:4], m.Pix[4*o:])
	}
	return out
}

// addHead adds what an average head covers around a face, whose points are in units of the square: landmarks are the surer witness.
func addHead(person *planar.Plane, face *[landmark.Count]landmark.Point) {
	lo, hi := face[motion.ChinTip], face[motion.ChinTip]
	for _, i := range motion.FaceOval() {
		p := face[i]
		lo.X, lo.Y, hi.X, hi.Y = min(lo.X, p.X), min(lo.Y, p.Y), max(hi.X, p.X), max(hi.Y, p.Y)
	}
	x, y := (lo.X+hi.X)/2*cells, (lo.Y+hi.Y)/2*cells
	w, h := max(hi.X-lo.X, 1e-3)*cells, max(hi.Y-lo.Y, 1e-3)*cells
	for o := range person.Pix {
		dx, dy := (float32(o%cells)+0.5-x)/(headWide*w), (float32(o/cells)+0.5-y)/h
		if dy < 0 {
			dy /= headAbove
		} else {
			dy /= headBelow
		}
		if dx*dx+dy*dy < 1 {
			person.Pix[o] = 1
		}
	}
}

// clear is 1 where neither the person is near, within so many cells, nor the picture ends.
func (c *Collector) clear(person, inside *planar.Plane, margin int) *planar.Plane {
	for o, v := range person.Pix {
		if v > faintest {
			person.Pix[o] = 1
		} else {
			person.Pix[o] = 0
		}
	}
	wide := person.Dilate(margin).Resample(c.edge, c.edge, 0, 0, cells/float64(c.edge))
	for o, v := range wide.Pix {
		if v < 0.01 && inside.Pix[o] > 0.99 {
			wide.Pix[o] = 1
		} else {
			wide.Pix[o] = 0
		}
	}
	return wide
}
