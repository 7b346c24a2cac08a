package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

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
