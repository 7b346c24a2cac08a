package eye

import (
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// lidContour is the edge of the lids from the picture's left corner to its right one, both corners included.
type lidContour struct {
	upper, lower [9]uint16
	iris         uint16 // centre; the next four lie on its edge
}

// lidsOf is the contour of one eye: 0 is the one on the picture's left, 1 that on its right.
func lidsOf(index int) (c lidContour) {
	e := motion.Eyes()[index]
	c.upper[0], c.lower[0] = e.Outer, e.Outer
	copy(c.upper[1:], e.Upper[:])
	copy(c.lower[1:], e.Lower[:])
	c.upper[8], c.lower[8] = e.Inner, e.Inner
	if index == 1 { // its inner corner is the left one
		slices.Reverse(c.upper[:])
		slices.Reverse(c.lower[:])
	}
	c.iris = e.Iris[0]
	return c
}
