package texmap

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Draw paints the triangle a, b, c of t into the band of f. opaque says that t is opaque everywhere in it (see Mark), which saves
// blending. Vertices must lie within +-16000 pixels.
func (t *Texture) Draw(f *frame.I420, bd planar.Band, a, b, c *Vertex, opaque bool) {
	t.DrawFaded(f, bd, a, b, c, opaque, 256)
}

// DrawFaded is Draw with the opacity of a triangle that is not opaque lowered to fade/256; fade is 0..256.
func (t *Texture) DrawFaded(f *frame.I420, bd planar.Band, a, b, c *Vertex, opaque bool, fade uint32) {
	if top, low := min(a.Y, b.Y, c.Y), max(a.Y, b.Y, c.Y); low < float32(bd.Y0-1) || top > float32(bd.Y1+1) {
		return // of a picture drawn in several bands, most triangles lie in one
	}
	g, ok := gradientOf(a, b, c, 1, planar.Fineness)
	if !ok {
		return
	}
	gc, _ := gradientOf(a, b, c, 0.5, 0.5)
	luma, chroma := outline(a, b, c)
	half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
	if m := f.Matte; m != nil {
		if opaque {
			fillSpans(m.Luma, f.Width, bd, &luma)
			fillSpans(m.Chroma, f.Width/2, half, &chroma)
		} else {
			t.a.cover(m.Luma, f.Width, bd, &luma, &g, fade, true)
			t.ca.cover(m.Chroma, f.Width/2, half, &chroma, &gc, fade, false)
		}
	}
	t.paint(f, bd, half, &luma, &chroma, &g, &gc, opaque, fade)
}

// paintOne draws a triangle pixel by pixel: what every processor can, and what the kernels of some have to equal.
func (t *Texture) paintOne(f *frame.I420, bd, half planar.Band, luma, chroma *edges, g, gc *gradient, opaque bool, fade uint32) {
	if opaque {
		t.lumaOpaque(f, bd, luma, g)
		t.chromaOpaque(f, half, chroma, gc)
	} else {
		t.lumaBlend(f, bd, luma, g, fade)
		t.chromaBlend(f, half, chroma, gc, fade)
	}
}

func (t *Texture) lumaOpaque(f *frame.I420, bd planar.Band, e *edges, g *gradient) {
	from, to := e.rows(bd)
	ds, dt := g.dsdx, g.dtdx
	tex, w, n := &t.y, t.y.w, uint(t.y.n)
	for y := from; y < to; y++ {
		x0, x1 := e.span(y, f.Width)
		if x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := f.Y[y*f.Width+x0 : y*f.Width+x1]
		for i := range row {
			if o := int(v>>16)*w + int(s>>16); uint(o) < n {
				row[i] = byte(tex.at(o, s, v))
			}
			s += ds
			v += dt
		}
	}
}

func (t *Texture) lumaBlend(f *frame.I420, bd planar.Band, e *edges, g *gradient, fade uint32) {
	from, to := e.rows(bd)
	ds, dt := g.dsdx, g.dtdx
	tex, w, n := &t.y, t.y.w, uint(t.y.n)
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
			if o := int(v>>16)*w + int(s>>16); uint(o) < n && uint(ao) < uint(len(alpha)) && alpha[ao] != 0 {
				al := bilinear(alpha[ao], uint32(as)>>8&255, uint32(av)>>8&255)
				row[i] = Mix(row[i], tex.at(o, s, v), al*fade>>8)
			}
			s += ds
			v += dt
		}
	}
}

func (t *Texture) chromaOpaque(f *frame.I420, bd planar.Band, e *edges, g *gradient) {
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

func (t *Texture) chromaBlend(f *frame.I420, bd planar.Band, e *edges, g *gradient, fade uint32) {
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
				rowU[i] = Mix(rowU[i], bilinear(texU[o], fs, fv), al)
				rowV[i] = Mix(rowV[i], bilinear(texV[o], fs, fv), al)
			}
			s += ds
			v += dt
		}
	}
}

// coarse turns a place in a texture's luma into one in its opacity; both are relative to their first pixel's centre.
func coarse(s int32) int32 { return s>>1 - 1<<14 }

// Mix blends src (0..255) over dst with opacity al (0..255), rounded.
func Mix(dst byte, src, al uint32) byte {
	al += al >> 7 // 0..256
	return byte((uint32(dst)*(256-al) + src*al + 128) >> 8)
}
