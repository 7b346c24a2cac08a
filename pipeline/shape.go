package pipeline

import "github.com/gioconda-live/gioconda/pipeline/frame"

// shape turns a session's pictures into what a rendition compresses. The rendition's goroutine owns it.
type shape struct {
	Form
	size   int
	packer *frame.Packer
	packed *frame.I420 // the square over its matte
	wide   *frame.I420
	scaler *frame.Scaler
	empty  *frame.I420   // what is beside a wide picture with a matte
	halves []*frame.I420 // the picture halved, and halved again, as far as is asked
}

// seam is how many columns at either end of a wide picture's square blend into what is beside them, at full size.
const seam = 32

// newShape is for pictures of size x size pixels and a rendition that is resolved.
func newShape(what Rendition, size int) (*shape, error) {
	s := &shape{Form: what.Form, size: size}
	full := Rendition{Edge: size, Form: what.Form}
	var err error
	if s.Alpha {
		s.packer = frame.NewPacker()
		s.packed, err = frame.NewI420(size, 2*size)
	}
	if s.Wide && err == nil {
		full.Edge = WideHeight
		err = s.makeWide(full.Size())
	}
	for full.Edge /= 2; full.Edge >= what.Edge && err == nil; full.Edge /= 2 {
		var img *frame.I420
		img, err = frame.NewI420(full.Size())
		s.halves = append(s.halves, img)
	}
	return s, err
}

// makeWide allocates what a wide shape needs.
func (s *shape) makeWide(width, height int) (err error) {
	if s.scaler, err = frame.NewScaler(s.size, WideHeight); err != nil {
		return err
	}
	if s.wide, err = frame.NewI420(width, height); err != nil || !s.Alpha {
		return err
	}
	s.empty, err = nothing(width, height)
	return err
}

// nothing is a black picture over a matte of 0.
func nothing(width, height int) (*frame.I420, error) {
	f, err := frame.NewI420(width, height)
	if err != nil {
		return nil, err
	}
	for i := range f.Y {
		f.Y[i] = frame.LumaBlack
	}
	for i := range f.U {
		f.U[i], f.V[i] = frame.ChromaZero, frame.ChromaZero
	}
	return f, nil
}

// has tells whether b was drawn with all that this shape needs of it: not where it was drawn before somebody asked for that.
func (s *shape) has(b *buffer) bool {
	if s.Alpha {
		return b.img.Matte != nil && b.behind.Square != nil
	}
	return !s.Wide || b.bare != nil && b.behind.Wide != nil
}

// of makes the picture, which is good until the next call. It allocates nothing.
func (s *shape) of(b *buffer) (*frame.I420, error) {
	img := b.img
	if s.Alpha {
		if err := s.packer.Pack(s.packed, img, b.behind.Square); err != nil {
			return nil, err
		}
		img = s.packed
	}
	switch {
	case s.Wide && s.Alpha:
		if err := s.widen(img, s.empty); err != nil {
			return nil, err
		}
		img = s.wide
	case s.Wide:
		if err := s.widen(b.bare, b.behind.Wide); err != nil {
			return nil, err
		}
		if img = s.wide; b.badge != nil {
			b.badge.Draw(img)
		}
	}
	for _, half := range s.halves {
		if err := half.Halve(img); err != nil {
			return nil, err
		}
		img = half
	}
	return img, nil
}

// widen puts img, or with Alpha its two squares, into the middle of beside, and that into wide.
func (s *shape) widen(img, beside *frame.I420) error {
	s.wide.CopyFrom(beside) // as a whole: there was a badge
	const left = (WideWidth - WideHeight) / 2
	for from, to := 0, 0; from < img.Height; from, to = from+s.size, to+WideHeight {
		if err := s.scaler.Scale(s.wide, left, to, img, from); err != nil {
			return err
		}
	}
	blendSeams(s.wide.Y, beside.Y, WideWidth, left, WideHeight, seam)
	blendSeams(s.wide.U, beside.U, WideWidth/2, left/2, WideHeight/2, seam/2)
	blendSeams(s.wide.V, beside.V, WideWidth/2, left/2, WideHeight/2, seam/2)
	return nil
}

// blendSeams fades the ends of the columns from left on, edge of them, into beside, over n columns each.
func blendSeams(dst, beside []byte, stride, left, edge, n int) {
	for row := 0; row+stride <= len(dst); row += stride {
		a, b := dst[row+left:][:n], beside[row+left:][:n]
		for i := range a {
			a[i] = mix(b[i], a[i], 2*i+1, 2*n)
		}
		a, b = dst[row+left+edge-n:][:n], beside[row+left+edge-n:][:n]
		for i := range a {
			a[i] = mix(a[i], b[i], 2*i+1, 2*n)
		}
	}
}

// mix is a at share 0 and b at share whole.
func mix(a, b byte, share, whole int) byte {
	return byte((int(a)*(whole-share) + int(b)*share + whole/2) / whole)
}
