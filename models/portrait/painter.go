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
	gamut      gamut // of the persona
	size       int
	left       int
	faults     int
}

// Stroke is one picture to repaint. What Painter, Dst and State point to stays the caller's.
type Stroke struct {
	Painter *Painter
	Dst     *frame.I420 // as the geometric layer drew it for State
	State   *motion.State
	// Fault is set by Model.Paint where the network gave nothing usable for a region, which then stayed geometric.
	Fault error

	at    Alignment // of the region, pixels
	share float32
}

var (
	errClosed  = errors.New("portrait: the generator has been closed")
	errNumbers = errors.New("portrait: the generator gave numbers that are not finite")
	errPose    = errors.New("portrait: the head's pose has no place in the picture")
)

// NewPainter prepares a persona for pictures of size x size pixels. It takes a look at the face; many may share a Model.
func (m *Model) NewPainter(a *Appearance, size int) (*Painter, error) {
	if len(a.parts) != len(m.parts) {
		return nil, fmt.Errorf("portrait: the appearance was made by another generator than %s", m.Manifest.Name)
	}
	if size < 2 || size%2 != 0 {
		return nil, fmt.Errorf("portrait: pictures of %d pixels cannot be repainted; use an even size", size)
	}
	return &Painter{model: m, appearance: a, gamut: newGamut(a.persona), size: size}, nil
}

// Split leaves what lies left of share times the width (0..1) to the geometric layer; 0 is nothing.
func (p *Painter) Split(share float32) { p.left = int(min(max(share, 0), 1)*float32(p.size)) &^ 1 }

// Left is the column from which on pictures are repainted.
func (p *Painter) Left() int { return p.left }

// Faults is how many regions of pictures stayed geometric because the network's numbers were of no use.
func (p *Painter) Faults() int { return p.faults }

// Paint repaints dst, which the geometric layer has drawn for st. Where the network says nothing usable (NaN), the
// geometric picture stays and Faults counts it. It does not allocate.
func (p *Painter) Paint(dst *frame.I420, st *motion.State) error {
	one := &p.model.one
	one[0] = Stroke{Painter: p, Dst: dst, State: st}
	p.model.Paint(one[:])
	if err := one[0].Fault; !errors.Is(err, errNumbers) && !errors.Is(err, errPose) {
		return err
	}
	return nil
}

// Paint repaints a batch: part by part, in runs of the sizes that are prepared. Every Painter is this Model's, none comes
// twice. A region for which the network has nothing usable stays geometric: the Stroke's Fault says why, its Painter
// counts it, the others are painted. It does not allocate once it has seen its largest batch.
func (m *Model) Paint(batch []Stroke) {
	for i := range batch {
		s := &batch[i]
		s.Fault = nil
		switch size := s.Painter.size; {
		case len(m.parts) == 0:
			s.Fault = errClosed
		case s.Dst.Width != size || s.Dst.Height != size:
			s.Fault = fmt.Errorf("portrait: a %dx%d picture was given to a painter of %d pixels", s.Dst.Width, s.Dst.Height, size)
		}
	}
	for k, p := range m.parts {
		m.queue = m.queue[:0]
		for i := range batch {
			if s := &batch[i]; s.Fault == nil && s.place(p) {
				m.queue = append(m.queue, s)
			}
		}
		for todo := m.queue; len(todo) > 0; {
			g := p.fit(len(todo))
			n := min(len(todo), g.rows)
			p.paint(k, g, todo[:n])
			todo = todo[n:]
		}
	}
	clear(m.queue)
}

// place finds the region in the picture; false if there is nothing to do.
func (s *Stroke) place(p *part) bool {
	at := p.region.Align(&s.State.Head, p.region.Anchor(&s.Painter.appearance.persona.Face))
	if !at.usable() {
		s.fail(errPose)
		return false
	}
	s.at = at.Scaled(float32(s.Painter.size))
	s.share = p.share(s.State)
	return s.share > 0
}

func (s *Stroke) fail(err error) {
	s.Fault = err
	s.Painter.faults++
}

// Rows are those of the picture that Paint may read or change for st, even numbers; none where it has nothing to do.
func (p *Painter) Rows(st *motion.State) (y0, y1 int) {
	const reach = 8 // of interpolation, in luma and in chroma, and of rounding
	y0, y1 = p.size, 0
	for _, q := range p.model.parts {
		at := q.region.Align(&st.Head, q.region.Anchor(&p.appearance.persona.Face))
		if !at.usable() || q.share(st) <= 0 {
			continue
		}
		at = at.Scaled(float32(p.size))
		e := q.region.Edge
		_, top, _, low := at.cover(box{0, 0, e, e}, p.size, p.size)
		y0, y1 = min(y0, top-reach), max(y1, low+reach)
	}
	if y0 >= y1 {
		return 0, 0
	}
	return max(y0, 0) &^ 1, min(y1+1, p.size) &^ 1
}

// paint runs the k-th part once for a few pictures.
func (p *part) paint(k int, g *press, strokes []*Stroke) {
	for row, s := range strokes {
		a := s.Painter.appearance
		g.give(row, a.parts[k])
		rest := &a.persona.Face
		g.view.look(row, s.Dst, &s.at, s.State, rest, p.region.Anchor(rest))
	}
	if err := g.session.Run(); err != nil {
		for _, s := range strokes {
			s.fail(err)
		}
		return
	}
	for row, s := range strokes {
		if !g.lay(row, s.Dst, &s.at, s.share, s.Painter.left, &s.Painter.gamut) {
			s.fail(errNumbers)
		}
	}
}
