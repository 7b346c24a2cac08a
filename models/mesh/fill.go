package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// colour is limited-range Y, U, V in 16.16 fixed point, with the half that rounds to bytes already added.
type colour [3]int32

// newColour makes a colour of values 0..255.
func newColour(y, u, v float32) colour {
	return colour{fixed(y) + 1<<15, fixed(u) + 1<<15, fixed(v) + 1<<15}
}

// fillTriangle paints the triangle between the points at, their colours and opacities (0..1) interpolated linearly (Gouraud).
// Which pixels it covers is decided as for textures.
func fillTriangle(f *frame.I420, bd planar.Band, at *[3]vertex, c [3]*colour, opacity [3]float32) {
	fillPlane(f.Y, f.Width, bd, at, [3]int32{c[0][0], c[1][0], c[2][0]}, opacity)
	half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
	for i := range at {
		at[i].x, at[i].y = at[i].x*0.5, at[i].y*0.5
	}
	fillPlane(f.U, f.Width/2, half, at, [3]int32{c[0][1], c[1][1], c[2][1]}, opacity)
	fillPlane(f.V, f.Width/2, half, at, [3]int32{c[0][2], c[1][2], c[2][2]}, opacity)
}

// fillPlane fills a triangle with linearly interpolated values, 16.16, and opacities, 0..1.
func fillPlane(dst []byte, stride int, rows planar.Band, p *[3]vertex, val [3]int32, opacity [3]float32) {
	a, b, c := &p[0], &p[1], &p[2]
	x1, y1, x2, y2 := b.x-a.x, b.y-a.y, c.x-a.x, c.y-a.y
	det := x1*y2 - x2*y1
	if det > -1e-4 && det < 1e-4 {
		return
	}
	slope := func(a, b, c float32) (dx, dy float32) {
		b, c = b-a, c-a
		return (b*y2 - c*y1) / det, (c*x1 - b*x2) / det
	}
	v0, o0 := float32(val[0]), 255*opacity[0]
	vx, vy := slope(v0, float32(val[1]), float32(val[2]))
	ox, oy := slope(o0, 255*opacity[1], 255*opacity[2])
	ax, ay := a.x, a.y
	low, high := min(val[0], val[1], val[2]), max(val[0], val[1], val[2])
	if b.y < a.y {
		a, b = b, a
	}
	if c.y < a.y {
		a, c = c, a
	}
	if c.y < b.y {
		b, c = c, b
	}
	e := newEdges(a.x, a.y, b.x, b.y, c.x, c.y)
	from, to := e.rows(rows)
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, stride)
		for x := x0; x < x1; x++ {
			px, py := float32(x)+0.5-ax, float32(y)+0.5-ay
			v := v0 + vx*px + vy*py
			o := min(max(o0+ox*px+oy*py, 0), 255)
			d := &dst[y*stride+x]
			*d = mix(*d, uint32(min(max(int32(min(max(v, -1e9), 1e9)), low), high)>>16), uint32(o))
		}
	}
}
