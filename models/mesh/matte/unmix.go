package matte

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	mixNear = 12.0 // colours less far apart than this tell nothing of a share, levels
	mixFar  = 36.0 // and those farther apart than this all
	mixMore = 0.10 // so much opacity at most may a pixel gain by its colour
	mixOff  = 48.0 // levels: so far from the person's colours around may a pixel's own be
)

// unmix tells person from background in the pixels that show both, from the colours on either side: fore and back hold the person's
// and the background's colours continued into them. A pixel that has no more of the person's colour than its surroundings' is
// background, whatever a soft matte says; what moves along with the person would else be a pale fringe. alpha and fore are changed,
// within known only.
func unmix(pic, back, fore planar.Picture, alpha *planar.Plane, known planar.Rect, narrow []bool) {
	edge := edgeOf(alpha)
	for y := max(known.Y0, 0); y < min(known.Y1, alpha.H); y++ {
		for x := max(known.X0, 0); x < min(known.X1, alpha.W); x++ {
			o := y*alpha.W + x
			if narrow[o] {
				alpha.Pix[o] = share(pic, back, fore, o, alpha.Pix[o])
			}
		}
	}
	for y := max(known.Y0, 0); y < min(known.Y1, alpha.H); y++ {
		for x := max(known.X0, 0); x < min(known.X1, alpha.W); x++ {
			o := y*alpha.W + x
			if edge[o] {
				own(pic, back, fore, o, alpha.Pix[o])
			}
		}
	}
}

// edgeOf marks the pixels that may show person and background: those of a soft edge and their neighbours.
func edgeOf(alpha *planar.Plane) []bool {
	const wide = 2
	most, least := alpha.Dilate(wide), alpha.Erode(wide)
	edge := make([]bool, len(alpha.Pix))
	for o := range edge {
		edge[o] = alpha.Pix[o] > 0 && most.Pix[o] > 0.02 && least.Pix[o] < 0.97
	}
	return edge
}

// narrowOf marks the pixels of a soft edge that has person and background close by: in a wide one, loose hair before a shoulder, the
// colours continued from either side are too far from home to judge by.
func narrowOf(alpha *planar.Plane) []bool {
	reach := max(alpha.W/48, 4)
	most, least := alpha.Dilate(reach), alpha.Erode(reach)
	edge := edgeOf(alpha)
	for o := range edge {
		edge[o] = edge[o] && most.Pix[o] > 0.97 && least.Pix[o] < 0.02
	}
	return edge
}

// share is the opacity of a pixel by where its colour lies between background and person, towards a, the matte's, where these are
// too much alike to tell.
func share(pic, back, fore planar.Picture, o int, a float32) float32 {
	var along, square float32
	for k := range 3 {
		d := fore[k].Pix[o] - back[k].Pix[o]
		along += d * (pic[k].Pix[o] - back[k].Pix[o])
		square += d * d
	}
	trust := num.Smoothstep(mixNear*mixNear, mixFar*mixFar, square)
	if trust == 0 {
		return a
	}
	// The surer the matte, the less is taken: a rim of light on a cheek may look like the wall behind it.
	return a + trust*(min(max(along/square, 2*a-1, 0), a+mixMore, 1)-a)
}

// own gives the person's picture the pixel's own colour, less the background's part in it, as far as opacity a can tell.
func own(pic, back, fore planar.Picture, o int, a float32) {
	trust := num.Smoothstep(0.1, 0.6, a)
	if trust == 0 {
		return
	}
	for k := range 3 {
		f := &fore[k].Pix[o]
		c := (pic[k].Pix[o] - (1-a)*back[k].Pix[o]) / a
		*f += trust * num.Bound(c-*f, mixOff)
	}
}
