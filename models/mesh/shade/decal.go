package shade

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Decal is a small float texture that lies somewhere in a portrait's textures. Immutable once it is drawn with.
type Decal struct {
	X, Y, W, H int // corner in texture pixels; width and height in samples
	scale      float32
	Pix        []Texel
}

// NewDecal copies the box r of a picture, one sample a pixel, with opacity a everywhere.
func NewDecal(p planar.Picture, r planar.Rect, a float32) *Decal {
	d := &Decal{r.X0, r.Y0, r.X1 - r.X0, r.Y1 - r.Y0, 1, nil}
	d.Pix = make([]Texel, d.W*d.H)
	for j := range d.H {
		for i := range d.W {
			x, y := d.X+i, d.Y+j
			d.Pix[j*d.W+i] = Texel{p[0].At(x, y), p[1].At(x, y), p[2].At(x, y), a}
		}
	}
	return d
}

// Blank is a new transparent decal in the same place with as many samples.
func (d *Decal) Blank() *Decal {
	return &Decal{d.X, d.Y, d.W, d.H, d.scale, make([]Texel, len(d.Pix))}
}

// Copy is a new decal that shows the same.
func (d *Decal) Copy() *Decal {
	out := d.Blank()
	copy(out.Pix, d.Pix)
	return out
}

// Refined is d at planar.Fineness times its scale, for drawing; the result is new.
func (d *Decal) Refined() *Decal {
	var p [4]*planar.Plane
	for k := range p {
		p[k] = planar.New(d.W, d.H)
		for o := range d.Pix {
			t := &d.Pix[o]
			p[k].Pix[o] = [...]float32{t.Y, t.U, t.V, t.A}[k]
		}
		p[k] = p[k].Finer()
	}
	p[0] = p[0].Sharpen(planar.Compensation)
	out := &Decal{d.X, d.Y, planar.Fineness * d.W, planar.Fineness * d.H, planar.Fineness * d.scale, make([]Texel, len(p[0].Pix))}
	for o := range out.Pix {
		out.Pix[o] = Texel{p[0].Pix[o], p[1].Pix[o], p[2].Pix[o], num.Clamp01(p[3].Pix[o])}
	}
	return out
}

// Has tells that the texture position (s, t) lies in d.
func (d *Decal) Has(s, t float32) bool {
	s, t = (s-float32(d.X))*d.scale, (t-float32(d.Y))*d.scale
	return s >= 0 && t >= 0 && s <= float32(d.W) && t <= float32(d.H)
}

// Sample is bilinear at the texture position (s, t); beyond the edge it repeats the nearest samples.
func (d *Decal) Sample(s, t float32) Texel {
	s, t = (s-float32(d.X))*d.scale-0.5, (t-float32(d.Y))*d.scale-0.5
	s, t = min(max(s, 0), float32(d.W)-1.001), min(max(t, 0), float32(d.H)-1.001)
	i, j := int(s), int(t)
	fs, ft := s-float32(i), t-float32(j)
	o := j*d.W + i
	return Lerp(Lerp(d.Pix[o], d.Pix[o+1], fs), Lerp(d.Pix[o+d.W], d.Pix[o+d.W+1], fs), ft)
}
