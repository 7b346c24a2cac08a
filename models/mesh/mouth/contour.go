package mouth

import "github.com/gioconda-live/gioconda/pipeline/motion"

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
