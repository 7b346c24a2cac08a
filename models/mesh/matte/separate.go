package matte

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Separate splits pic into background (the person painted out) and foreground (background's share taken out of
// half-transparent pixels, colours continued outwards): pic = alpha*fore + (1-alpha)*back where it can be.
// grow is how far around the person background is distrusted, in pixels.
func Separate(pic planar.Picture, alpha *planar.Plane, known planar.Rect, grow int) (back, fore planar.Picture) {
	back, fore = pic.Clone(), pic.Clone()
	wide := alpha.Dilate(grow)
	bw, fw := planar.New(alpha.W, alpha.H), planar.New(alpha.W, alpha.H)
	for y := range alpha.H {
		for x := range alpha.W {
			if !known.Holds(x, y) {
				continue
			}
			o := y*alpha.W + x
			if wide.Pix[o] < 0.02 {
				bw.Pix[o] = 1
			}
			if alpha.Pix[o] > 0.97 {
				fw.Pix[o] = 1
			}
		}
	}
	planar.PushPull(back[:], bw)
	grain(back, pic, bw)
	planar.PushPull(fore[:], fw)
	for o, al := range alpha.Pix {
		x, y := o%alpha.W, o/alpha.W
		if fw.Pix[o] == 1 || !known.Holds(x, y) {
			continue
		}
		trust, faint := num.Smoothstep(0.1, 0.6, al), 1-num.Smoothstep(0.05, 0.3, al)
		for k := range 3 {
			// Where the person is hardly there, its colour is guesswork: a trace of hair on a bright sky would be a ring.
			fore[k].Pix[o] += faint * (pic[k].Pix[o] - fore[k].Pix[o])
			if trust == 0 {
				continue
			}
			own := (pic[k].Pix[o] - (1-al)*back[k].Pix[o]) / al
			own = min(max(own, fore[k].Pix[o]-48), fore[k].Pix[o]+48)
			fore[k].Pix[o] += trust * (own - fore[k].Pix[o])
		}
	}
	return back, fore
}
