package texmap

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// DrawSoftEdge blends the colours that t has along the side from a to b of a drawn triangle over the pixels that lie less than a
// pixel outside of it; c is the third corner. Opacity is fade/256 at the side and falls to 0: an outline without steps.
func (t *Texture) DrawSoftEdge(f *frame.I420, bd planar.Band, a, b, c *Vertex, fade uint32) {
	soft := softEdge{a: *a, b: *b, inner: num.Sign(Area(a, b, c)), fade: float32(fade) * 255 / 256}
	soft.draw(f.Y, f.Width, bd, &t.y, planar.Fineness)
	if f.Matte != nil {
		soft.draw(f.Matte.Luma, f.Width, bd, covered{}, 1)
	}
	half := planar.Band{Y0: bd.Y0 / 2, Y1: bd.Y1 / 2}
	soft.halve()
	soft.draw(f.U, f.Width/2, half, &t.u, 1)
	soft.draw(f.V, f.Width/2, half, &t.v, 1)
	if f.Matte != nil {
		soft.draw(f.Matte.Chroma, f.Width/2, half, covered{}, 1)
	}
}

// softEdge is a side from a to b; inner is the sign of the area on its triangle's side.
type softEdge struct {
	a, b  Vertex
	inner float32
	fade  float32 // opacity at the side, 0..255
}

func (s *softEdge) halve() {
	for _, v := range [...]*Vertex{&s.a, &s.b} {
		v.X, v.Y, v.S, v.T = v.X/2, v.Y/2, v.S/2, v.T/2
	}
}

// sampler is a plane of a texture.
type sampler interface {
	sample(s, t int32) (uint32, bool)
}

// draw blends the texture's colour along the side over pixels whose centre is less than one pixel outside of it; scale
// samples of tex lie along one of them.
func (s *softEdge) draw(dst []byte, stride int, rows planar.Band, tex sampler, scale float32) {
	dx, dy := s.b.X-s.a.X, s.b.Y-s.a.Y
	length := float32(dx*dx) + float32(dy*dy)
	if !(length > 1e-3) {
		return
	}
	norm := 1 / num.Sqrt(length)
	x0, x1 := max(rounded(min(s.a.X, s.b.X)-1.5), 0), min(rounded(max(s.a.X, s.b.X)+1.5), stride)
	y0, y1 := max(rounded(min(s.a.Y, s.b.Y)-1.5), rows.Y0), min(rounded(max(s.a.Y, s.b.Y)+1.5), rows.Y1)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			px, py := float32(x)+0.5-s.a.X, float32(y)+0.5-s.a.Y
			// Outside is where the cross product has the other sign than within the triangle.
			out := float32(-s.inner * cross(dx, dy, px, py) * norm)
			k := (float32(px*dx) + float32(py*dy)) / length
			if out <= 0 || out >= 1 || k < 0 || k >= 1 {
				continue
			}
			u, v := (s.a.S+float32((s.b.S-s.a.S)*k))*scale-0.5, (s.a.T+float32((s.b.T-s.a.T)*k))*scale-0.5
			if val, ok := tex.sample(fixed(u), fixed(v)); ok {
				d := &dst[y*stride+x]
				*d = Mix(*d, val, uint32(s.fade*(1-out)))
			}
		}
	}
}
