package teach

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/models/face"
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
	otherway  = 0.04 // by which a face in a mirror is more like the others; of the same person neutral and smiling, it is less by 0.08 at least
	ahead     = 0.25 // radians up to which a face shows both its sides
	gloom     = 1.9  // how many times brighter or darker than usual a face may be
)

// contact is the sheet of all pictures: of each only what is needed to choose.
type contact struct {
	options *Options
	loose   bool // the pictures are not of one film
	seen    []seen
}

// seen is a picture with a face.
type seen struct {
	number int // of the album
	name   string
	sample landmark.Sample
	eyes   float32 // pixels between them
	yaw    float64 // radians
	who    []float32
	patch  []float32 // the face, upright, patchWide x patchHigh, mean 0
	sharp  float64
	light  float64
	code   string // why it is left out, for programs; "": it is not
	why    string // the same in words
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
		s.look(picture, float64(left.X)*width, float64(left.Y)*width, dx, dy)
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
)

// look reads the face's luma on a grid that hangs on the eyes, which are (dx, dy) apart from the left one at (x, y).
func (s *seen) look(m *image.RGBA, x, y, dx, dy float64) {
	ux, uy := dx/patchUnit, dy/patchUnit
	raw := make([]float32, patchWide*patchHigh)
	for j := range patchHigh {
		for i := range patchWide {
			a, b := float64(i)-(patchWide-patchUnit)/2, float64(j)-22
			raw[j*patchWide+i] = luma(m, x+a*ux-b*uy, y+a*uy+b*ux)
		}
	}
	s.patch = make([]float32, len(raw))
	var sum, edges float64
	for j := 1; j < patchHigh-1; j++ {
		for i := 1; i < patchWide-1; i++ {
			o := j*patchWide + i
			sum += float64(raw[o])
			edges += math.Abs(float64(4*raw[o] - raw[o-1] - raw[o+1] - raw[o-patchWide] - raw[o+patchWide]))
			var around float32
			for d := -4; d <= 4; d += 4 {
				for e := -4; e <= 4; e += 4 {
					around += raw[min(max(j+d, 0), patchHigh-1)*patchWide+min(max(i+e, 0), patchWide-1)]
				}
			}
			s.patch[o] = raw[o] - around/9
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

// keep judges the pictures against each other, says which are left out, and lists the others; at least one.
func (c *contact) keep() (kept []int) {
	var rest []int
	for i := range c.seen {
		if c.seen[i].why == "" {
			rest = append(rest, i)
		}
	}
	if rest = c.unfocused(rest); len(rest) > 0 {
		c.strangers(rest)
		c.dim(rest)
	}
	for i := range c.seen {
		if c.seen[i].code == "" {
			kept = append(kept, i)
		}
	}
	if len(kept) == 0 { // whatever is wrong with it, one picture is as good as it is alone
		best := c.best()
		c.seen[best].out("", "")
		kept = []int{best}
	}
	for i := range c.seen {
		if s := &c.seen[i]; s.code != "" {
			c.options.leave(Left{Number: s.number, Name: s.name, Code: s.code, Why: s.why})
		}
	}
	return kept
}

// best is the picture with the surest face.
func (c *contact) best() int {
	best := 0
	for i := range c.seen {
		if c.seen[i].sample.Score > c.seen[best].sample.Score {
			best = i
		}
	}
	return best
}

// strangers leaves out other people than the one whom most pictures show, the first of several such, and what was taken in a mirror.
func (c *contact) strangers(rest []int) {
	main, most := rest[0], 0
	for _, i := range rest {
		same := 0
		for _, j := range rest {
			if a, b := c.seen[i].who, c.seen[j].who; a != nil && b != nil && face.Similarity(a, b) >= alike {
				same++
			}
		}
		if same > most {
			main, most = i, same
		}
	}
	one := &c.seen[main]
	for _, i := range rest {
		s := &c.seen[i]
		switch {
		case one.who == nil || i == main:
		case s.who == nil:
			s.out("unknown", "who it shows cannot be told")
		case face.Similarity(s.who, one.who) < alike:
			s.out("other", "it shows somebody else than "+one.name+", or the same person in quite another way")
		}
	}
	if c.loose {
		c.mirrored(rest, one)
	}
}

// mirrored leaves out what seems to be taken in a mirror, as against most.
func (c *contact) mirrored(rest []int, one *seen) {
	var sides [2][]*seen
	for _, i := range rest {
		s := &c.seen[i]
		if s.code != "" || math.Abs(s.yaw) > ahead || math.Abs(one.yaw) > ahead {
			continue
		}
		side := 0
		if likeness(s.patch, one.patch, true) > likeness(s.patch, one.patch, false)+otherway {
			side = 1
		}
		sides[side] = append(sides[side], s)
	}
	out := sides[1]
	if len(out) > len(sides[0]) {
		out = sides[0]
	}
	for _, s := range out {
		s.out("mirrored", "it looks as if taken in a mirror, unlike the others; flip it")
	}
}

// likeness is the correlation of two faces, the first seen in a mirror or not.
func likeness(a, b []float32, mirror bool) float64 {
	var ab, aa, bb float64
	for o, v := range b {
		u := a[o]
		if x := o % patchWide; mirror {
			u = a[o-x+patchWide-1-x]
		}
		ab, aa, bb = ab+float64(u*v), aa+float64(u*u), bb+float64(v*v)
	}
	return ab / math.Sqrt(max(aa*bb, 1e-9))
}

// unfocused leaves out what is so blurred that who it shows would be told wrongly, and returns the others. Skin and paint of
// different people differ in sharpness, too; that is not judged here.
func (c *contact) unfocused(rest []int) (others []int) {
	usual := c.median(rest, func(s *seen) float64 { return s.sharp })
	for _, i := range rest {
		if s := &c.seen[i]; s.sharp < smeared*usual {
			s.out("blurred", outOfFocus)
		} else {
			others = append(others, i)
		}
	}
	return others
}

const outOfFocus = "it is out of focus"

// dim leaves out of one person's pictures what is out of focus, or in a quite different light than most.
func (c *contact) dim(rest []int) {
	usual, bright := c.median(rest, func(s *seen) float64 { return s.sharp }), c.median(rest, func(s *seen) float64 { return s.light })
	for _, i := range rest {
		s := &c.seen[i]
		switch {
		case s.code != "":
		case s.sharp < blurred*usual:
			s.out("blurred", outOfFocus)
		case s.light > gloom*bright || s.light < bright/gloom:
			s.out("light", "its light differs too much from that of the others")
		}
	}
}

// median is that of a figure of those that are not left out; 0 if all are.
func (c *contact) median(rest []int, of func(*seen) float64) float64 {
	var all []float64
	for _, i := range rest {
		if s := &c.seen[i]; s.code == "" {
			all = append(all, of(s))
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// fine tells which of the kept pictures are large and sharp enough to be shown.
func (c *contact) fine(kept []int) func(i int) bool {
	var eyes float32
	var sharp float64
	for _, k := range kept {
		eyes, sharp = max(eyes, c.seen[k].eyes), max(sharp, c.seen[k].sharp*float64(c.seen[k].eyes))
	}
	suits := func(i int) bool {
		s := &c.seen[kept[i]]
		return s.eyes >= 0.6*eyes && s.sharp*float64(s.eyes) >= 0.5*sharp
	}
	for i := range kept {
		if suits(i) {
			return suits
		}
	}
	return nil
}
