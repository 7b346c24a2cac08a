package shade

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// Patch is scratch for two rows of pixels that are computed one by one; one goroutine owns it.
type Patch struct{ rows [2][]Texel }

// NewPatch makes scratch for pictures up to size pixels wide.
func NewPatch(size int) Patch {
	return Patch{[2][]Texel{make([]Texel, size), make([]Texel, size)}}
}

// Shader computes one pixel; (x, y) is its centre in output pixels. Opacity 0 leaves the picture alone.
type Shader interface {
	Shade(x, y float32) Texel
}

// Paint runs s over the pixels of box that lie in the band, in pairs of rows, and blends what it gives into f.
func (p *Patch) Paint(f *frame.I420, bd planar.Band, box planar.Rect, s Shader) {
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
				row[i] = s.Shade(float32(x0+i)+0.5, float32(y+k)+0.5)
				used = used || row[i].A > 0
			}
			if used {
				blendLuma(f.Y[(y+k)*f.Width+x0:], row)
				if f.Matte != nil {
					coverLuma(f.Matte.Luma[(y+k)*f.Width+x0:], row)
				}
			}
		}
		if used {
			o := y/2*f.Width/2 + x0/2
			blendChroma(f.U[o:], f.V[o:], p.rows[0][:x1-x0], p.rows[1][:x1-x0])
			if f.Matte != nil {
				coverChroma(f.Matte.Chroma[o:], p.rows[0][:x1-x0], p.rows[1][:x1-x0])
			}
		}
	}
}

func blendLuma(dst []byte, row []Texel) {
	dst = dst[:len(row)]
	for i, t := range row {
		if t.A > 0 {
			d := float32(dst[i])
			dst[i] = byte(min(max(d+(t.Y-d)*t.A+0.5, 16), 235))
		}
	}
}

func blendChroma(u, v []byte, top, low []Texel) {
	for i := 0; i+1 < len(top); i += 2 {
		a, b, c, d := &top[i], &top[i+1], &low[i], &low[i+1]
		if a.A+b.A+c.A+d.A == 0 {
			continue
		}
		du, dv := float32(u[i/2]), float32(v[i/2])
		nu := du + ((a.U-du)*a.A+(b.U-du)*b.A+(c.U-du)*c.A+(d.U-du)*d.A)/4
		nv := dv + ((a.V-dv)*a.A+(b.V-dv)*b.A+(c.V-dv)*c.A+(d.V-dv)*d.A)/4
		u[i/2], v[i/2] = byte(min(max(nu+0.5, 16), 240)), byte(min(max(nv+0.5, 16), 240))
	}
}

// coverLuma lays the opacity of a row over a matte.
func coverLuma(m []byte, row []Texel) {
	m = m[:len(row)]
	for i := range row {
		if a := row[i].A; a > 0 {
			d := float32(m[i])
			m[i] = byte(d + (255-d)*a + 0.5)
		}
	}
}

// coverChroma is coverLuma for a pair of rows and the matte of chroma.
func coverChroma(m []byte, top, low []Texel) {
	for i := 0; i+1 < len(top); i += 2 {
		if a := top[i].A + top[i+1].A + low[i].A + low[i+1].A; a > 0 {
			d := float32(m[i/2])
			m[i/2] = byte(d + (255-d)*a/4 + 0.5)
		}
	}
}
