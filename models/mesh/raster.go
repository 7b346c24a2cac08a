package mesh

import (
	"math"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// vertex is a mesh point: where it is drawn (output pixels) and what it shows (texture pixels).
type vertex struct{ x, y, s, t float32 }

// triangle indexes three vertices. opaque: its whole footprint in the texture is opaque.
type triangle struct {
	a, b, c uint16
	opaque  bool
}

// band is a horizontal stripe of the output, rows y0 (even) up to y1, drawn by one worker.
type band struct{ y0, y1 int }

// gradient is the affine map of one triangle: texture position = (s, t) at (x, y) plus derivatives.
type gradient struct {
	x, y, s, t             float32
	dsdx, dsdy, dtdx, dtdy float32
}

// gradientOf solves the map; ok is false for a triangle without area.
func gradientOf(a, b, c *vertex) (g gradient, ok bool) {
	x1, y1, x2, y2 := b.x-a.x, b.y-a.y, c.x-a.x, c.y-a.y
	det := x1*y2 - x2*y1
	if det > -1e-4 && det < 1e-4 {
		return g, false
	}
	inv := 1 / det
	s1, s2, t1, t2 := b.s-a.s, c.s-a.s, b.t-a.t, c.t-a.t
	return gradient{
		a.x, a.y, a.s, a.t,
		(s1*y2 - s2*y1) * inv, (s2*x1 - s1*x2) * inv,
		(t1*y2 - t2*y1) * inv, (t2*x1 - t1*x2) * inv,
	}, true
}

// draw paints one triangle of tex into the band of f. Pixels whose centre lies inside are drawn; on shared edges
// exactly one of two neighbours draws. Vertices must be finite.
func (t *texture) draw(f *frame.I420, bd band, a, b, c *vertex, opaque bool) {
	g, ok := gradientOf(a, b, c)
	if !ok {
		return
	}
	// Sorted by y, so that neighbours compute a shared edge by the same operations.
	if b.y < a.y {
		a, b = b, a
	}
	if c.y < a.y {
		a, c = c, a
	}
	if c.y < b.y {
		b, c = c, b
	}
	e := edges{a.x, a.y, b.x, b.y, c.x, c.y}
	if opaque {
		t.lumaOpaque(f, bd, &e, &g)
	} else {
		t.lumaBlend(f, bd, &e, &g)
	}
	e = edges{a.x / 2, a.y / 2, b.x / 2, b.y / 2, c.x / 2, c.y / 2}
	g.x, g.y, g.s, g.t = g.x/2, g.y/2, g.s/2, g.t/2
	bd = band{bd.y0 / 2, bd.y1 / 2}
	if opaque {
		t.chromaOpaque(f, bd, &e, &g)
	} else {
		t.chromaBlend(f, bd, &e, &g)
	}
}

// edges are a triangle's corners from top to bottom.
type edges struct{ x0, y0, x1, y1, x2, y2 float32 }

// rows is the range of pixel rows whose centres the triangle crosses, within the band.
func (e *edges) rows(bd band) (from, to int) {
	return max(ceilHalf(e.y0), bd.y0), min(ceilHalf(e.y2), bd.y1)
}

// span is the range of pixels on row y whose centres lie inside, within [0, width).
func (e *edges) span(y, width int) (from, to int) {
	yc := float32(y) + 0.5
	long := e.x0 + (yc-e.y0)*((e.x2-e.x0)/(e.y2-e.y0))
	var short float32
	if yc < e.y1 {
		short = e.x0 + (yc-e.y0)*((e.x1-e.x0)/(e.y1-e.y0))
	} else {
		short = e.x1 + (yc-e.y1)*((e.x2-e.x1)/(e.y2-e.y1))
	}
	if short < long {
		long, short = short, long
	}
	return max(ceilHalf(long), 0), min(ceilHalf(short), width)
}

// at is the texture position at the centre of pixel (x, y), 16.16 fixed point, relative to the first texel's centre.
func (g *gradient) at(x, y int) (s, t int32) {
	dx, dy := float32(x)+0.5-g.x, float32(y)+0.5-g.y
	return fixed(g.s + g.dsdx*dx + g.dsdy*dy - 0.5), fixed(g.t + g.dtdx*dx + g.dtdy*dy - 0.5)
}

// fixed converts to 16.16, with half of a 1/256 step added because samplers cut off below it.
func fixed(v float32) int32 { return int32(min(max(v, -8000), 8000)*65536) + 128 }

// step converts a derivative to 16.16.
func step(v float32) int32 { return int32(min(max(v, -8000), 8000) * 65536) }

// ceilHalf is ceil(v - 0.5), within the reach of an int32.
func ceilHalf(v float32) int {
	return int(math.Ceil(float64(min(max(v, -1e6), 1e6)) - 0.5))
}

func (t *texture) lumaOpaque(f *frame.I420, bd band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := step(g.dsdx), step(g.dtdx)
	tex, w := t.y, t.w
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, f.Width)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := f.Y[y*f.Width+x0 : y*f.Width+x1]
		for i := range row {
			if o := int(v>>16)*w + int(s>>16); uint(o) < uint(len(tex)) {
				row[i] = byte(bilinear(tex[o], uint32(s)>>8&255, uint32(v)>>8&255))
			}
			s += ds
			v += dt
		}
	}
}

