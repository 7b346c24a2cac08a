package main

import (
	"image"
	"math"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// placement maps a driver's picture, in units of its width, into the persona's crop:
// crop = (X + A*x - B*y, Y + B*x + A*y).
type placement struct{ x, y, a, b float64 }

// apply is a sample in crop units.
func (p placement) apply(s *landmark.Sample) landmark.Sample {
	one, k := *s, float32(math.Hypot(p.a, p.b))
	for i := range one.Points {
		q := &one.Points[i]
		x, y := float64(q.X), float64(q.Y)
		*q = motion.Vec3{X: float32(p.x + p.a*x - p.b*y), Y: float32(p.y + p.b*x + p.a*y), Z: q.Z * k}
	}
	return one
}

// placeOf is where the persona's own picture lies.
func placeOf(p *persona.Persona) placement {
	w, _ := p.Full.Size()
	return placement{x: -p.Place.X / p.Place.Edge, y: -p.Place.Y / p.Place.Edge, a: float64(w) / p.Place.Edge}
}

// sitting draws one persona for samples.
type sitting struct {
	persona    *persona.Persona
	render     *mesh.Renderer
	fitter     *motion.Fitter
	retargeter *retarget.Retargeter
	picture    *frame.I420 // the portrait itself
	drawn      *frame.I420
	state      motion.State
}

// openSitting draws p at size pixels without a badge; the caller closes its render.
func openSitting(p *persona.Persona, size int) (*sitting, error) {
	render, err := mesh.New(p, mesh.Options{Size: size, Badge: mesh.BadgeNone})
	if err != nil {
		return nil, err
	}
	s, err := newSitting(p, render, size)
	if err != nil {
		render.Close()
	}
	return s, err
}

func newSitting(p *persona.Persona, r *mesh.Renderer, size int) (*sitting, error) {
	s := &sitting{persona: p, render: r, fitter: motion.NewFitter()}
	o := retarget.DefaultOptions()
	o.Mode, o.FixedNeutral, o.SmoothingOff = retarget.Absolute, true, true
	s.retargeter = retarget.New(&p.Face, o)
	var err error
	if s.drawn, err = frame.NewI420(size, size); err != nil {
		return nil, err
	}
	s.picture, err = portrait.Picture(p)
	return s, err
}

// fit places a picture of the same person that another camera position took: rigid landmarks onto the portrait's.
func (s *sitting) fit(one *landmark.Sample) placement {
	rest := &s.persona.Face
	d := s.fitter.FitFace(&rest.Points, &one.Points)
	turn := func(r *[9]float32) float64 { return math.Atan2(float64(r[3]-r[1]), float64(r[0]+r[4])) }
	angle := turn(&rest.Head.R) - turn(&d.R)
	k := float64(rest.Head.Scale / d.Scale)
	p := placement{a: k * math.Cos(angle), b: k * math.Sin(angle)}
	p.x = float64(rest.Head.T.X) - p.a*float64(d.T.X) + p.b*float64(d.T.Y)
	p.y = float64(rest.Head.T.Y) - p.b*float64(d.T.X) - p.a*float64(d.T.Y)
	return p
}

// draw moves the portrait as in the shot.
func (s *sitting) draw(sh *shot, p placement, now time.Time) error {
	one := p.apply(&sh.sample)
	s.retargeter.Forget()
	s.state = *s.retargeter.Step(&one, now)
	return s.render.Render(s.drawn, &s.state)
}

// truth samples the region that lies at a (crop units) from the shot's picture: three planes R, G, B.
func truth(dst []byte, edge int, view *image.RGBA, p placement, a portrait.Alignment) {
	// Region pixels to picture pixels, through the inverse of p.
	d := p.a*p.a + p.b*p.b
	w := float64(view.Rect.Dx())
	at := func(i, j float64) (float64, float64) {
		cx, cy := a.At(float32(i), float32(j))
		x, y := float64(cx)-p.x, float64(cy)-p.y
		return (x*p.a+y*p.b)/d*w - 0.5, (y*p.a-x*p.b)/d*w - 0.5
	}
	x0, y0 := at(0, 0)
	x1, y1 := at(1, 0)
	taps := min(max(int(math.Hypot(x1-x0, y1-y0)+0.5), 1), 4)
	n := edge * edge
	for j := range edge {
		for i := range edge {
			var sum [3]float64
			for t := range taps * taps {
				x, y := at(float64(i)+(float64(t%taps)+0.5)/float64(taps), float64(j)+(float64(t/taps)+0.5)/float64(taps))
				c := cubic(view, x, y)
				for k := range sum {
					sum[k] += c[k]
				}
			}
			for k := range sum {
				dst[k*n+j*edge+i] = byte(min(max(sum[k]/float64(taps*taps)+0.5, 0), 255))
			}
		}
	}
}

// cubic reads a picture between its pixels (Catmull-Rom); its nearest pixels repeat beyond it.
func cubic(m *image.RGBA, x, y float64) (c [3]float64) {
	x0, y0 := math.Floor(x), math.Floor(y)
	wx, wy := catmull(x-x0), catmull(y-y0)
	for r := range 4 {
		py := min(max(int(y0)+r-1, 0), m.Rect.Dy()-1)
		for q := range 4 {
			px := min(max(int(x0)+q-1, 0), m.Rect.Dx()-1)
			i := py*m.Stride + 4*px
			k := wx[q] * wy[r]
			c[0] += k * float64(m.Pix[i])
			c[1] += k * float64(m.Pix[i+1])
			c[2] += k * float64(m.Pix[i+2])
		}
	}
	return c
}

func catmull(t float64) [4]float64 {
	return [4]float64{
		((-0.5*t+1)*t - 0.5) * t, (1.5*t-2.5)*t*t + 1, ((-1.5*t+2)*t + 0.5) * t, (0.5*t - 0.5) * t * t,
	}
}
