package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// texel is one pixel of a patch or a small float texture: limited-range YUV and opacity 0..1.
type texel struct{ y, u, v, a float32 }

// over puts a on top of b; both opaque apart from a's opacity times k.
func (b texel) over(a texel, k float32) texel {
	k *= a.a
	return texel{b.y + (a.y-b.y)*k, b.u + (a.u-b.u)*k, b.v + (a.v-b.v)*k, b.a + (1-b.a)*k}
}

// dim scales brightness towards black and chroma with it.
func (t texel) dim(k float32) texel {
	return texel{16 + (t.y-16)*k, 128 + (t.u-128)*k, 128 + (t.v-128)*k, t.a}
}

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
	return lerp4(lerp4(d.pix[o], d.pix[o+1], fs), lerp4(d.pix[o+d.w], d.pix[o+d.w+1], fs), ft)
}

func lerp4(a, b texel, f float32) texel {
	return texel{a.y + (b.y-a.y)*f, a.u + (b.u-a.u)*f, a.v + (b.v-a.v)*f, a.a + (b.a-a.a)*f}
}

// patch is scratch for two rows of pixels that are computed one by one.
type patch struct{ rows [2][]texel }

func newPatch(size int) patch {
	return patch{[2][]texel{make([]texel, size), make([]texel, size)}}
}

// shade computes one pixel; (x, y) is its centre in output pixels. Opacity 0 leaves the picture alone.
type shader interface {
	shade(x, y float32) texel
}

// paint runs a shader over the box within the band and blends what it gives into f.
func (p *patch) paint(f *frame.I420, bd planar.Band, box planar.Rect, s shader) {
	x0, x1 := max(box.X0, 0)&^1, min((box.X1+1)&^1, f.Width)
	y0, y1 := max(box.Y0&^1, bd.Y0), min((box.Y1+1)&^1, bd.Y1)
	if x0 >= x1 {
		return
	}
	for y := y0; y < y1; y += 2 {
		used := false
		for k := range 2 {
			row := p.rows[k][:x1-x0]
			for i := range row {
				row[i] = s.shade(float32(x0+i)+0.5, float32(y+k)+0.5)
				used = used || row[i].a > 0
			}
			if used {
				blendLuma(f.Y[(y+k)*f.Width+x0:], row)
			}
		}
		if used {
			o := y/2*f.Width/2 + x0/2
			blendChroma(f.U[o:], f.V[o:], p.rows[0][:x1-x0], p.rows[1][:x1-x0])
		}
	}
}

func blendLuma(dst []byte, row []texel) {
	dst = dst[:len(row)]
	for i, t := range row {
		if t.a > 0 {
			d := float32(dst[i])
			dst[i] = byte(min(max(d+(t.y-d)*t.a+0.5, 16), 235))
		}
	}
}

func blendChroma(u, v []byte, top, low []texel) {
	for i := 0; i+1 < len(top); i += 2 {
		a, b, c, d := &top[i], &top[i+1], &low[i], &low[i+1]
		if a.a+b.a+c.a+d.a == 0 {
			continue
		}
		du, dv := float32(u[i/2]), float32(v[i/2])
		nu := du + ((a.u-du)*a.a+(b.u-du)*b.a+(c.u-du)*c.a+(d.u-du)*d.a)/4
		nv := dv + ((a.v-dv)*a.a+(b.v-dv)*b.a+(c.v-dv)*c.a+(d.v-dv)*d.a)/4
		u[i/2], v[i/2] = byte(min(max(nu+0.5, 16), 240)), byte(min(max(nv+0.5, 16), 240))
	}
}
