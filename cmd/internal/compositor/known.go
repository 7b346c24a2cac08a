package compositor

import (
	"context"
	"errors"
	"fmt"

	"github.com/gioconda-live/gioconda/models/mesh"
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

// under adds to a job what further views know beyond the geometric layer, where the learned one paints over that.
func (s *Subject) under(job *pipeline.Job) {
	if s.tuned {
		addTo(job, s.plain, 0)
	}
}

// know adds to a job what further views know beyond the geometric layer, or beyond both where the learned one has painted.
func (s *Subject) know(job *pipeline.Job) {
	switch {
	case s.tuned: // under has
	case s.painted:
		addTo(job, s.whole, s.paint.Left())
	default:
		addTo(job, s.plain, 0)
	}
}

// addTo has posed, which may be nil, paint from the column left on.
func addTo(job *pipeline.Job, posed *views.Posed, left int) {
	if posed == nil || job.Err != nil {
		return
	}
	began := cputime.Thread()
	job.Err = posed.Paint(job.Dst, job.State, left)
	job.First += cputime.Thread() - began
}
