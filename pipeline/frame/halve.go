package frame

import "fmt"

// Halve writes src at half its size into f: each value is the mean of a 2x2 block, rounded. f has half of src's width and
// height. It allocates nothing.
func (f *I420) Halve(src *I420) error {
	if src.Width != 2*f.Width || src.Height != 2*f.Height {
		return fmt.Errorf("frame: half of %dx%d is not %dx%d", src.Width, src.Height, f.Width, f.Height)
	}
	halve(f.Y, src.Y, f.Width, f.Height)
	halve(f.U, src.U, f.Width/2, f.Height/2)
	halve(f.V, src.V, f.Width/2, f.Height/2)
	return nil
}

// halve fills width x height values of dst from a plane of twice the sides.
func halve(dst, src []byte, width, height int) {
	for y := range height {
		out := dst[y*width:][:width]
		top := src[4*y*width:][:2*width]
		bottom := src[(4*y+2)*width:][:2*width]
		for x := range out {
			i := 2 * x
			sum := uint(top[i]) + uint(top[i+1]) + uint(bottom[i]) + uint(bottom[i+1])
			out[x] = byte((sum + 2) / 4)
		}
	}
}
