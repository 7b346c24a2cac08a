package intake

import (
	"image"
	"image/draw"
)

// toRGBA copies img, whose bounds lie somewhere in canvas, into packed premultiplied RGBA of the canvas' size.
// opaque tells that no pixel is transparent.
func toRGBA(img image.Image, canvas image.Rectangle) (out *image.RGBA, opaque bool) {
	if r, ok := img.(*image.RGBA); ok && r.Bounds() == canvas && canvas.Min == (image.Point{}) &&
		r.Stride == 4*canvas.Dx() && r.Opaque() {
		return r, true
	}
	out = image.NewRGBA(image.Rect(0, 0, canvas.Dx(), canvas.Dy()))
	at := img.Bounds().Sub(canvas.Min)
	if p, ok := img.(*image.Paletted); ok {
		fromPalette(out, p, at.Min)
	} else {
		draw.Draw(out, at, img, img.Bounds().Min, draw.Src)
	}
	return out, out.Opaque()
}

// fromPalette looks every colour up once; the general way asks the palette for each pixel.
func fromPalette(out *image.RGBA, p *image.Paletted, at image.Point) {
	var table [256][4]uint8
	for i, c := range p.Palette {
		if i >= len(table) {
			break
		}
		r, g, b, a := c.RGBA()
		table[i] = [4]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
	}
	w, h := p.Bounds().Dx(), p.Bounds().Dy()
	for y := range h {
		src := p.Pix[y*p.Stride : y*p.Stride+w]
		dst := out.Pix[out.PixOffset(at.X, at.Y+y):]
		for x, index := range src {
			copy(dst[4*x:4*x+4], table[index][:])
		}
	}
}

// mostlySolid is the share of transparent pixels below which they are a trimmed rim rather than a background.
const mostlySolid = 0.08

// flatten lays a premultiplied picture on a plain colour, in place. A cut-out gets a grey that stands off from the
// rim of the cut-out, so that the person can still be told from the background; a trimmed rim gets its neighbours'
// colour.
func flatten(img *image.RGBA) {
	r, g, b, share := rim(img)
	if share > mostlySolid {
		grey := 200.0
		if 0.299*r+0.587*g+0.114*b > 140 {
			grey = 90
		}
		r, g, b = grey, grey, grey
	}
	bg := [3]uint32{uint32(r + 0.5), uint32(g + 0.5), uint32(b + 0.5)}
	for p := img.Pix; len(p) >= 4; p = p[4:] {
		a := uint32(p[3])
		if a == 255 {
			continue
		}
		for k, c := range bg {
			p[k] = uint8(min(255, uint32(p[k])+(c*(255-a)+127)/255))
		}
		p[3] = 255
	}
}

// rim returns the mean colour of the solid pixels beside transparent ones in their row, and the share of
// pixels that are mostly transparent.
func rim(img *image.RGBA) (r, g, b, share float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var n, faint float64
	for y := range h {
		row := img.Pix[y*img.Stride : y*img.Stride+4*w]
		for x := range w {
			a := row[4*x+3]
			if a < 128 {
				faint++
				continue
			}
			before, after := max(0, x-1), min(w-1, x+1)
			if row[4*before+3] >= 128 && row[4*after+3] >= 128 {
				continue
			}
			k := 255 / float64(a)
			r, g, b = r+k*float64(row[4*x]), g+k*float64(row[4*x+1]), b+k*float64(row[4*x+2])
			n++
		}
	}
	share = faint / float64(w*h)
	if n == 0 {
		return 128, 128, 128, share
	}
	return r / n, g / n, b / n, share
}

// orient turns and flips img as EXIF says: 1 upright, 2 mirrored, 3 upside down, 4 both, 5..8 on its side.
func orient(img *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	ow, oh := w, h
	if orientation >= 5 {
		ow, oh = h, w
	}
	// Where the first pixel of the result is in the source, and how the source index moves per column and row.
	first, column, row := 0, 4, img.Stride
	right, bottom := 4*(w-1), img.Stride*(h-1)
	switch orientation {
	case 2:
		first, column = right, -4
	case 3:
		first, column, row = right+bottom, -4, -img.Stride
	case 4:
		first, row = bottom, -img.Stride
	case 5:
		column, row = img.Stride, 4
	case 6:
		first, column, row = bottom, -img.Stride, 4
	case 7:
		first, column, row = right+bottom, -img.Stride, -4
	case 8:
		first, column, row = right, img.Stride, -4
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		from := first + y*row
		dst := out.Pix[y*out.Stride : y*out.Stride+4*ow]
		for x := 0; x < len(dst); x += 4 {
			*(*[4]uint8)(dst[x:]) = [4]uint8(img.Pix[from:])
			from += column
		}
	}
	return out
}
