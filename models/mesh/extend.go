package mesh

import (
	"image"
	"image/draw"

	"github.com/gioconda-live/gioconda/models/mesh/outpaint"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// Extend is the portrait p at rest, which r draws, continued to width x height pixels: what a wide picture shows beside what moves.
// It takes a few hundred milliseconds; no other frame is drawn meanwhile. The picture is the caller's.
func (r *Renderer) Extend(p *persona.Persona, width, height int) (*frame.I420, error) {
	rest, err := frame.NewI420(r.opt.Size, r.opt.Size)
	if err != nil {
		return nil, err
	}
	rest.Matte = frame.NewMatte(rest)
	badge := r.badge
	r.badge = nil
	st := motion.State{Head: p.Face.Head, Points: p.Face.Points, Lid: [2]float32{1, 1}}
	err = r.Render(rest, &st)
	r.badge = badge
	if err != nil {
		return nil, err
	}
	return outpaint.Extend(&outpaint.Scene{Rest: rest, Background: r.background, Around: r.around(p)}, width, height)
}

// around is the picture that goes on beyond the square, nil if there is none.
func (r *Renderer) around(p *persona.Persona) *outpaint.Around {
	switch b := &r.opt.Background; {
	case b.Mode == BackgroundOriginal && p.Full != nil:
		img, err := p.Full.Image()
		if err != nil {
			return nil // the portrait itself can be drawn without
		}
		return &outpaint.Around{Picture: img, X: p.Place.X, Y: p.Place.Y, Edge: p.Place.Edge, Person: true}
	case b.Mode == BackgroundImage && b.Around != nil:
		img := rgba(b.Around)
		w, h := img.Bounds().Dx(), img.Bounds().Dy()
		edge := min(w, h)
		return &outpaint.Around{Picture: img, X: float64(w-edge) / 2, Y: float64(h-edge) / 2, Edge: float64(edge)}
	}
	return nil
}

// rgba is m as that type, converted where it is another.
func rgba(m image.Image) *image.RGBA {
	if out, ok := m.(*image.RGBA); ok {
		return out
	}
	out := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(out, out.Bounds(), m, m.Bounds().Min, draw.Src)
	return out
}
