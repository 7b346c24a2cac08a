package outpaint

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// side is a side of the square.
type side int

const (
	left side = iota
	right
)

const (
	leastFall = 0.25 // how steeply a body's outline falls away from the square at least, rows for each column
	mostFall  = 8
	steeper   = 8 // how much steeper it gets over one edge of the square: a shoulder is round
	inset     = 3 // columns next to the square's edge that are not trusted

	bodySoftening = 0.05 // as softening, of a body: its outline stays one
)

// body continues the person beyond one side of the square, if the square cuts it there.
func (w *wide) body(at side) {
	tops := w.outline(at)
	top := tops[inset]
	if top >= float32(w.edge) {
		return
	}
	n := max(w.edge/30, 1) // columns over which the outline's fall is measured
	fall := min(max((top-tops[inset+n])/float32(n), leastFall), mostFall)
	person := newSoft([]*planar.Plane{w.person[0], w.person[1], w.person[2], w.alpha}, bodySoftening*float32(w.from))
	width := w.out[0].W
	w.beside(func(x int, distance float32) {
		if (x > w.from) != (at == right) {
			return
		}
		in := max(w.inward(distance), inset)
		column := w.column(at, in)
		// Rows are counted from the outline, here and where the picture comes from.
		here := top + fall*distance + steeper*distance*distance/float32(2*w.edge)
		there := tops[min(int(in), len(tops)-1)]
		for y := max(int(here)-w.edge/8, 0); y < w.edge; y++ {
			v := min(float32(y)+0.5-here+there, float32(w.edge)-0.5)
			if v < 0 {
				continue
			}
			a := person.at(3, column, v, bodySoftening*distance)
			if a <= 0 {
				continue
			}
			for k := range 3 {
				d := &w.out[k].Pix[y*width+x]
				*d = *d*(1-a) + person.at(k, column, v, bodySoftening*distance)
			}
		}
	})
}

// column is the square's column that lies in from its edge at a side, pixels.
func (w *wide) column(at side, in float32) float32 {
	if at == right {
		return float32(w.edge) - in
	}
	return in
}

// outline is the row where the person's body begins, for columns from a side's edge inwards, as it is met from below; edge where
// there is none. It is smoothed.
func (w *wide) outline(at side) []float32 {
	tops := planar.New(w.edge/3, 1)
	for i := range tops.Pix {
		x := i
		if at == right {
			x = w.edge - 1 - i
		}
		y := w.edge
		for y > 0 && w.alpha.Pix[(y-1)*w.edge+x] >= 0.5 {
			y--
		}
		tops.Pix[i] = float32(y)
	}
	return tops.Blur(w.edge / 250).Pix
}
