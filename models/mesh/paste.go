package mesh

import (
	"errors"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/mesh/texmap"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// Paster puts drawn crops back into the whole picture. Build one for each pair of sizes; owned by one goroutine.
type Paster struct {
	full *frame.I420 // the whole picture at output size
	luma pasteGrid
	half pasteGrid
}

// pasteGrid says for each target pixel of a box which source pixel it shows and with what opacity.
type pasteGrid struct {
	box    planar.Rect
	sx, sy []int32 // 24.8 fixed point, relative to the first source pixel's centre
	ax, ay []uint32
}

// NewPaster prepares full (the whole picture, already scaled to the target's size and converted), for crops of
// cropSize pixels that lie at place. place is in pixels of a picture of fullWidth pixels, as in persona.Persona;
// the seam is feathered over the outer 6 % of the crop.
func NewPaster(full *frame.I420, place persona.Place, fullWidth, cropSize int) (*Paster, error) {
	if full == nil || full.Width < 2 || fullWidth < 1 || cropSize < 16 || !(place.Edge > 0) {
		return nil, errors.New("mesh: paste needs a picture, a place and a crop size")
	}
	k := float64(full.Width) / float64(fullWidth)
	x, y, edge := place.X*k, place.Y*k, place.Edge*k
	p := &Paster{full: full}
	p.luma = newPasteGrid(x, y, edge, full.Width, full.Height, cropSize)
	p.half = newPasteGrid(x/2, y/2, edge/2, full.Width/2, full.Height/2, cropSize/2)
	return p, nil
}

func newPasteGrid(x, y, edge float64, width, height, size int) pasteGrid {
	g := pasteGrid{box: planar.Rect{
		X0: max(int(x), 0), Y0: max(int(y), 0), X1: min(int(x+edge)+1, width), Y1: min(int(y+edge)+1, height),
	}}
	line := func(from, to int, origin float64, limit int) (s []int32, a []uint32) {
		for i := from; i < to; i++ {
			u := (float64(i) + 0.5 - origin) / edge // 0..1 across the crop
			v := min(max(u*float64(size)-0.5, 0), float64(size)-1.01)
			s = append(s, int32(v*256))
			seam := num.Smoothstep(0, 0.06, float32(min(u, 1-u)))
			// No seam where the crop reaches the picture's own border.
			if u < 0.5 && origin <= 0 || u > 0.5 && origin+edge >= float64(limit) {
				seam = 1
			}
			a = append(a, uint32(seam*255+0.5))
		}
		return s, a
	}
	g.sx, g.ax = line(g.box.X0, g.box.X1, x, width)
	g.sy, g.ay = line(g.box.Y0, g.box.Y1, y, height)
	return g
}

// Paste draws the whole picture with crop in its place into dst, which has the whole picture's size.
func (p *Paster) Paste(dst, crop *frame.I420) error {
	if dst.Width != p.full.Width || dst.Height != p.full.Height {
		return errors.New("mesh: paste target and whole picture differ in size")
	}
	dst.CopyFrom(p.full)
	p.luma.paste(dst.Y, dst.Width, crop.Y, crop.Width)
	p.half.paste(dst.U, dst.Width/2, crop.U, crop.Width/2)
	p.half.paste(dst.V, dst.Width/2, crop.V, crop.Width/2)
	return nil
}

func (g *pasteGrid) paste(dst []byte, stride int, src []byte, width int) {
	for j := g.box.Y0; j < g.box.Y1; j++ {
		v := g.sy[j-g.box.Y0]
		row := src[int(v>>8)*width:]
		fy := uint32(v & 255)
		for i := g.box.X0; i < g.box.X1; i++ {
			s := g.sx[i-g.box.X0]
			o, fx := int(s>>8), uint32(s&255)
			top := uint32(row[o])*(256-fx) + uint32(row[o+1])*fx
			low := uint32(row[o+width])*(256-fx) + uint32(row[o+width+1])*fx
			al := g.ax[i-g.box.X0] * g.ay[j-g.box.Y0] / 255
			d := &dst[j*stride+i]
			*d = texmap.Mix(*d, (top*(256-fy)+low*fy+1<<15)>>16, al)
		}
	}
}
