package frame

import (
	"fmt"
	"image"
)

// FromRGBA converts an opaque picture of the same size; chroma is the mean of each 2x2 block.
func (f *I420) FromRGBA(src *image.RGBA) error {
	b := src.Bounds()
	if b.Dx() != f.Width || b.Dy() != f.Height {
		return fmt.Errorf("frame: a %dx%d picture does not fit %dx%d", b.Dx(), b.Dy(), f.Width, f.Height)
	}
	for y := 0; y < f.Height; y += 2 {
		at := src.PixOffset(b.Min.X, b.Min.Y+y)
		top, bottom := src.Pix[at:], src.Pix[at+src.Stride:]
		yTop, yBottom := f.Y[y*f.Width:], f.Y[(y+1)*f.Width:]
		c := y / 2 * (f.Width / 2)
		for x := 0; x < f.Width; x += 2 {
			var r, g, bl int
			for k := range 2 {
				i := 4 * (x + k)
				tr, tg, tb := int(top[i]), int(top[i+1]), int(top[i+2])
				br, bg, bb := int(bottom[i]), int(bottom[i+1]), int(bottom[i+2])
				yTop[x+k] = luma(tr, tg, tb)
				yBottom[x+k] = luma(br, bg, bb)
				r, g, bl = r+tr+br, g+tg+bg, bl+tb+bb
			}
			f.U[c+x/2] = chroma(uR*r + uG*g + uB*bl)
			f.V[c+x/2] = chroma(vR*r + vG*g + vB*bl)
		}
	}
	return nil
}

func luma(r, g, b int) byte {
	return byte((yR*r + yG*g + yB*b + LumaBlack<<16 + 1<<15) >> 16)
}

// chroma takes the weighted sum over four pixels.
func chroma(sum int) byte { return byte((sum + ChromaZero<<18 + 1<<17) >> 18) }

// ToRGBA converts to an opaque picture of the same size, each chroma value serving its 2x2 block.
func (f *I420) ToRGBA(dst *image.RGBA) error {
	b := dst.Bounds()
	if b.Dx() != f.Width || b.Dy() != f.Height {
		return fmt.Errorf("frame: %dx%d does not fit a %dx%d picture", f.Width, f.Height, b.Dx(), b.Dy())
	}
	for y := range f.Height {
		row := dst.Pix[dst.PixOffset(b.Min.X, b.Min.Y+y):]
		c := y / 2 * (f.Width / 2)
		for x := range f.Width {
			l := rgbY * (int(f.Y[y*f.Width+x]) - LumaBlack)
			u, v := int(f.U[c+x/2])-ChromaZero, int(f.V[c+x/2])-ChromaZero
			i := 4 * x
			row[i] = clamp(l + rV*v)
			row[i+1] = clamp(l + gU*u + gV*v)
			row[i+2] = clamp(l + bU*u)
			row[i+3] = 255
		}
	}
	return nil
}

func clamp(fixed int) byte { return byte(max(0, min(255, (fixed+1<<15)>>16))) }

// Blit copies src to (x, y) of f, which must hold it; x and y are even.
func (f *I420) Blit(src *I420, x, y int) error {
	if x < 0 || y < 0 || x%2 != 0 || y%2 != 0 || x+src.Width > f.Width || y+src.Height > f.Height {
		return fmt.Errorf("frame: %dx%d at (%d, %d) does not fit %dx%d", src.Width, src.Height, x, y, f.Width, f.Height)
	}
	plane := func(dst, from []byte, dw, sw, sh, px, py int) {
		for r := range sh {
			copy(dst[(py+r)*dw+px:], from[r*sw:(r+1)*sw])
		}
	}
	plane(f.Y, src.Y, f.Width, src.Width, src.Height, x, y)
	plane(f.U, src.U, f.Width/2, src.Width/2, src.Height/2, x/2, y/2)
	plane(f.V, src.V, f.Width/2, src.Width/2, src.Height/2, x/2, y/2)
	return nil
}
