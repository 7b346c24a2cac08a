package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Pack writes what was drawn over a background into f, for a receiver that has another one: above the colours over black
// (premultiplied), below the matte as luma, 16 for what is not there to 235, chroma grey. src has a matte; behind is the
// background that it was drawn over; f has their width and twice their height. It allocates nothing.
//
// Colours over black are src less the background's share, which is exact to the rounding of what drew src. Whoever unpacks f puts
// colour + (1-matte)*background, and gets src back where the background is the same.
func (f *I420) Pack(src, behind *I420) error {
	if src.Matte == nil {
		return errors.New("frame: a picture without a matte cannot be packed with one")
	}
	if f.Width != src.Width || f.Height != 2*src.Height || behind.Width != src.Width || behind.Height != src.Height {
		return fmt.Errorf("frame: %dx%d over %dx%d does not pack into %dx%d", src.Width, src.Height, behind.Width, behind.Height, f.Width, f.Height)
	}
	n, c := len(src.Y), len(src.U)
	premultiply(f.Y[:n], src.Y, behind.Y, src.Matte.Luma, LumaBlack)
	premultiply(f.U[:c], src.U, behind.U, src.Matte.Chroma, ChromaZero)
	premultiply(f.V[:c], src.V, behind.V, src.Matte.Chroma, ChromaZero)
	levels(f.Y[n:], src.Matte.Luma)
	grey(f.U[c:])
	grey(f.V[c:])
	return nil
}

const (
	eightClear  = 0
	eightOpaque = 0xffff_ffff_ffff_ffff
)

// premultiply takes the background's share out of src: dst = src - (1-matte)*(behind-zero). len(src) is a multiple of 2.
func premultiply(dst, src, behind, matte []byte, zero int) {
	src, behind, matte = src[:len(dst)], behind[:len(dst)], matte[:len(dst)]
	empty := uint64(zero) * 0x0101_0101_0101_0101
	for len(dst) >= 8 {
		switch binary.LittleEndian.Uint64(matte) {
		case eightClear:
			binary.LittleEndian.PutUint64(dst, empty)
		case eightOpaque:
			copy(dst[:8], src[:8])
		default:
			premultiplyEach(dst[:8], src[:8], behind[:8], matte[:8], zero)
		}
		dst, src, behind, matte = dst[8:], src[8:], behind[8:], matte[8:]
	}
	premultiplyEach(dst, src, behind, matte, zero)
}

func premultiplyEach(dst, src, behind, matte []byte, zero int) {
	for i := range dst {
		share := (255 - int(matte[i])) * (int(behind[i]) - zero) // times 255
		v := 255*int(src[i]) - share
		dst[i] = byte(min(max((v+127)/255, 0), 255))
	}
}

// levels writes a matte as limited-range luma.
func levels(dst, matte []byte) {
	matte = matte[:len(dst)]
	for len(dst) >= 8 {
		switch binary.LittleEndian.Uint64(matte) {
		case eightClear:
			binary.LittleEndian.PutUint64(dst, LumaBlack*0x0101_0101_0101_0101)
		case eightOpaque:
			binary.LittleEndian.PutUint64(dst, lumaWhite*0x0101_0101_0101_0101)
		default:
			levelsEach(dst[:8], matte[:8])
		}
		dst, matte = dst[8:], matte[8:]
	}
	levelsEach(dst, matte)
}

const lumaWhite = LumaBlack + LumaRange

func levelsEach(dst, matte []byte) {
	for i, m := range matte[:len(dst)] {
		dst[i] = byte(LumaBlack + (int(m)*LumaRange+127)/255)
	}
}

func grey(p []byte) {
	for i := range p {
		p[i] = ChromaZero
	}
}
