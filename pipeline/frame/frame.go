// Package frame holds pictures on their way to an encoder: planar I420, limited-range BT.601.
package frame

import "fmt"

// I420 is one picture: Y is Height rows of Width bytes (16..235), U and V are (Height/2) rows of Width/2 bytes
// (16..240, 128 is grey); rows are packed, width and height even. Conversion is ITU-R BT.601, limited range.
type I420 struct {
	Width, Height int
	Y, U, V       []byte

	// Matte is set where somebody wants to know what was drawn over a background: whoever draws into the picture keeps it in
	// step. Copies and conversions leave it out.
	Matte *Matte
}

// NewI420 allocates a picture. Both sides must be positive and even.
func NewI420(width, height int) (*I420, error) {
	if width <= 0 || height <= 0 || width%2 != 0 || height%2 != 0 {
		return nil, fmt.Errorf("frame: size %dx%d: both sides must be positive and even", width, height)
	}
	n := width * height
	buf := make([]byte, n+n/2)
	return &I420{
		Width: width, Height: height,
		Y: buf[:n:n], U: buf[n : n+n/4 : n+n/4], V: buf[n+n/4:],
	}, nil
}

// CopyFrom copies a picture of the same size.
func (f *I420) CopyFrom(src *I420) {
	copy(f.Y, src.Y)
	copy(f.U, src.U)
	copy(f.V, src.V)
}
