package teach

import (
	"slices"

	"github.com/gioconda-live/gioconda/models/face"
)

// keep judges the pictures against each other, says which are left out, and lists the others; at least one.
func (c *contact) keep() (kept []int) {
	var rest []int
	for i := range c.seen {
		if c.seen[i].why == "" {
			rest = append(rest, i)
		}
	}
	if rest = c.unfocused(rest); len(rest) > 0 {
		main := c.strangers(rest)
		c.dressed(rest)
		if c.loose {
			c.mirrored(rest, main)
		}
		c.dim(rest)
	}
	for i := range c.seen {
		s := &c.seen[i]
		if i < c.held {
			s.out("", "")
		}
		if s.code == "" {
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

// strangers leaves out other people than the one whom most pictures show, the first of several such, and returns the picture that is
// most like the others.
func (c *contact) strangers(rest []int) (main int) {
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
	if c.held > 0 {
		main = 0
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
	return main
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
	usual, bright := c.median(rest, func(s *seen) float64 { return s.sharp }), c.usual(rest, func(s *seen) float64 { return s.light })
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

// usual is a figure of the picture that is shown already, or the median of those that are not left out.
func (c *contact) usual(rest []int, of func(*seen) float64) float64 {
	if c.held > 0 {
		return of(&c.seen[0])
	}
	return c.median(rest, of)
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
