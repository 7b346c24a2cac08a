package face

import (
	"fmt"
	"image"
	"path/filepath"

	"github.com/gioconda-live/gioconda/models/ort"
	"github.com/gioconda-live/gioconda/models/weights"
)

// MatteSide is the side of the matte before it is scaled to the picture.
const MatteSide = 256

// Matte separates a person from the background. It belongs to one goroutine at a time.
type Matte struct {
	session *ort.Session
	sampler sampler
	image   []float32
	alpha   []float32
}

// NewMatte loads the network from dir, a model folder made by package weights. The caller closes the Matte before the
// Runtime.
func NewMatte(r *ort.Runtime, dir string) (*Matte, error) {
	s, err := r.Load(filepath.Join(dir, weights.Matte), ort.Options{})
	if err != nil {
		return nil, err
	}
	m := &Matte{session: s, sampler: sampler{n: MatteSide, edge: true}}
	err = ports(s,
		port{&m.image, s.Input, "image", []int{1, 3, MatteSide, MatteSide}},
		port{&m.alpha, s.Output, "alpha", []int{1, 1, MatteSide, MatteSide}},
	)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Close frees the network.
func (m *Matte) Close() error { return m.session.Close() }

// Alpha returns the matte of the whole picture, stretched to MatteSide x MatteSide, row by row: 0 background to 1
// person. The slice is overwritten by the next call. It does not allocate.
func (m *Matte) Alpha(im Image) ([]float32, error) {
	if err := im.check(); err != nil {
		return nil, err
	}
	w, h := float64(im.Width), float64(im.Height)
	m.sampler.fill(m.image, im, plane{cx: w / 2, cy: h / 2, ux: w, vy: h})
	if err := m.session.Run(); err != nil {
		return nil, err
	}
	return m.alpha, nil
}

// Mask writes the matte of im at the picture's own size to dst, which must have that size.
func (m *Matte) Mask(im Image, dst *image.Alpha) error {
	if dst.Rect.Dx() != im.Width || dst.Rect.Dy() != im.Height {
		return fmt.Errorf("%w: a mask of %v for a picture of %d x %d", ErrImage, dst.Rect, im.Width, im.Height)
	}
	alpha, err := m.Alpha(im)
	if err != nil {
		return err
	}
	for y := range im.Height {
		v := (float32(y)+0.5)*MatteSide/float32(im.Height) - 0.5
		v0 := min(max(int(v), 0), MatteSide-2)
		fv := min(max(v-float32(v0), 0), 1)
		upper, lower := alpha[v0*MatteSide:(v0+1)*MatteSide], alpha[(v0+1)*MatteSide:(v0+2)*MatteSide]
		row := dst.Pix[y*dst.Stride : y*dst.Stride+im.Width]
		for x := range row {
			u := (float32(x)+0.5)*MatteSide/float32(im.Width) - 0.5
			u0 := min(max(int(u), 0), MatteSide-2)
			fu := min(max(u-float32(u0), 0), 1)
			top := upper[u0] + fu*(upper[u0+1]-upper[u0])
			bottom := lower[u0] + fu*(lower[u0+1]-lower[u0])
			row[x] = byte(min(max(top+fv*(bottom-top), 0), 1)*255 + 0.5)
		}
	}
	return nil
}
