package matte

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
)

// extend continues matte m beyond known, where the picture ends: sideways and down the person goes on, above it is closed by half
// an ellipse, as the rest of a head would. m is changed.
func extend(m *planar.Plane, known planar.Rect) {
	var mass, moment float32
	for x := known.X0; x < known.X1; x++ {
		mass += m.At(x, known.Y0)
		moment += m.At(x, known.Y0) * float32(x)
	}
	centre, height := float32(0), mass*0.3
	if mass > 0 {
		centre = moment / mass
	}
	for y := range m.H {
		for x := range m.W {
			if known.Holds(x, y) {
				continue
			}
			sx, sy := min(max(x, known.X0), known.X1-1), min(max(y, known.Y0), known.Y1-1)
			if y >= known.Y0 {
				m.Pix[y*m.W+x] = m.At(sx, sy)
				continue
			}
			rise := float32(known.Y0-y) / max(height, 1)
			if rise >= 1 {
				m.Pix[y*m.W+x] = 0
				continue
			}
			k := float32(math.Sqrt(float64(1 - rise*rise)))
			from := int(centre + (float32(x)-centre)/k)
			m.Pix[y*m.W+x] = m.At(min(max(from, known.X0), known.X1-1), known.Y0)
		}
	}
}
