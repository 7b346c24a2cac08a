package matte

import (
	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

// grainReach is the width of the border whose grain is repeated, pixels.
const grainReach = 48

// grain gives filled-in pixels, all that are not known, the fine texture of the nearest ones of pic's own in their row, mirrored at the
// border: canvas, noise, leaves. Without it a painted-in background looks smeared.
func grain(back, pic planar.Picture, own, known *planar.Plane) {
	const radius = 3
	var soft planar.Picture
	for k := range 3 {
		soft[k] = pic[k].Blur(radius)
	}
	// Only pixels whose whole neighbourhood is known have clean grain.
	sure := own.Erode(2 * radius)
	from := make([]int, known.W)
	for y := range known.H {
		row := y * known.W
		grainColumns(from, sure.Pix[row:row+known.W])
		for x, column := range from {
			if column < 0 || known.Pix[row+x] == 1 {
				continue
			}
			guessed := 1 - known.Pix[row+x]
			for k := range 3 {
				d := pic[k].Pix[row+column] - soft[k].Pix[row+column]
				back[k].Pix[row+x] += guessed * d * (1 - num.Smoothstep(8, 20, num.Abs(d))) // grain, not fragments of edges
			}
		}
	}
}

// grainColumns says for each pixel of a row from which column it takes its grain; -1 for sure pixels (1 in sure) and where none is
// near.
func grainColumns(from []int, sure []float32) {
	for a := 0; a < len(sure); a++ {
		if sure[a] == 1 {
			from[a] = -1
			continue
		}
		b := a + 1
		for b < len(sure) && sure[b] != 1 {
			b++
		}
		for x := a; x < b; x++ {
			from[x] = mirrored(sure, x, a-1, b)
		}
		a = b - 1
	}
}

// mirrored is the column that lies opposite of x behind the nearer of its neighbours left and right, which are sure or beyond the
// row's ends; -1 if that is not sure.
func mirrored(sure []float32, x, left, right int) int {
	column := left - (x-left)%grainReach
	if right < len(sure) && (left < 0 || right-x < x-left) {
		column = right + (right-x)%grainReach
	} else if left < 0 {
		return -1
	}
	if column < 0 || column >= len(sure) || sure[column] != 1 {
		return -1
	}
	return column
}
