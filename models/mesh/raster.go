package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// vertex is a mesh point: where it is drawn (output pixels) and what it shows (texture pixels).
type vertex struct{ x, y, s, t float32 }

// triangle indexes three vertices. opaque: its whole footprint in the texture is opaque.
type triangle struct {
	a, b, c uint16
	opaque  bool
}

// gradient is the affine map of one triangle in 16.16 fixed point: texture position (relative to the first
// texel's centre) is (s, t) at the centre of output pixel (x, y), plus derivatives. Overflow wraps and is caught by
// the samplers' bounds.
type gradient struct {
	x, y                   int
	s, t                   int32
	dsdx, dsdy, dtdx, dtdy int32
}

// gradientOf solves the map at scale k of the output and m of the texture (1 and fineness for luma, 1/2 for chroma); ok is
// false for a triangle without area.
func gradientOf(a, b, c *vertex, k, m float32) (g gradient, ok bool) {
	x1, y1, x2, y2 := b.x-a.x, b.y-a.y, c.x-a.x, c.y-a.y
	det := x1*y2 - x2*y1
	if det > -1e-4 && det < 1e-4 {
		return g, false
	}
	inv := m / k / det
	s1, s2, t1, t2 := b.s-a.s, c.s-a.s, b.t-a.t, c.t-a.t
	dsdx, dsdy := (s1*y2-s2*y1)*inv, (s2*x1-s1*x2)*inv
	dtdx, dtdy := (t1*y2-t2*y1)*inv, (t2*x1-t1*x2)*inv
	g.x, g.y = rounded(a.x*k), rounded(a.y*k)
	dx, dy := float32(g.x)+0.5-a.x*k, float32(g.y)+0.5-a.y*k
	// Half of a 1/256 step is added because samplers cut off below it.
	g.s = fixed(a.s*m+dsdx*dx+dsdy*dy-0.5) + 128
	g.t = fixed(a.t*m+dtdx*dx+dtdy*dy-0.5) + 128
	g.dsdx, g.dsdy, g.dtdx, g.dtdy = fixed(dsdx), fixed(dsdy), fixed(dtdx), fixed(dtdy)
	return g, true
}

// at is the texture position at the centre of pixel (x, y).
func (g *gradient) at(x, y int) (s, t int32) {
	dx, dy := int32(x-g.x), int32(y-g.y)
	return g.s + g.dsdx*dx + g.dsdy*dy, g.t + g.dtdx*dx + g.dtdy*dy
}

// fixed converts to 16.16, saturating.
func fixed(v float32) int32 {
	if v > 8000 {
		v = 8000
	} else if v < -8000 {
		v = -8000
	}
	return int32(v * 65536)
}

// rounded is floor(v + 0.5) for coordinates that pose keeps within reach.
func rounded(v float32) int { return int(v+16384.5) - 16384 }

// draw paints one triangle of tex into the band of f. Pixels whose centre lies inside are drawn; on shared edges
// exactly one of two neighbours draws. Vertices must lie within +-16000 pixels.
func (t *texture) draw(f *frame.I420, bd planar.Band, a, b, c *vertex, opaque bool) {
	t.drawFaded(f, bd, a, b, c, opaque, 256)
}

// drawFaded is draw with the opacity of a triangle that is not opaque lowered to fade/256.
func (t *texture) drawFaded(f *frame.I420, bd planar.Band, a, b, c *vertex, opaque bool, fade uint32) {
	g, ok := gradientOf(a, b, c, 1, planar.Fineness)
	if !ok {
		return
	}
	gc, _ := gradientOf(a, b, c, 0.5, 0.5)
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
	luma := newEdges(a.x, a.y, b.x, b.y, c.x, c.y)
	chroma := newEdges(a.x/2, a.y/2, b.x/2, b.y/2, c.x/2, c.y/2)
	half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
	if opaque {
		t.lumaOpaque(f, bd, &luma, &g)
		t.chromaOpaque(f, half, &chroma, &gc)
	} else {
		t.lumaBlend(f, bd, &luma, &g, fade)
		t.chromaBlend(f, half, &chroma, &gc, fade)
	}
}

