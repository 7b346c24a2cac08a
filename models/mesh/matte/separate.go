package matte

import (
	"image"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Layers is a portrait taken apart, in texture pixels: the crop at the scale of textures and a margin around.
type Layers struct {
	Picture planar.Picture // as it was; beyond the crop its nearest pixels repeat
	Alpha   *planar.Plane  // the person's opacity, 0..1
	// Picture is Alpha times Fore and the rest of Back where it can be.
	Back planar.Picture // without the person, who is painted out
	Fore planar.Picture // the person, colours continued outwards, the background's share taken out of half-transparent pixels
}

// Bounds is what is known of the person by other means than a matte: the least and the most opacity, in texture pixels. nil is no
// bound.
type Bounds struct{ Least, Most *planar.Plane }

func (b Bounds) apply(alpha *planar.Plane) {
	if b.Most != nil {
		alpha.AtMost(b.Most)
	}
	if b.Least != nil {
		alpha.AtLeast(b.Least)
	}
}

// Source is a square crop and what is known of it, all of one size. Nothing in it is changed.
type Source struct {
	Crop   *image.RGBA
	Matte  *image.Gray // the person's opacity, 255 is person
	Inside *image.Gray // which pixels of Crop come from the picture (255); nil means all
	// Behind is the background as other pictures show it, Seen where they do (255); nil: none does.
	Behind *image.RGBA
	Seen   *image.Gray
}

// Separate takes a crop apart, shown in size x size pixels and a margin of pad around. know bounds the opacity.
func Separate(s Source, know Bounds, size, pad int) Layers {
	src := newCutout(&s, size, pad)
	know.apply(src.matte)
	alpha := refine(src.pic, src.matte, max(size/40, 2), 20)
	extend(alpha, src.known)
	know.apply(alpha)
	back, fore := separate(&src, alpha, max(size/64, 3))
	return Layers{Picture: src.pic, Alpha: alpha, Back: back, Fore: fore}
}

// separate finds background and foreground. grow is how far around the person background is distrusted, in pixels.
func separate(src *cutout, alpha *planar.Plane, grow int) (back, fore planar.Picture) {
	pic, known := src.pic, src.known
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
	own := bw.Clone()
	src.reveal(back, bw)
	if bw.Max() == 0 {
		leastPerson(bw, alpha, known)
		own = bw
	}
	planar.PushPull(back[:], bw)
	grain(back, pic, own, bw)
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

// reveal puts into back what was seen of it elsewhere, where weight is 0, and raises weight to how much it was.
func (c *cutout) reveal(back planar.Picture, weight *planar.Plane) {
	if c.seen == nil {
		return
	}
	for y := c.known.Y0; y < c.known.Y1; y++ {
		for x := c.known.X0; x < c.known.X1; x++ {
			o := y*weight.W + x
			if seen := num.Clamp01(c.seen.Pix[o]); weight.Pix[o] == 0 && seen > 0 {
				weight.Pix[o] = seen
				for k := range 3 {
					back[k].Pix[o] = c.behind[k].Pix[o]
				}
			}
		}
	}
}

// leastPerson weighs pixels of known where none is background for certain: the less of the person they show, the more, but so little
// that the person itself comes out as a blur.
func leastPerson(weight, alpha *planar.Plane, known planar.Rect) {
	for y := known.Y0; y < known.Y1; y++ {
		for x := known.X0; x < known.X1; x++ {
			o := y*alpha.W + x
			weight.Pix[o] = 1e-4 + 0.3*(1-alpha.Pix[o])*(1-alpha.Pix[o])
		}
	}
}
