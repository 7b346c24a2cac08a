// Package imaging scales pictures and reads colours.
package imaging

import (
	"image"
	"image/color"
	"strconv"

	"golang.org/x/image/draw"
)

// BackdropEdge is the shorter side that a picture behind a portrait is scaled down to, in pixels.
const BackdropEdge = 1024

// Fit scales view into dst, whole, centred, over black.
func Fit(dst, view *image.RGBA) {
	draw.Draw(dst, dst.Bounds(), image.Black, image.Point{}, draw.Src)
	b, v := dst.Bounds(), view.Bounds()
	k := min(float64(b.Dx())/float64(v.Dx()), float64(b.Dy())/float64(v.Dy()))
	w, h := int(float64(v.Dx())*k), int(float64(v.Dy())*k)
	at := image.Rect(0, 0, w, h).Add(image.Pt((b.Dx()-w)/2, (b.Dy()-h)/2))
	draw.ApproxBiLinear.Scale(dst, at, view, v, draw.Src, nil)
}

// Shrink scales img so that its shorter side has at most edge pixels; a smaller one is returned as it is.
func Shrink(img *image.RGBA, edge int) *image.RGBA {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	if min(w, h) <= edge {
		return img
	}
	k := float64(edge) / float64(min(w, h))
	out := image.NewRGBA(image.Rect(0, 0, int(float64(w)*k), int(float64(h)*k)))
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// Narrow is the middle of img as wide as width to height allow, at its full height; img itself where it is no wider. It shares
// img's pixels.
func Narrow(img *image.RGBA, width, height int) *image.RGBA {
	b := img.Bounds()
	most := b.Dy() * width / height
	if b.Dx() <= most {
		return img
	}
	x := b.Min.X + (b.Dx()-most)/2
	return img.SubImage(image.Rect(x, b.Min.Y, x+most, b.Max.Y)).(*image.RGBA) //nolint:forcetypeassert // as its documentation says
}

// Cover scales the middle square of img to edge x edge pixels.
func Cover(img *image.RGBA, edge int) *image.RGBA {
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	from := image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	out := image.NewRGBA(image.Rect(0, 0, edge, edge))
	draw.CatmullRom.Scale(out, out.Bounds(), img, from, draw.Src, nil)
	return out
}

// ParseColour reads #rrggbb; false for anything else.
func ParseColour(s string) (color.RGBA, bool) {
	if len(s) != 7 || s[0] != '#' {
		return color.RGBA{}, false
	}
	v, err := strconv.ParseUint(s[1:], 16, 32)
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}, err == nil
}
