package main

import (
	"errors"
	"fmt"
	"image"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/frame"
)

// fullFrame is the whole picture into which the moving crop is pasted back.
type fullFrame struct {
	out, still *frame.I420
	x, y       int    // of the crop's corner in out, even; may be negative
	weight     []byte // of the crop's pixels: 255 inside, falling to 0 at its edge
}

var errNoFull = errors.New("this persona keeps no whole picture; use --framing portrait")

// newFullFrame scales the whole picture so that the crop keeps its size, and aligns both on a pixel.
func newFullFrame(p *persona.Persona, size int) (*fullFrame, error) {
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
	f := &fullFrame{x: even(p.Place.X * k), y: even(p.Place.Y * k), weight: feather(size)}
	scaled := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(scaled, scaled.Bounds(), img, img.Bounds(), draw.Src, nil) // the rim that alignment leaves free
	draw.CatmullRom.Transform(scaled, f64.Aff3{
		k, 0, float64(f.x) - p.Place.X*k,
		0, k, float64(f.y) - p.Place.Y*k,
	}, img, img.Bounds(), draw.Src, nil)
	if f.out, err = frame.NewI420(w, h); err != nil {
		return nil, err
	}
	if f.still, err = frame.NewI420(w, h); err != nil {
		return nil, err
	}
	return f, f.still.FromRGBA(scaled)
}

func even(v float64) int { return int(math.Round(v/2)) * 2 }

// feather is 255 inside and falls smoothly to 0 over the outer twentieth.
func feather(size int) []byte {
	ramp := func(i int) float64 {
		d := min(float64(i)+0.5, float64(size-i)-0.5) / (float64(size) / 20)
		d = max(0, min(1, d))
		return d * d * (3 - 2*d)
	}
	w := make([]byte, size*size)
	for y := range size {
		for x := range size {
			w[y*size+x] = byte(255*ramp(x)*ramp(y) + 0.5)
		}
	}
	return w
}

// paste blends crop over the still picture into out.
func (f *fullFrame) paste(crop *frame.I420) {
	f.out.CopyFrom(f.still)
	n := crop.Width
	blend := func(dst, src []byte, dw, dh, sw, x, y, step int) {
		for r := range sw {
			if y+r < 0 || y+r >= dh {
				continue
			}
			for c := max(0, -x); c < sw && x+c < dw; c++ {
				w := int(f.weight[r*step*n+c*step])
				d := &dst[(y+r)*dw+x+c]
				*d = byte((int(*d)*(255-w) + int(src[r*sw+c])*w + 127) / 255)
			}
		}
	}
	o := f.out
	blend(o.Y, crop.Y, o.Width, o.Height, n, f.x, f.y, 1)
	blend(o.U, crop.U, o.Width/2, o.Height/2, n/2, f.x/2, f.y/2, 2)
	blend(o.V, crop.V, o.Width/2, o.Height/2, n/2, f.x/2, f.y/2, 2)
}
