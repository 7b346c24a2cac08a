package texmap

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Restore copies those pixels of src, which has the size of f, into the band of f that Draw would paint for the triangle a, b, c.
func Restore(f, src *frame.I420, bd planar.Band, a, b, c *Vertex) {
	if top, low := min(a.Y, b.Y, c.Y), max(a.Y, b.Y, c.Y); low < float32(bd.Y0-1) || top > float32(bd.Y1+1) || flat(Area(a, b, c)) {
		return
	}
	luma, chroma := outline(a, b, c)
	luma.restore(f.Y, src.Y, f.Width, bd)
	half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
	chroma.restore(f.U, src.U, f.Width/2, half)
	chroma.restore(f.V, src.V, f.Width/2, half)
}

func (e *edges) restore(dst, src []byte, stride int, rows planar.Band) {
	from, to := e.rows(rows)
	for y := from; y < to; y++ {
		if x0, x1 := e.span(y, stride); x0 < x1 {
			copy(dst[y*stride+x0:y*stride+x1], src[y*stride+x0:])
		}
	}
}

// flat tells that a triangle of this area (see Area) is not drawn: it has next to none.
func flat(area float32) bool { return area > -1e-4 && area < 1e-4 }
