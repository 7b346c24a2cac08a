package matte

import (
	"image"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// cutout is a portrait's crop at the scale of textures, with their margin.
type cutout struct {
	pic   planar.Picture // beyond the crop its nearest pixels repeat
	matte *planar.Plane  // the person's opacity, 0..1
	known planar.Rect    // what shows the picture itself

	behind planar.Picture // the background as it was seen elsewhere
	seen   *planar.Plane  // how much it was, 0..1; nil: not at all
}

// newCutout resamples a crop and what is known of it to size x size pixels and a margin of pad around.
func newCutout(s *Source, size, pad int) cutout {
	edge := size + 2*pad
	step := float64(s.Crop.Bounds().Dx()) / float64(size)
	from := -float64(pad) * step
	grey := func(m *image.Gray) *planar.Plane { return planar.FromGray(m).Resample(edge, edge, from, from, step) }
	colours := func(m *image.RGBA) (out planar.Picture) {
		for k, p := range planar.FromRGBA(m) {
			out[k] = p.Resample(edge, edge, from, from, step)
		}
		return out
	}
	out := cutout{pic: colours(s.Crop), matte: grey(s.Matte)}
	for o, v := range out.matte.Pix {
		out.matte.Pix[o] = num.Clamp01(v)
	}
	if s.Behind != nil {
		out.behind, out.seen = colours(s.Behind), grey(s.Seen)
	}
	out.known = planar.Rect{X0: pad, Y0: pad, X1: size + pad, Y1: size + pad}
	if s.Inside != nil {
		in := grey(s.Inside)
		k := knownRect(in)
		if k.X1-k.X0 > size/4 && k.Y1-k.Y0 > size/4 {
			out.known = planar.Rect{X0: max(k.X0, pad), Y0: max(k.Y0, pad), X1: min(k.X1, size+pad), Y1: min(k.Y1, size+pad)}
		}
	}
	return out
}

// knownRect is the box of texture pixels that show the picture itself, a pixel short of its edge.
func knownRect(inside *planar.Plane) planar.Rect {
	r := planar.Rect{X0: inside.W, Y0: inside.H, X1: 0, Y1: 0}
	for y := range inside.H {
		for x := range inside.W {
			if inside.Pix[y*inside.W+x] > 0.5 {
				r = planar.Rect{X0: min(r.X0, x), Y0: min(r.Y0, y), X1: max(r.X1, x+1), Y1: max(r.Y1, y+1)}
			}
		}
	}
	return planar.Rect{X0: r.X0 + 1, Y0: r.Y0 + 1, X1: r.X1 - 1, Y1: r.Y1 - 1}
}
