package portrait

import (
	"errors"
	"fmt"

	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Painter repaints the pictures of one persona at one size. It uses its Model, and so belongs to the Model's goroutine.
type Painter struct {
	model      *Model
	appearance *Appearance
	size       int
	faults     int
}

// NewPainter prepares a persona for pictures of size x size pixels. It is cheap; many may share a Model.
func (m *Model) NewPainter(a *Appearance, size int) (*Painter, error) {
	if len(a.parts) != len(m.parts) {
		return nil, fmt.Errorf("portrait: the appearance was made by another generator than %s", m.Manifest.Name)
	}
	if size < 2 || size%2 != 0 {
		return nil, fmt.Errorf("portrait: pictures of %d pixels cannot be repainted; use an even size", size)
	}
	return &Painter{model: m, appearance: a, size: size}, nil
}

// Paint repaints dst, which the geometric layer has drawn for st. Where the network says nothing usable (NaN), the
// geometric picture stays and Faults counts it. It does not allocate.
func (p *Painter) Paint(dst *frame.I420, st *motion.State) error {
	if dst.Width != p.size || dst.Height != p.size {
		return fmt.Errorf("portrait: a %dx%d picture was given to a painter of %d pixels", dst.Width, dst.Height, p.size)
	}
	if len(p.model.parts) == 0 {
		return errClosed
	}
	rest := &p.appearance.persona.Face
	for i, q := range p.model.parts {
		f := p.appearance.parts[i]
		anchor := q.region.Anchor(rest)
		at := q.region.Align(&st.Head, anchor)
		if !at.usable() {
			p.faults++
			continue
		}
		share := q.trust.in(st.Points[14].Y - st.Points[13].Y)
		if share == 0 {
			continue
		}
		if q.last != f {
			for k, v := range f.values {
				copy(q.appearance[k], v)
			}
			q.last = f
		}
		px := at.Scaled(float32(p.size))
		q.region.Read(q.picture, dst, &px)
		q.draw(q.maps, st, rest, anchor, &at)
		if err := q.generator.Run(); err != nil {
			return err
		}
		if !toYUV(q.difference, share) {
			p.faults++
			continue
		}
		n := q.region.Edge * q.region.Edge
		q.region.add(dst, q.difference, &px, extent(q.planes[PlaneMask*n:(PlaneMask+1)*n], q.region.Edge))
	}
	return nil
}

var errClosed = errors.New("portrait: the generator has been closed")

// Faults is how many regions of pictures stayed geometric because the network's numbers were of no use.
func (p *Painter) Faults() int { return p.faults }
