package teach

import (
	"image"
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/landmark"
)

// looks are what glasses, beards and paint change of a face, against its bare skin.
type looks struct {
	eyes, lip, chin float64 // how much brighter than skin it is around the eyes, over the upper lip, below the lower one: logarithms
	red             float64 // how much redder than skin the lips are, shares of luma
}

// How far looks may be from those of most pictures of a person. Of seven people who talk, laugh and grimace in one or several films they
// are within 0.15, 0.2, 0.4 and 0.09.
const (
	otherEyes = 0.5
	otherLip  = 0.35
	otherChin = 0.45
	otherRed  = 0.13
)

func newLooks(m *image.RGBA, p *[landmark.Count]landmark.Point) looks {
	width := float64(m.Rect.Dx())
	eyes := math.Hypot(float64(p[263].X-p[33].X), float64(p[263].Y-p[33].Y)) * width
	spots := spots{m, p, max(0.035*eyes, 1)}
	skin, skinRed := spots.middle(50, 280, 101, 330, 151, 108, 337)
	over := func(v float64) float64 { return math.Log((v + 8) / (skin + 8)) }
	around, _ := spots.middle(27, 23, 257, 253, 230, 450, 24, 254)
	lip, _ := spots.middle(164, 165, 391, 92, 322)
	chin, _ := spots.middle(199, 200, 175, 194, 418, 211, 431)
	lips, red := spots.middle(0, 17, 37, 267, 84, 314)
	return looks{eyes: over(around), lip: over(lip), chin: over(chin), red: red/(lips+8) - skinRed/(skin+8)}
}

// spots are small squares around landmarks.
type spots struct {
	m      *image.RGBA
	p      *[landmark.Count]landmark.Point
	radius float64 // pixels
}

// middle is the median of some spots' luma, and of their red less luma.
func (s *spots) middle(marks ...int) (bright, red float64) {
	var y, r []float64
	for _, i := range marks {
		if a, b, ok := s.read(i); ok {
			y, r = append(y, a), append(r, b)
		}
	}
	if len(y) == 0 {
		return 0, 0
	}
	slices.Sort(y)
	slices.Sort(r)
	return y[len(y)/2], r[len(r)/2]
}

// read is the mean of a spot; false where the picture does not hold it.
func (s *spots) read(mark int) (bright, red float64, ok bool) {
	width := float64(s.m.Rect.Dx())
	cx, cy := float64(s.p[mark].X)*width, float64(s.p[mark].Y)*width
	n := 0.0
	for y := int(cy - s.radius); y <= int(cy+s.radius); y++ {
		for x := int(cx - s.radius); x <= int(cx+s.radius); x++ {
			if !image.Pt(x, y).In(s.m.Rect) {
				continue
			}
			c := s.m.Pix[s.m.PixOffset(x, y):]
			l := 0.299*float64(c[0]) + 0.587*float64(c[1]) + 0.114*float64(c[2])
			bright, red, n = bright+l, red+float64(c[0])-l, n+1
		}
	}
	return bright / max(n, 1), red / max(n, 1), n > 0
}

// dressed leaves out what shows the person with something that most pictures do not.
func (c *contact) dressed(rest []int) {
	of := func(get func(*looks) float64) float64 {
		return c.usual(rest, func(s *seen) float64 { return get(&s.looks) })
	}
	usual := looks{
		of(func(l *looks) float64 { return l.eyes }), of(func(l *looks) float64 { return l.lip }),
		of(func(l *looks) float64 { return l.chin }), of(func(l *looks) float64 { return l.red }),
	}
	for _, i := range rest {
		s := &c.seen[i]
		l := &s.looks
		switch {
		case s.code != "":
		case math.Abs(l.eyes-usual.eyes) > otherEyes:
			s.out("differs", "its eyes are much darker or brighter than in the others: glasses?")
		case math.Abs(l.lip-usual.lip) > otherLip, math.Abs(l.chin-usual.chin) > otherChin:
			s.out("differs", "it is much darker or brighter around the mouth than the others: a beard?")
		case math.Abs(l.red-usual.red) > otherRed:
			s.out("differs", "its lips have quite another colour than in the others: make-up?")
		}
	}
}