// edges are a triangle's sides from top to bottom: the long one, then the upper and lower short ones.
type edges struct {
	x0, y0, x1, y1, y2 float32
	long, upper, lower float32 // slopes dx/dy
}

func newEdges(x0, y0, x1, y1, x2, y2 float32) edges {
	return edges{x0, y0, x1, y1, y2, (x2 - x0) / (y2 - y0), (x1 - x0) / (y1 - y0), (x2 - x1) / (y2 - y1)}
}

// rows is the range of pixel rows whose centres the triangle crosses, within the band.
func (e *edges) rows(bd planar.Band) (from, to int) {
	return max(rounded(e.y0), bd.Y0), min(rounded(e.y2), bd.Y1)
}

// span is the range of pixels on row y whose centres lie inside, within [0, width).
func (e *edges) span(y, width int) (from, to int) {
	yc := float32(y) + 0.5
	a := e.x0 + (yc-e.y0)*e.long
	var b float32
	if yc < e.y1 {
		b = e.x0 + (yc-e.y0)*e.upper
	} else {
		b = e.x1 + (yc-e.y1)*e.lower
	}
	from, to = rounded(a), rounded(b)
	if from > to {
		from, to = to, from
	}
	return max(from, 0), min(to, width)
}

func (t *texture) lumaOpaque(f *frame.I420, bd planar.Band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := g.dsdx, g.dtdx
	upper, lower, w := t.y.rows()
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, f.Width)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := f.Y[y*f.Width+x0 : y*f.Width+x1]
		for i := range row {
			if o := int(v>>16)*w + int(s>>16); o >= 0 && o < len(lower)-1 {
				row[i] = byte(bilinear(quadOf(upper, lower, o), uint32(s)>>8&255, uint32(v)>>8&255))
			}
			s += ds
			v += dt
		}
	}
}

func (t *texture) lumaBlend(f *frame.I420, bd planar.Band, e *edges, g *gradient, fade uint32) {
	from, to := e.rows(bd)
	ds, dt := g.dsdx, g.dtdx
	upper, lower, w := t.y.rows()
	alpha, aw := t.a.pix, t.a.w
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, f.Width)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := f.Y[y*f.Width+x0 : y*f.Width+x1]
		for i := range row {
			as, av := coarse(s), coarse(v)
			ao := int(av>>16)*aw + int(as>>16)
			if o := int(v>>16)*w + int(s>>16); o >= 0 && o < len(lower)-1 && uint(ao) < uint(len(alpha)) && alpha[ao] != 0 {
				al := bilinear(alpha[ao], uint32(as)>>8&255, uint32(av)>>8&255)
				row[i] = mix(row[i], bilinear(quadOf(upper, lower, o), uint32(s)>>8&255, uint32(v)>>8&255), al*fade>>8)
			}
			s += ds
			v += dt
		}
	}
}

func (t *texture) chromaOpaque(f *frame.I420, bd planar.Band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := g.dsdx, g.dtdx
	texU, texV, w, cw := t.u.pix, t.v.pix, t.u.w, f.Width/2
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

func (t *texture) chromaBlend(f *frame.I420, bd planar.Band, e *edges, g *gradient, fade uint32) {
	from, to := e.rows(bd)
	ds, dt := g.dsdx, g.dtdx
	texU, texV, alpha, w, cw := t.u.pix, t.v.pix, t.ca.pix, t.u.w, f.Width/2
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
				al := bilinear(alpha[o], fs, fv) * fade >> 8
				rowU[i] = mix(rowU[i], bilinear(texU[o], fs, fv), al)
				rowV[i] = mix(rowV[i], bilinear(texV[o], fs, fv), al)
			}
			s += ds
			v += dt
		}
	}
}

// coarse turns a place in a texture's luma into one in its opacity; both are relative to their first pixel's centre.
func coarse(s int32) int32 { return s>>1 - 1<<14 }

// mix blends src over dst with opacity al, 0..255, rounded.
func mix(dst byte, src, al uint32) byte {
	al += al >> 7 // 0..256
	return byte((uint32(dst)*(256-al) + src*al + 128) >> 8)
}
