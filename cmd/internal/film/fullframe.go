package film

import (
	"errors"
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// fullFrame is the whole picture into which the moving crop is pasted back.
type fullFrame struct {
	out   *frame.I420
	paste *mesh.Paster
	badge *mesh.Badge // of the whole picture: the crop has none
}

var errNoFull = errors.New("this persona keeps no whole picture; use --framing portrait")

// newFullFrame scales the whole picture so that the crop keeps its size, and aligns both on a pixel, so that
// pasting does not blur. place is where the whole picture gets its badge.
func newFullFrame(p *persona.Persona, size int, place mesh.BadgePlace) (*fullFrame, error) {
	if p.Full == nil {
		return nil, errNoFull
	}
	img, err := p.Full.Image()
	if err != nil {
		return nil, err
	}
	k := float64(size) / p.Place.Edge
	w, h := even(float64(img.Bounds().Dx())*k), even(float64(img.Bounds().Dy())*k)
	const most = 4096
	if w > most || h > most {
		return nil, fmt.Errorf("the whole picture would be %dx%d; use a smaller --size", w, h)
	}
	x, y := float64(even(p.Place.X*k)), float64(even(p.Place.Y*k))
	scaled := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(scaled, scaled.Bounds(), img, img.Bounds(), draw.Src, nil) // the rim that alignment leaves free
	draw.CatmullRom.Transform(scaled, f64.Aff3{k, 0, x - p.Place.X*k, 0, k, y - p.Place.Y*k}, img, img.Bounds(), draw.Src, nil)
	still, err := frame.NewI420(w, h)
	if err == nil {
		err = still.FromRGBA(scaled)
	}
	if err != nil {
		return nil, err
	}
	f := &fullFrame{badge: mesh.NewBadge(place, w, h)}
	if f.out, err = frame.NewI420(w, h); err != nil {
		return nil, err
	}
	f.paste, err = mesh.NewPaster(still, persona.Place{X: x, Y: y, Edge: float64(size)}, w, size)
	return f, err
}

// compose pastes the crop in and draws the badge, into out.
func (f *fullFrame) compose(crop *frame.I420) error {
	if err := f.paste.Paste(f.out, crop); err != nil {
		return err
	}
	f.badge.Draw(f.out)
	return nil
}

func even(v float64) int { return int(math.Round(v/2)) * 2 }
