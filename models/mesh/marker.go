package mesh

import "github.com/gioconda-live/gioconda/pipeline/frame"

// Geometry and levels of the marker; the package comment draws the layout.
const (
	markerColumns = 6
	markerRows    = 4
	markerDivisor = 40
	markerWhite   = 235
	markerBlack   = 16
	markerGrey    = 128
)

// markerCells returns the 24 cells of a code, row by row; true is white.
func markerCells(code uint16) (cells [markerColumns * markerRows]bool) {
	check := (code>>12 ^ code>>8 ^ code>>4 ^ code) & 15
	bits := uint32(code)<<4 | uint32(check)
	next := 19
	for i := range cells {
		switch i {
		case 0, markerColumns*markerRows - 1:
			cells[i] = true
		case markerColumns - 1, markerColumns * (markerRows - 1):
		default:
			cells[i] = bits>>next&1 == 1
			next--
		}
	}
	return cells
}

// DrawMarker draws code in the top left corner of f. Frames narrower than 80 pixels are left alone: a cell
// would be too small to survive compression.
func DrawMarker(f *frame.I420, code uint16) {
	c := f.Width / markerDivisor
	if c < 2 || f.Height < c*(markerRows+2) {
		return
	}
	m := c / 2
	x0, y0, x1, y1 := c-m, c-m, c*(markerColumns+1)+m, c*(markerRows+1)+m
	for y := y0; y < y1; y++ {
		fill(f.Y[y*f.Width+x0:y*f.Width+x1], markerGrey)
	}
	if f.Matte != nil {
		for y := y0; y < y1; y++ {
			fill(f.Matte.Luma[y*f.Width+x0:y*f.Width+x1], 255)
		}
		for y := y0 / 2; y < (y1+1)/2; y++ {
			fill(f.Matte.Chroma[y*(f.Width/2)+x0/2:y*(f.Width/2)+(x1+1)/2], 255)
		}
	}
	cells := markerCells(code)
	for i, white := range cells {
		level := byte(markerBlack)
		if white {
			level = markerWhite
		}
		cx, cy := c+i%markerColumns*c, c+i/markerColumns*c
		for y := cy; y < cy+c; y++ {
			fill(f.Y[y*f.Width+cx:y*f.Width+cx+c], level)
		}
	}
	cw := f.Width / 2
	for y := y0 / 2; y < (y1+1)/2; y++ {
		fill(f.U[y*cw+x0/2:y*cw+(x1+1)/2], markerGrey)
		fill(f.V[y*cw+x0/2:y*cw+(x1+1)/2], markerGrey)
	}
}

// ReadMarker reads a code that DrawMarker drew, also after scaling or compression; ok is false where there is none.
func ReadMarker(f *frame.I420) (code uint16, ok bool) {
	c := f.Width / markerDivisor
	if c < 2 || f.Height < c*(markerRows+2) {
		return 0, false
	}
	var bits uint32
	for i := range markerColumns * markerRows {
		cx, cy := c+i%markerColumns*c, c+i/markerColumns*c
		sum, n := 0, 0
		for y := cy + c/4; y < cy+c-c/4; y++ {
			for x := cx + c/4; x < cx+c-c/4; x++ {
				sum += int(f.Y[y*f.Width+x])
				n++
			}
		}
		white := sum >= markerGrey*n
		switch i {
		case 0, markerColumns*markerRows - 1:
			ok = white
		case markerColumns - 1, markerColumns * (markerRows - 1):
			ok = !white
		default:
			bits <<= 1
			if white {
				bits |= 1
			}
			continue
		}
		if !ok {
			return 0, false
		}
	}
	code = uint16(bits >> 4)
	return code, uint16(bits&15) == (code>>12^code>>8^code>>4^code)&15
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}
