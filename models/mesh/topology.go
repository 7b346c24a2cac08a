package mesh

import (
	"slices"

	"github.com/gioconda-live/gioconda/pipeline/motion"
)

// lidContour is the edge of the lids from the picture's left corner to its right one, both corners included.
type lidContour struct {
	upper, lower [9]uint16
	iris         uint16 // centre; the next four lie on its edge
}

// lidContours lists the eye on the picture's left, then the one on its right.
func lidContours() (list [2]lidContour) {
	for i, e := range motion.Eyes() {
		c := &list[i]
		c.upper[0], c.lower[0] = e.Outer, e.Outer
		copy(c.upper[1:], e.Upper[:])
		copy(c.lower[1:], e.Lower[:])
		c.upper[8], c.lower[8] = e.Inner, e.Inner
		if i == 1 { // its inner corner is the left one
			slices.Reverse(c.upper[:])
			slices.Reverse(c.lower[:])
		}
		c.iris = e.Iris[0]
	}
	return list
}

// lipContour is the inner edge of the lips from the picture's left corner to its right one, corners included.
type lipContour struct{ upper, lower [11]uint16 }

func innerLips() (c lipContour) {
	const inner = 3
	corners := motion.MouthCorners()
	c.upper[0], c.lower[0] = corners[0][inner], corners[0][inner]
	c.upper[10], c.lower[10] = corners[1][inner], corners[1][inner]
	for i, column := range motion.LipColumns() {
		c.upper[i+1], c.lower[i+1] = column.Upper[inner], column.Lower[inner]
	}
	return c
}
