package texmap

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Difference is a layer that is added to what is drawn: its bytes less 128. Luma lies at the scale of the output, chroma at half of
// that. Who writes its samples owns it; Add only reads.
type Difference struct {
	y       rowPlane
	u, v    rowPlane
	vectors bool // kernels for this processor draw it
}

// rowPlane is a plane of bytes as it is written, with a row and a pixel behind it, so that the last one has neighbours too.
type rowPlane struct {
	pix []byte
	w   int
}

// rows are the pixels, and from each on the one below it.
func (p *rowPlane) rows() (upper, lower []byte, w int) { return p.pix, p.pix[p.w:], p.w }

// NewDifference is one of w x h samples, both even, that adds nothing.
func NewDifference(w, h int) *Difference {
	plane := func(w, h int) rowPlane {
		const behind = 3 // kernels read four bytes where they need one
		p := make([]byte, w*(h+1)+1+behind)
		for i := range p {
			p[i] = none
		}
		return rowPlane{p[:w*(h+1)+1], w}
	}
	d := &Difference{y: plane(w, h), u: plane(w/2, h/2), v: plane(w/2, h/2)}
	d.vectors = adds(d)
	return d
}

const (
	none   = 128 // adds nothing
	mostY  = 235
	mostUV = 240
	least  = frame.LumaBlack // of chroma, too
)

// Planes are the samples, rows packed, to write into: luma, then chroma. What lies on the outermost ones must add nothing.
func (d *Difference) Planes() (y, u, v []byte) {
	inside := func(p *rowPlane) []byte { return p.pix[:len(p.pix)-p.w-1] }
	return inside(&d.y), inside(&d.u), inside(&d.v)
}

// Add adds what d shows in the triangle a, b, c to the band of f from the column left on, which is even. Vertices must lie within
// +-16000 pixels. Bands may be drawn at the same time.
func (d *Difference) Add(f *frame.I420, bd planar.Band, left int, a, b, c *Vertex) {
	if top, low := min(a.Y, b.Y, c.Y), max(a.Y, b.Y, c.Y); low < float32(bd.Y0-1) || top > float32(bd.Y1+1) {
		return
	}
	g, ok := gradientOf(a, b, c, 1, 1)
	if !ok {
		return
	}
	gc := g.half(a)
	luma, chroma := outline(a, b, c)
	d.add(f, bd, planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}, left, &luma, &chroma, &g, &gc)
}

// addOne is what every processor can, and what the kernels have to equal.
func (d *Difference) addOne(f *frame.I420, rows, half planar.Band, left int, luma, chroma *edges, g, gc *gradient) {
	upper, lower, w := d.y.rows()
	from, to := luma.rows(rows)
	for y := from; y < to; y++ {
		x0, x1 := luma.span(y, f.Width)
		if x0 = max(x0, left); x0 >= x1 {
			continue
		}
		s, v := g.at(x0, y)
		row := f.Y[y*f.Width+x0 : y*f.Width+x1]
		for i := range row {
			if o := int(v>>16)*w + int(s>>16); o >= 0 && o < len(lower)-1 {
				quad := uint32(upper[o]) | uint32(upper[o+1])<<8 | uint32(lower[o])<<16 | uint32(lower[o+1])<<24
				row[i] = added(row[i], bilinear(quad, uint32(s)>>8&255, uint32(v)>>8&255), mostY)
			}
			s += g.dsdx
			v += g.dtdx
		}
	}
	from, to = chroma.rows(half)
	cw := f.Width / 2
	for y := from; y < to; y++ {
		x0, x1 := chroma.span(y, cw)
		if x0 = max(x0, left/2); x0 >= x1 {
			continue
		}
		s, v := gc.at(x0, y)
		rowU, rowV := f.U[y*cw+x0:y*cw+x1], f.V[y*cw+x0:y*cw+x1]
		for i := range rowU {
			// Chroma is soft enough without a mean.
			if o := int((v+1<<15)>>16)*d.u.w + int((s+1<<15)>>16); uint(o) < uint(len(d.u.pix)) {
				rowU[i] = added(rowU[i], uint32(d.u.pix[o]), mostUV)
				rowV[i] = added(rowV[i], uint32(d.v.pix[o]), mostUV)
			}
			s += gc.dsdx
			v += gc.dtdx
		}
	}
}

func added(b byte, v uint32, most int) byte { return byte(min(max(int(b)+int(v)-none, least), most)) }
