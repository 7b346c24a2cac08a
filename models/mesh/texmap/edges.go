package texmap

import "github.com/gioconda-live/gioconda/models/mesh/planar"

// edges are a triangle's sides from top to bottom: the long one, then the upper and lower short ones.
type edges struct {
	x0, y0, x1, y1, y2 float32
	long, upper, lower float32 // slopes dx/dy
}

func newEdges(x0, y0, x1, y1, x2, y2 float32) edges {
	return edges{x0, y0, x1, y1, y2, slope(x2-x0, y2-y0), slope(x1-x0, y1-y0), slope(x2-x1, y2-y1)}
}

// slope is dx/dy, of a level side 0: a row whose pixels' centres lie on that side begins or ends at its corners.
func slope(dx, dy float32) float32 {
	if dy == 0 {
		return 0
	}
	return dx / dy
}

// rows is the range of pixel rows whose centres the triangle crosses, within the band.
func (e *edges) rows(bd planar.Band) (from, to int) {
	return max(rounded(e.y0), bd.Y0), min(rounded(e.y2), bd.Y1)
}

// span is the range of pixels on row y whose centres lie inside, within [0, width).
func (e *edges) span(y, width int) (from, to int) {
	yc := float32(y) + 0.5
	a := e.x0 + float32((yc-e.y0)*e.long)
	var b float32
	if yc < e.y1 {
		b = e.x0 + float32((yc-e.y0)*e.upper)
	} else {
		b = e.x1 + float32((yc-e.y1)*e.lower)
	}
	from, to = rounded(a), rounded(b)
	if from > to {
		from, to = to, from
	}
	return max(from, 0), min(to, width)
}

// outline is that of a triangle, and the same at half its scale. Its corners are sorted by y, so that neighbours compute a shared edge by
// the same operations.
func outline(a, b, c *Vertex) (luma, chroma edges) {
	if b.Y < a.Y {
		a, b = b, a
	}
	if c.Y < a.Y {
		a, c = c, a
	}
	if c.Y < b.Y {
		b, c = c, b
	}
	e := newEdges(a.X, a.Y, b.X, b.Y, c.X, c.Y)
	return e, edges{e.x0 / 2, e.y0 / 2, e.x1 / 2, e.y1 / 2, e.y2 / 2, e.long, e.upper, e.lower} // slopes stay: halves are exact
}
