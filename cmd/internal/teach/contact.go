package teach

import (
	"fmt"
	"image"
	"math"

	"github.com/gioconda-live/gioconda/models/face"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/landmark"
	"github.com/gioconda-live/gioconda/pipeline/motion"
)

const (
	sure      = 0.9  // faces less sure than this are covered, dark or none
	leastEyes = 24   // pixels between the eyes
	mostTurn  = 0.75 // radians
	alike     = 0.92 // similarity from which two faces may be one person's; see face.Similarity
	blurred   = 0.4  // share of the usual sharpness below which a picture is out of focus
	smeared   = 0.2  // the same, whoever it shows
	ahead     = 0.25 // radians up to which a face shows both its sides
	gloom     = 1.9  // how many times brighter or darker than usual a face may be
)

// contact is the sheet of all pictures: of each only what is needed to choose.
type contact struct {
	options *Options
	loose   bool                  // the pictures are not of one film
	beside  func(number int) bool // see album
	seen    []seen
	held    int // of seen, that a persona has already
}

// seen is a picture with a face.
type seen struct {
	number int // of the album
	name   string
	sample landmark.Sample
	eyes   float32 // pixels between them
	yaw    float64 // radians
	who    []float32
	odd    []float32 // how the face differs from itself in a mirror; see lopsided. nil: not looked at
	sharp  float64
	light  float64
	looks  looks
	code   string        // why it is left out, for programs; "": it is not
	why    string        // the same in words
	view   *persona.View // of a persona that has it already
}

// add takes a picture.
func (c *contact) add(number int, name string, picture *image.RGBA, one *landmark.Sample) error {
	s := seen{number: number, name: name, sample: *one}
	p := &one.Points
	left, right := motion.Middle(p[motion.LeftEyeOuter], p[motion.LeftEyeInner]), motion.Middle(p[motion.RightEyeOuter], p[motion.RightEyeInner])
	width := float64(picture.Rect.Dx())
	dx, dy := float64(right.X-left.X)*width, float64(right.Y-left.Y)*width
	s.eyes = float32(math.Hypot(dx, dy))
	f := motion.NewFitter().Measure(p)
	s.yaw = f.Yaw
	switch {
	case one.Score < sure:
		s.out("unclear", "its face is covered, dark or blurred")
	case s.eyes < leastEyes:
		s.out("small", fmt.Sprintf("its face is too small: %.0f pixels between the eyes; %d are needed", s.eyes, leastEyes))
	case math.Abs(f.Yaw) > mostTurn:
		s.out("turned", "its face is turned too far away")
	}
	if s.code == "" {
		x, y := float64(left.X+right.X)/2*width, float64(left.Y+right.Y)/2*width
		s.look(picture, x, y, dx, dy)
		s.looks = newLooks(picture, p)
		if c.loose && math.Abs(s.yaw) <= ahead {
			s.odd = lopsided(picture, x, y, dx, dy)
		}
		if err := s.recognise(c.options.Who, picture); err != nil {
			return err
		}
	}
	c.seen = append(c.seen, s)
	return nil
}

// out leaves it out.
func (s *seen) out(code, why string) { s.code, s.why = code, why }

// recognise reads who a picture shows, where that can be told.
func (s *seen) recognise(who Recogniser, picture *image.RGBA) error {
	if who == nil || !who.Known() {
		return nil
	}
	own := make([]float32, face.IdentitySize)
	ok, err := who.Embed(picture, &s.sample.Points, own)
	if ok {
		s.who = own
	}
	return err
}

const (
	patchWide, patchHigh = 72, 88
	patchUnit            = 40 // samples between the eyes
	patchEyes            = 22 // row of the eyes
)

// patch is a face's luma on a grid that hangs on the eyes, patchWide x patchHigh, and itself without what is smooth.
type patch struct{ raw, fine []float32 }

// newPatch reads one whose eyes are (dx, dy) apart and have their middle at (x, y), aside of the middle by off samples.
func newPatch(m *image.RGBA, x, y, dx, dy, off float64) patch {
	ux, uy := dx/patchUnit, dy/patchUnit
	p := patch{make([]float32, patchWide*patchHigh), make([]float32, patchWide*patchHigh)}
	for j := range patchHigh {
		for i := range patchWide {
			a, b := float64(i)-(patchWide-1)/2.0+off, float64(j)-patchEyes
			p.raw[j*patchWide+i] = luma(m, x+a*ux-b*uy, y+a*uy+b*ux)
		}
	}
	for j := 1; j < patchHigh-1; j++ {
		for i := 1; i < patchWide-1; i++ {
			var around float32
			for d := -4; d <= 4; d += 4 {
				for e := -4; e <= 4; e += 4 {
					around += p.raw[min(max(j+d, 0), patchHigh-1)*patchWide+min(max(i+e, 0), patchWide-1)]
				}
			}
			p.fine[j*patchWide+i] = p.raw[j*patchWide+i] - around/9
		}
	}
	return p
}

// look reads how sharp and how bright the face is whose eyes are (dx, dy) apart around (x, y).
func (s *seen) look(m *image.RGBA, x, y, dx, dy float64) {
	raw := newPatch(m, x, y, dx, dy, 0).raw
	var sum, edges float64
	for j := 1; j < patchHigh-1; j++ {
		for i := 1; i < patchWide-1; i++ {
			o := j*patchWide + i
			sum += float64(raw[o])
			edges += math.Abs(float64(4*raw[o] - raw[o-1] - raw[o+1] - raw[o-patchWide] - raw[o+patchWide]))
		}
	}
	s.light = sum / ((patchWide - 2) * (patchHigh - 2))
	s.sharp = edges / max(sum, 1)
}

// luma is that of a pixel, bilinear.
func luma(m *image.RGBA, x, y float64) float32 {
	x, y = min(max(x-0.5, 0), float64(m.Rect.Dx())-1.001), min(max(y-0.5, 0), float64(m.Rect.Dy())-1.001)
	i, j := int(x), int(y)
	fx, fy := float32(x)-float32(i), float32(y)-float32(j)
	at := func(i, j int) float32 {
		p := m.Pix[min(j, m.Rect.Dy()-1)*m.Stride+4*min(i, m.Rect.Dx()-1):]
		return 0.299*float32(p[0]) + 0.587*float32(p[1]) + 0.114*float32(p[2])
	}
	top := at(i, j) + (at(i+1, j)-at(i, j))*fx
	low := at(i, j+1) + (at(i+1, j+1)-at(i, j+1))*fx
	return top + (low-top)*fy
}
