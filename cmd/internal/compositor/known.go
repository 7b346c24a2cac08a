package compositor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline"
	"github.com/gioconda-live/gioconda/pipeline/cputime"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// knows is what a persona's further views add: to the geometric layer alone, and to both, where the learned one is not tuned. nil: nothing.
type knows struct {
	plain once[*views.Views]
	whole once[*views.Views]
}

// add lets s add what the further views of its persona know.
func (c *Cache) add(ctx context.Context, s *Subject, r *prepared, draw *mesh.Renderer, look *portrait.Appearance) error {
	if len(r.asked.Others) == 0 {
		return nil
	}
	v, err := r.know.plain.get(ctx, &c.running, atDesk(c.desks, func() (*views.Views, error) { return c.study(r, draw, nil) }))
	if err != nil {
		return err
	}
	if v != nil {
		s.plain = v.NewPosed()
	}
	if look == nil || look.Tuned() { // which nothing is added to
		return nil
	}
	v, err = r.know.whole.get(ctx, &c.running, atDesk(c.desks, func() (*views.Views, error) { return c.study(r, draw, look) }))
	if err == nil && v != nil {
		s.whole = v.NewPosed()
	}
	return err
}

// study finds what the layers lack of a persona's further views; look is nil for the geometric layer alone.
func (c *Cache) study(r *prepared, from *mesh.Renderer, look *portrait.Appearance) (v *views.Views, err error) {
	draw, err := from.Fork()
	if err != nil {
		return nil, err
	}
	defer draw.Close()
	if look == nil {
		return views.New(r.asked, c.options.Size, draw.Render)
	}
	twin, err := c.model.Twin() // the model itself belongs to who draws
	if err != nil {
		return nil, fmt.Errorf("looking at further views: %w", err)
	}
	defer func() { err = errors.Join(err, twin.Close()) }()
	paint, err := twin.NewPainter(look, c.options.Size)
	if err != nil {
		return nil, err
	}
	return views.New(r.asked, c.options.Size, func(dst *frame.I420, st *motion.State) error {
		if err := draw.Render(dst, st); err != nil {
			return err
		}
		return paint.Paint(dst, st)
	})
}

// adds is what further views add to a job's picture, from the column left on, if the learned layer paints it or not; nil: nothing.
func (s *Subject) adds(painted bool) (posed *views.Posed, left int) {
	if s.tuned || !painted {
		return s.plain, 0
	}
	return s.whole, s.paint.Left()
}

// know adds to a job what further views know, once.
func (s *Subject) know(job *pipeline.Job) {
	if s.known {
		return
	}
	s.known = true
	posed, left := s.adds(s.painted)
	if posed == nil || job.Err != nil {
		return
	}
	began := cputime.Thread()
	job.Err = posed.Paint(job.Dst, job.State, left)
	job.First += cputime.Thread() - began
}

// sharing is what further views add to one picture that is drawn by two: whoever comes first mixes it, then each adds to their own rows.
type sharing struct {
	posed *views.Posed // nil: nothing
	left  int
	state *motion.State

	mu    sync.Mutex // guards the following
	mixed bool
}

// begin is called before the two share a picture.
func (h *sharing) begin(posed *views.Posed, left int, state *motion.State) {
	h.posed, h.left, h.state, h.mixed = posed, left, state, false
}

// mix waits until it is mixed.
func (h *sharing) mix() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.mixed {
		h.posed.Mix(h.state)
		h.mixed = true
	}
}

// add adds to the rows from y0 to y1 of dst.
func (h *sharing) add(dst *frame.I420, y0, y1 int) error {
	if h.posed == nil || y0 >= y1 {
		return nil
	}
	h.mix()
	return h.posed.PaintRows(dst, planar.Band{Y0: y0, Y1: y1}, h.left)
}
