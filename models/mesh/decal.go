package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// decal is a small float texture that lies in the texture plane, its corner at (x, y), with scale samples along a pixel.
type decal struct {
	x, y, w, h int // w and h count samples
	scale      float32
	pix        []texel
}

// newDecal cuts a box out of a picture, with opacity a everywhere.
func newDecal(p planar.Picture, r planar.Rect, a float32) *decal {
	d := &decal{r.X0, r.Y0, r.X1 - r.X0, r.Y1 - r.Y0, 1, nil}
	d.pix = make([]texel, d.w*d.h)
	for j := range d.h {
		for i := range d.w {
			x, y := d.x+i, d.y+j
			d.pix[j*d.w+i] = texel{p[0].At(x, y), p[1].At(x, y), p[2].At(x, y), a}
		}
	}
	return d
}

// blank is a transparent decal in the same place with as many samples.
func (d *decal) blank() *decal {
	return &decal{d.x, d.y, d.w, d.h, d.scale, make([]texel, len(d.pix))}
}

// refined is d with fineness samples along a pixel, for drawing.
func (d *decal) refined() *decal {
	var p [4]*planar.Plane
	for k := range p {
		p[k] = planar.New(d.w, d.h)
		for o := range d.pix {
			t := &d.pix[o]
			p[k].Pix[o] = [...]float32{t.y, t.u, t.v, t.a}[k]
		}
		p[k] = p[k].Finer()
	}
	p[0] = p[0].Sharpen(planar.Compensation)
	out := &decal{d.x, d.y, planar.Fineness * d.w, planar.Fineness * d.h, planar.Fineness * d.scale, make([]texel, len(p[0].Pix))}
	for o := range out.pix {
		out.pix[o] = texel{p[0].Pix[o], p[1].Pix[o], p[2].Pix[o], num.Clamp01(p[3].Pix[o])}
	}
	return out
}

// has tells that texture position (s, t) lies in d.
func (d *decal) has(s, t float32) bool {
	s, t = (s-float32(d.x))*d.scale, (t-float32(d.y))*d.scale
	return s >= 0 && t >= 0 && s <= float32(d.w) && t <= float32(d.h)
}

// sample is bilinear at texture position (s, t), clamped at the decal's edge.
func (d *decal) sample(s, t float32) texel {
	s, t = (s-float32(d.x))*d.scale-0.5, (t-float32(d.y))*d.scale-0.5
	s, t = min(max(s, 0), float32(d.w)-1.001), min(max(t, 0), float32(d.h)-1.001)
	i, j := int(s), int(t)
	fs, ft := s-float32(i), t-float32(j)
	o := j*d.w + i
	return lerp(lerp(d.pix[o], d.pix[o+1], fs), lerp(d.pix[o+d.w], d.pix[o+d.w+1], fs), ft)
}
