package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Badge is a small translucent "AI" plaque for pictures of one size, immutable: it may be shared. A Renderer draws its own;
// one is needed beside it where the drawn crop is only a part of the picture.
type Badge struct {
	x, y, w, h int    // output pixels, all even
	dark       []byte // opacity of the dark plaque, 0..255
	ink        []byte // opacity of the light letters
}

// Levels of the badge: a dark plaque and light letters, both grey.
const (
	badgeDark, badgeDarkAlpha = 30, 105
	badgeInk, badgeInkAlpha   = 225, 205
)

// NewBadge makes the plaque for pictures of width x height pixels, both even, a twentieth as high as the shorter edge; nil for
// BadgeNone and for pictures too small to hold it.
func NewBadge(place BadgePlace, width, height int) *Badge {
	size := min(width, height)
	if place >= BadgeNone || size < 40 {
		return nil
	}
	h := size / 20 / 2 * 2
	w := h * 3 / 2 / 2 * 2
	gap := size / 40 / 2 * 2
	b := &Badge{x: gap, y: gap, w: w, h: h, dark: make([]byte, w*h), ink: make([]byte, w*h)}
	if place == BadgeBottomRight || place == BadgeTopRight {
		b.x = width - gap - w
	}
	if place == BadgeBottomRight || place == BadgeBottomLeft {
		b.y = height - gap - h
	}
	for y := range h {
		for x := range w {
			u, v := (float32(x)+0.5)/float32(h), (float32(y)+0.5)/float32(h)
			soft := 1 / float32(h)
			b.dark[y*w+x] = byte(badgeDarkAlpha * num.Clamp01(0.5-plaque(u-0.75, v-0.5)/soft))
			b.ink[y*w+x] = byte(badgeInkAlpha * num.Clamp01(0.5-letters(u, v)/soft))
		}
	}
	return b
}

// plaque is the signed distance to a rounded box of 1.5 x 1 around the origin.
func plaque(u, v float32) float32 {
	const r = 0.28
	x, y := max(num.Abs(u)-(0.75-r), 0), max(num.Abs(v)-(0.5-r), 0)
	return num.Sqrt(x*x+y*y) - r
}

// letters is the distance to the strokes of "AI" in a box of 1.5 x 1.
func letters(u, v float32) float32 {
	const half = 0.055 // of a stroke
	d := min(
		segment(u, v, 0.36, 0.74, 0.60, 0.27),
		segment(u, v, 0.60, 0.27, 0.84, 0.74),
		segment(u, v, 0.45, 0.58, 0.75, 0.58),
		segment(u, v, 1.08, 0.27, 1.08, 0.74),
	)
	return d - half
}

// segment is the distance from (u, v) to the line from a to b.
func segment(u, v, ax, ay, bx, by float32) float32 {
	dx, dy := bx-ax, by-ay
	t := num.Clamp01(((u-ax)*dx + (v-ay)*dy) / (dx*dx + dy*dy))
	x, y := u-ax-t*dx, v-ay-t*dy
	return num.Sqrt(x*x + y*y)
}

// Draw blends the badge into f, which has the size that the badge was made for; a nil badge draws nothing.
func (b *Badge) Draw(f *frame.I420) {
	if b == nil {
		return
	}
	for y := range b.h {
		row := f.Y[(b.y+y)*f.Width+b.x:]
		for x := range b.w {
			o := y*b.w + x
			row[x] = texmap.Mix(texmap.Mix(row[x], badgeDark, uint32(b.dark[o])), badgeInk, uint32(b.ink[o]))
		}
	}
	if f.Matte != nil {
		b.cover(f)
	}
	c := f.Width / 2
	for y := range b.h / 2 {
		for x := range b.w / 2 {
			o, q := 2*y*b.w+2*x, (b.y/2+y)*c+b.x/2+x
			al := max(uint32(b.dark[o]), uint32(b.ink[o]))
			f.U[q], f.V[q] = texmap.Mix(f.U[q], 128, al), texmap.Mix(f.V[q], 128, al)
		}
	}
}

// cover lays the badge's opacity over the matte of f.
func (b *Badge) cover(f *frame.I420) {
	for y := range b.h {
		row := f.Matte.Luma[(b.y+y)*f.Width+b.x:]
		for x := range b.w {
			o := y*b.w + x
			row[x] = texmap.Mix(texmap.Mix(row[x], 255, uint32(b.dark[o])), 255, uint32(b.ink[o]))
		}
	}
	for y := range b.h / 2 {
		row := f.Matte.Chroma[(b.y/2+y)*(f.Width/2)+b.x/2:]
		for x := range b.w / 2 {
			o := 2*y*b.w + 2*x
			row[x] = texmap.Mix(row[x], 255, max(uint32(b.dark[o]), uint32(b.ink[o])))
		}
	}
}
