package teach

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/gioconda-live/gioconda/models/behind"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	mostReveals = 20   // pictures that are looked at for what is behind the head
	apart       = 0.01 // of a film, between two of them: neighbours show the same
	leastNews   = 0.01 // of the head, that a picture must show anew
)

// reveal adds to p, whose face is that of first, what the pictures show of the background where its person is. Pictures that are no views,
// since others show the same, count as well; those that are only tuned to do not.
func (c *contact) reveal(ctx context.Context, a album, p *persona.Persona, first int) error {
	o := c.options
	numbers := c.revealing(p, first)
	if p.Full == nil || len(numbers) == 0 {
		return nil
	}
	deps, err := o.Maker.Deps()
	if err != nil {
		return err
	}
	var all *behind.Collector
	if err = o.turn(ctx, func() (err error) { all, err = behind.New(&p.View, deps.Analyser); return err }); err != nil {
		return err
	}
	add := func(b *behind.Picture) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		refused := all.Add(b)
		if errors.Is(refused, behind.ErrRefused) {
			return nil
		}
		return refused
	}
	var fresh []int
	for _, n := range numbers {
		if n >= c.held {
			fresh = append(fresh, n-c.held)
			continue
		}
		if err = o.turn(ctx, func() error { return add(again(p, c.seen[n].view, &c.seen[n].sample)) }); err != nil {
			return err
		}
	}
	if len(fresh) > 0 {
		err = a.fetch(ctx, fresh, func(n int, picture *picked) error {
			return add(picturedLike(p, picture.image, &c.seen[n+c.held].sample))
		})
		if err != nil {
			return err
		}
	}
	return o.turn(ctx, func() error {
		var found behind.Found
		p.Behind, found = all.Finish()
		if o.Revealed != nil {
			o.Revealed(found)
		}
		return nil
	})
}

// picturedLike is a picture by the camera of p's.
func picturedLike(p *persona.Persona, m *image.RGBA, one *landmark.Sample) *behind.Picture {
	width, height := p.Full.Size()
	w, h := float64(m.Rect.Dx()), float64(m.Rect.Dy())
	scale := w / float64(width)
	if math.Abs(h-scale*float64(height)) > 2 {
		scale = 0 // of another shape: by another camera
	}
	return &behind.Picture{Image: m, Place: persona.Place{X: scale * p.Place.X, Y: scale * p.Place.Y, Edge: scale * p.Place.Edge}, Points: &one.Points}
}

// again is a view that p had already, by the same camera; one are its landmarks in units of its crop.
func again(p *persona.Persona, v *persona.View, one *landmark.Sample) *behind.Picture {
	scale := float64(v.Crop.Rect.Dx()) / v.Place.Edge
	return &behind.Picture{
		Image: v.Crop, Inside: v.Inside, Points: &one.Points,
		Place: persona.Place{X: scale * (p.Place.X - v.Place.X), Y: scale * (p.Place.Y - v.Place.Y), Edge: scale * p.Place.Edge},
	}
}

// oval is about where a head is, in pixels of the whole picture of the face that is shown.
type oval struct{ x, y, w, h float64 }

// headOf is that of a picture.
func (c *contact) headOf(n int, width float64) oval {
	s := &c.seen[n]
	x, y, scale := 0.0, 0.0, width
	if s.view != nil {
		x, y, scale = s.view.Place.X, s.view.Place.Y, s.view.Place.Edge
	}
	lo, hi := s.sample.Points[motion.ChinTip], s.sample.Points[motion.ChinTip]
	for _, i := range motion.FaceOval() {
		q := s.sample.Points[i]
		lo.X, lo.Y, hi.X, hi.Y = min(lo.X, q.X), min(lo.Y, q.Y), max(hi.X, q.X), max(hi.Y, q.Y)
	}
	w, h := scale*float64(hi.X-lo.X), scale*float64(hi.Y-lo.Y)
	return oval{x + scale*float64(lo.X+hi.X)/2, y + scale*float64(lo.Y+hi.Y)/2 - 0.15*h, 0.65 * w, 0.75 * h}
}

func (e *oval) holds(x, y float64) bool {
	dx, dy := (x-e.x)/e.w, (y-e.y)/e.h
	return dx*dx+dy*dy < 1
}

// revealing lists the pictures whose heads leave most of p's uncovered, each part in three of them if there are.
func (c *contact) revealing(p *persona.Persona, first int) (numbers []int) {
	if p.Full == nil {
		return nil
	}
	const grid = 32
	width, _ := p.Full.Size()
	own := c.headOf(first, float64(width))
	var at [][2]float64
	for j := range grid {
		for i := range grid {
			x, y := own.x+own.w*(2*float64(i)+1-grid)/grid, own.y+own.h*(2*float64(j)+1-grid)/grid
			if own.holds(x, y) {
				at = append(at, [2]float64{x, y})
			}
		}
	}
	worth := [...]float64{1, 0.7, 0.5, 0.1, 0} // of being seen once more
	times := make([]int, len(at))
	news := func(n int) (sum float64) {
		head := c.headOf(n, float64(width))
		for k, q := range at {
			if !head.holds(q[0], q[1]) {
				sum += worth[min(times[k], len(worth)-1)]
			}
		}
		return sum
	}
	gap := int(apart * float64(len(c.seen)))
	open := make([]bool, len(c.seen))
	for n := range open {
		open[n] = n != first && c.seen[n].code == "" && (n < c.held || !c.beside(c.seen[n].number))
	}
	for len(numbers) < mostReveals {
		best, most := -1, leastNews*float64(len(at))
		for n, may := range open {
			if may {
				if v := news(n); v > most {
					best, most = n, v
				}
			}
		}
		if best < 0 {
			break
		}
		numbers = append(numbers, best)
		head := c.headOf(best, float64(width))
		for k, q := range at {
			if !head.holds(q[0], q[1]) {
				times[k]++
			}
		}
		if open[best] = false; !c.loose {
			for n := max(best-gap, c.held); n <= min(best+gap, len(open)-1); n++ {
				open[n] = false
			}
		}
	}
	return numbers
}

// SaidBehind is what was seen behind the head, in a sentence.
func SaidBehind(f behind.Found) string {
	if f.Seen == 0 {
		return "behind the head next to nothing was seen: the head hardly moved aside, or the camera did not stand still"
	}
	return fmt.Sprintf("%.0f %% of what the person covers of the background was seen, in %d pictures", 100*float64(f.Seen)/float64(f.Covered), f.Pictures)
}