func (t *texture) lumaBlend(f *frame.I420, bd band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := step(g.dsdx), step(g.dtdx)
	tex, alpha, w := t.y, t.a, t.w
	alpha = alpha[:len(tex)]
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, f.Width)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := f.Y[y*f.Width+x0 : y*f.Width+x1]
		for i := range row {
			if o := int(v>>16)*w + int(s>>16); uint(o) < uint(len(tex)) && alpha[o] != 0 {
				fs, fv := uint32(s)>>8&255, uint32(v)>>8&255
				row[i] = mix(row[i], bilinear(tex[o], fs, fv), bilinear(alpha[o], fs, fv))
			}
			s += ds
			v += dt
		}
	}
}

func (t *texture) chromaOpaque(f *frame.I420, bd band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := step(g.dsdx), step(g.dtdx)
	texU, texV, w, cw := t.u, t.v, t.w/2, f.Width/2
	texV = texV[:len(texU)]
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, cw)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		rowU, rowV := f.U[y*cw+x0:y*cw+x1], f.V[y*cw+x0:y*cw+x1]
		rowV = rowV[:len(rowU)]
		for i := range rowU {
			if o := int(v>>16)*w + int(s>>16); uint(o) < uint(len(texU)) {
				fs, fv := uint32(s)>>8&255, uint32(v)>>8&255
				rowU[i] = byte(bilinear(texU[o], fs, fv))
				rowV[i] = byte(bilinear(texV[o], fs, fv))
			}
			s += ds
			v += dt
		}
	}
}

func (t *texture) chromaBlend(f *frame.I420, bd band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := step(g.dsdx), step(g.dtdx)
	texU, texV, alpha, w, cw := t.u, t.v, t.ca, t.w/2, f.Width/2
	texV, alpha = texV[:len(texU)], alpha[:len(texU)]
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, cw)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		rowU, rowV := f.U[y*cw+x0:y*cw+x1], f.V[y*cw+x0:y*cw+x1]
		rowV = rowV[:len(rowU)]
		for i := range rowU {
			if o := int(v>>16)*w + int(s>>16); uint(o) < uint(len(texU)) && alpha[o] != 0 {
				fs, fv := uint32(s)>>8&255, uint32(v)>>8&255
				al := bilinear(alpha[o], fs, fv)
				rowU[i] = mix(rowU[i], bilinear(texU[o], fs, fv), al)
				rowV[i] = mix(rowV[i], bilinear(texV[o], fs, fv), al)
			}
			s += ds
			v += dt
		}
	}
}

// mix blends src over dst with opacity al, 0..255, rounded.
func mix(dst byte, src, al uint32) byte {
	al += al >> 7 // 0..256
	return byte((uint32(dst)*(256-al) + src*al + 128) >> 8)
}
