//go:build (amd64 || arm64) && !purego

package portrait

import (
	"unsafe"

	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// regionJob is a row of a region as the kernel takes it, which knows where its fields lie.
type regionJob struct {
	y, u, v        *byte
	dst            *float32
	plane, edge    int // of dst: from one colour to the next, and pixels of the row
	width, taps    int // of the picture; samples per axis of a pixel
	ox, oy, ux, uy float32
	base, sign     float32 // a column i lies at base + sign*i: seen in a mirror or not
	weight         float32
	_              float32
	across, down   [maxTaps]float32 // of the taps: where in the pixel, and at which row
}

//go:noescape
func readRowKernel(j *regionJob)

//go:noescape
func unitBytesKernel(dst *float32, src *byte, n int)

// readInside is Read for a region that lies inside the picture; false where this processor does nothing better than Read's own
// loop, whose numbers it equals.
func (r *Region) readInside(dst []float32, src *frame.I420, a *Alignment) bool {
	e := r.Edge
	if !hasKernels() || e%8 != 0 || e < 8 {
		return false
	}
	offsets, taps := a.taps()
	j := regionJob{
		y: &src.Y[0], u: &src.U[0], v: &src.V[0], plane: e * e, edge: e, width: src.Width, taps: taps,
		ox: a.OX, oy: a.OY, ux: a.UX, uy: a.UY, sign: 1, weight: 1 / float32(taps*taps), across: offsets,
	}
	if a.Mirror != 0 {
		j.base, j.sign = a.Mirror, -1
	}
	_ = dst[3*e*e-1]
	for row := range e {
		for k, o := range offsets {
			j.down[k] = float32(row) + o
		}
		j.dst = &dst[row*e]
		readRowKernel(&j)
	}
	return true
}

// toUnit turns bytes into numbers of 0..1.
func toUnit(dst []float32, src []byte) {
	n := 0
	if hasKernels() {
		n = min(len(dst), len(src)) &^ 7
	}
	if n > 0 {
		unitBytesKernel(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	}
	toUnitOne(dst[n:], src[n:])
}
