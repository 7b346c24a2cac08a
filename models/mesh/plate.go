package mesh

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// plate is what lies behind the head, background and body, as it was in the last picture. Little of that is different in the next, and
// only so much is drawn anew. The picture is the same as if all were.
type plate struct {
	f     *frame.I420
	fits  bool // f is the body's last pose over the background
	whole bool // of the picture that is drawn now: nothing that is in f can be used
}

func newPlate(size int) (p plate, err error) {
	p.f, err = frame.NewI420(size, size)
	return p, err
}

// begin is called when the body has been moved; until end f fits nothing, should a picture not be drawn to its end.
func (p *plate) begin() { p.whole, p.fits = !p.fits, false }

// endPlate is called when all rows were drawn into dst.
func (r *Renderer) endPlate(dst *frame.I420) { r.plate.fits = dst.Matte == nil }

// drawBehind paints background and body into the band of f.
func (r *Renderer) drawBehind(f *frame.I420, bd planar.Band) {
	p := &r.plate
	switch {
	case f.Matte != nil: // which the body is drawn into, too
		copyRows(f, r.background, bd)
		n, c := f.Width, f.Width/2
		clear(f.Matte.Luma[bd.Y0*n : bd.Y1*n])
		clear(f.Matte.Chroma[bd.Y0/2*c : bd.Y1/2*c])
		r.body.Draw(f, bd)
		return
	case p.whole || !r.body.Follows():
		copyRows(p.f, r.background, bd)
		r.body.Draw(p.f, bd)
	default:
		r.body.Redraw(p.f, r.background, bd)
	}
	copyRows(f, p.f, bd)
}

// copyRows copies a band of src.
func copyRows(dst, src *frame.I420, bd planar.Band) {
	n, c := dst.Width, dst.Width/2
	copy(dst.Y[bd.Y0*n:bd.Y1*n], src.Y[bd.Y0*n:])
	copy(dst.U[bd.Y0/2*c:bd.Y1/2*c], src.U[bd.Y0/2*c:])
	copy(dst.V[bd.Y0/2*c:bd.Y1/2*c], src.V[bd.Y0/2*c:])
}
