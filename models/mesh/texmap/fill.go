package texmap

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Colour is limited-range Y, U, V in 16.16 fixed point, with the half that rounds to bytes already added.
type Colour [3]int32

// NewColour makes a colour of values 0..255.
func NewColour(y, u, v float32) Colour {
	return Colour{fixed(y) + 1<<15, fixed(u) + 1<<15, fixed(v) + 1<<15}
}

// FillTriangle paints the triangle between the points at into the band of f, their colours c and opacities (0..1) interpolated
// linearly (Gouraud). Which pixels it covers is decided as for textures. at is changed; S and T are not used.
func FillTriangle(f *frame.I420, bd planar.Band, at *[3]Vertex, c [3]*Colour, opacity [3]float32) {
	fillPlane(f.Y, f.Width, bd, at, [3]int32{c[0][0], c[1][0], c[2][0]}, opacity)
	covered := [3]int32{255 << 16, 255 << 16, 255 << 16}
	if f.Matte != nil {
		fillPlane(f.Matte.Luma, f.Width, bd, at, covered, opacity)
	}
	half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
	for i := range at {
		at[i].X, at[i].Y = at[i].X*0.5, at[i].Y*0.5
	}
	fillPlane(f.U, f.Width/2, half, at, [3]int32{c[0][1], c[1][1], c[2][1]}, opacity)
	fillPlane(f.V, f.Width/2, half, at, [3]int32{c[0][2], c[1][2], c[2][2]}, opacity)
	if f.Matte != nil {
		fillPlane(f.Matte.Chroma, f.Width/2, half, at, covered, opacity)
	}
}

// fillPlane fills a triangle with linearly interpolated values, 16.16, and opacities, 0..1.
func fillPlane(dst []byte, stride int, rows planar.Band, p *[3]Vertex, val [3]int32, opacity [3]float32) {
	a, b, c := &p[0], &p[1], &p[2]
	x1, y1, x2, y2 := b.X-a.X, b.Y-a.Y, c.X-a.X, c.Y-a.Y
	det := cross(x1, y1, x2, y2)
	if det > -1e-4 && det < 1e-4 {
		return
	}
	slope := func(a, b, c float32) (dx, dy float32) {
		b, c = b-a, c-a
		return cross(b, y1, c, y2) / det, cross(x1, b, x2, c) / det
	}
	v0, o0 := float32(val[0]), float32(255*opacity[0])
	vx, vy := slope(v0, float32(val[1]), float32(val[2]))
	ox, oy := slope(o0, float32(255*opacity[1]), float32(255*opacity[2]))
	ax, ay := a.X, a.Y
	low, high := min(val[0], val[1], val[2]), max(val[0], val[1], val[2])
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
	from, to := e.rows(rows)
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, stride)
		for x := x0; x < x1; x++ {
			px, py := float32(x)+0.5-ax, float32(y)+0.5-ay
			v := v0 + float32(vx*px) + float32(vy*py)
			o := min(max(o0+float32(ox*px)+float32(oy*py), 0), 255)
			d := &dst[y*stride+x]
			*d = Mix(*d, uint32(min(max(int32(min(max(v, -1e9), 1e9)), low), high)>>16), uint32(o))
		}
	}
}
