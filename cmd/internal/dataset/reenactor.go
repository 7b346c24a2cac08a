package dataset

import (
	"image"
	"math"
	"time"

	"github.com/gioconda-live/gioconda/models/mesh"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/models/portrait"
	"github.com/gioconda-live/gioconda/models/views"
	"github.com/gioconda-live/gioconda/pipeline/frame"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
	"github.com/gioconda-live/gioconda/pipeline/retarget"
)

// Placement maps a driver's picture, in units of its width, into the persona's crop:
// crop = (X + A*x - B*y, Y + B*x + A*y).
type Placement struct{ X, Y, A, B float64 }

// apply is a sample in crop units.
func (p Placement) apply(s *landmark.Sample) landmark.Sample {
	one, k := *s, float32(math.Hypot(p.A, p.B))
	for i := range one.Points {
		q := &one.Points[i]
		x, y := float64(q.X), float64(q.Y)
		*q = motion.Vec3{X: float32(p.X + p.A*x - p.B*y), Y: float32(p.Y + p.B*x + p.A*y), Z: q.Z * k}
	}
	return one
}

// placeOf is where the persona's own picture lies.
func placeOf(p *persona.Persona) Placement {
	w, _ := p.Full.Size()
	return Placement{X: -p.Place.X / p.Place.Edge, Y: -p.Place.Y / p.Place.Edge, A: float64(w) / p.Place.Edge}
}

// Reenactor draws one persona for samples: the portrait moves as its own person does in another picture.
type Reenactor struct {
	Persona    *persona.Persona
	render     *mesh.Renderer
	known      *views.Posed // nil: nothing is added
	fitter     *motion.Fitter
	retargeter *retarget.Retargeter
	Picture    *frame.I420 // the portrait itself
	Drawn      *frame.I420
	State      motion.State
}

// openReenactor draws p and what its further views add to the geometric layer, at size pixels, without a badge; the caller closes
// its render.
func openReenactor(p *persona.Persona, size int) (*Reenactor, error) {
	render, err := mesh.New(p, mesh.Options{Size: size, Badge: mesh.BadgeNone})
	if err != nil {
		return nil, err
	}
	s, err := NewReenactor(p, render, size)
	if err != nil {
		render.Close()
		return nil, err
	}
	v, err := views.New(p, size, render.Render)
	if err != nil {
		render.Close()
		return nil, err
	}
	if v != nil {
		s.known = v.NewPosed()
	}
	return s, nil
}

// NewReenactor draws p's first view with r, which stays the caller's, at size pixels.
func NewReenactor(p *persona.Persona, r *mesh.Renderer, size int) (*Reenactor, error) {
	s := &Reenactor{Persona: p, render: r, fitter: motion.NewFitter()}
	o := retarget.DefaultOptions()
	o.Mode, o.FixedNeutral, o.SmoothingOff = retarget.Absolute, true, true
	s.retargeter = retarget.New(&p.Face, o)
	var err error
	if s.Drawn, err = frame.NewI420(size, size); err != nil {
		return nil, err
	}
	s.Picture, err = portrait.Picture(p)
	return s, err
}

// fit places a picture of the same person that another camera position took: rigid landmarks onto the portrait's.
func (s *Reenactor) fit(one *landmark.Sample) Placement {
	rest := &s.Persona.Face
	d := s.fitter.FitFace(&rest.Points, &one.Points)
	turn := func(r *[9]float32) float64 { return math.Atan2(float64(r[3]-r[1]), float64(r[0]+r[4])) }
	angle := turn(&rest.Head.R) - turn(&d.R)
	k := float64(rest.Head.Scale / d.Scale)
	p := Placement{A: k * math.Cos(angle), B: k * math.Sin(angle)}
	p.X = float64(rest.Head.T.X) - p.A*float64(d.T.X) + p.B*float64(d.T.Y)
	p.Y = float64(rest.Head.T.Y) - p.B*float64(d.T.X) - p.A*float64(d.T.Y)
	return p
}

// Draw moves the portrait as in the shot.
func (s *Reenactor) Draw(sh *Shot, p Placement, now time.Time) error {
	one := p.apply(&sh.Sample)
	s.retargeter.Forget()
	s.State = *s.retargeter.Step(&one, now)
	if err := s.render.Render(s.Drawn, &s.State); err != nil || s.known == nil {
		return err
	}
	return s.known.Paint(s.Drawn, &s.State, 0)
}

// Truth samples the region that lies at a (crop units) from the shot's picture: three planes R, G, B.
func Truth(dst []byte, edge int, view *image.RGBA, p Placement, a portrait.Alignment) {
	// Region pixels to picture pixels, through the inverse of p.
	d := p.A*p.A + p.B*p.B
	w := float64(view.Rect.Dx())
	at := func(i, j float64) (float64, float64) {
		cx, cy := a.At(float32(i), float32(j))
		x, y := float64(cx)-p.X, float64(cy)-p.Y
		return (x*p.A+y*p.B)/d*w - 0.5, (y*p.A-x*p.B)/d*w - 0.5
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

// PlaceOf is where the persona's own picture lies, in its crop.
func PlaceOf(p *persona.Persona) Placement { return placeOf(p) }
