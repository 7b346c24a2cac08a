package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Packer packs a picture with its matte for a receiver that has another background. It is immutable.
type Packer struct {
	share [256]int64 // for each opacity, what is kept of the colours, in 1<<32 of 255
	level [256]byte  // and the luma of the matte
}

// What is hardly there has colours that are guessed, in truth the old background's, and would be a fringe around hair over another
// one: below these opacities it is nothing, and all that it is.
const (
	faintest = 0.05
	trusted  = 0.30
)

// NewPacker makes the tables.
func NewPacker() *Packer {
	p := &Packer{}
	for m := range 256 {
		a := float64(m) / 255
		u := min(max((a-faintest)/(trusted-faintest), 0), 1)
		kept := u * u * (3 - 2*u)
		p.share[m] = int64(kept * (1 << 32) / 255)
		p.level[m] = byte(LumaBlack + LumaRange*a*kept + 0.5)
	}
	return p
}

// Pack writes what was drawn over a background into dst: above the colours over black (premultiplied), below the matte as luma, 16
// for what is not there to 235, chroma grey. src has a matte; behind is the background that it was drawn over; dst has their width
// and twice their height. It allocates nothing.
//
// Colours over black are src less the background's share, which is exact to the rounding of what drew src: whoever unpacks dst puts
// colour + (1-matte)*background. Where the matte is faint both are lowered by the same factor.
func (p *Packer) Pack(dst, src, behind *I420) error {
	if src.Matte == nil {
		return errors.New("frame: a picture without a matte cannot be packed with one")
	}
	if dst.Width != src.Width || dst.Height != 2*src.Height || behind.Width != src.Width || behind.Height != src.Height {
		return fmt.Errorf("frame: %dx%d over %dx%d does not pack into %dx%d", src.Width, src.Height, behind.Width, behind.Height, dst.Width, dst.Height)
	}
	n, c := len(src.Y), len(src.U)
	p.premultiply(dst.Y[:n], src.Y, behind.Y, src.Matte.Luma, LumaBlack)
	p.premultiply(dst.U[:c], src.U, behind.U, src.Matte.Chroma, ChromaZero)
	p.premultiply(dst.V[:c], src.V, behind.V, src.Matte.Chroma, ChromaZero)
	low := dst.Y[n:]
	for i, m := range src.Matte.Luma[:len(low)] {
		low[i] = p.level[m]
	}
	grey(dst.U[c:])
	grey(dst.V[c:])
	return nil
}

// premultiply takes the background's share out of src: what is left over zero, which is black or grey. Most of a picture is all
// background or all portrait, eight samples at once.
func (p *Packer) premultiply(dst, src, behind, matte []byte, zero int64) {
	src, behind, matte = src[:len(dst)], behind[:len(dst)], matte[:len(dst)]
	empty := uint64(zero) * 0x0101_0101_0101_0101
	for len(dst) >= 8 {
		switch binary.LittleEndian.Uint64(matte) {
		case 0:
			binary.LittleEndian.PutUint64(dst, empty)
		case 0xffff_ffff_ffff_ffff:
			copy(dst[:8], src[:8])
		default:
			p.premultiplyEach(dst[:8], src[:8], behind[:8], matte[:8], zero)
		}
		dst, src, behind, matte = dst[8:], src[8:], behind[8:], matte[8:]
	}
	p.premultiplyEach(dst, src, behind, matte, zero)
}

func (p *Packer) premultiplyEach(dst, src, behind, matte []byte, zero int64) {
	for i, m := range matte {
		left := 255*(int64(src[i])-zero) - (255-int64(m))*(int64(behind[i])-zero) // times 255
		dst[i] = byte(min(max(zero+(left*p.share[m]+1<<31)>>32, 0), 255))
	}
}

func grey(p []byte) {
	for i := range p {
		p[i] = ChromaZero
	}
}
