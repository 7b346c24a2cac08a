package outpaint

import (
	"math"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	// reach is how deep into the square what is mirrored comes from at most, as a share of its edge: not as deep as the head.
	reach = 0.12
	// softening is the radius of the blur as a share of the distance to the square, softest the largest, as a share of its edge.
	softening = 0.8
	softest   = 0.1
)

// inward is how far inside of the square lies what is shown at a distance from it.
func (w *wide) inward(distance float32) float32 {
	deep := reach * float64(w.edge)
	return float32(deep * (1 - math.Exp(-float64(distance)/deep)))
}

// mirror fills the sides from the square's background.
func (w *wide) mirror() {
	width := w.out[0].W
	whole := planar.NewPicture(width, w.edge)
	for k := range 3 {
		for y := range w.edge {
			copy(whole[k].Pix[y*width+w.from:], w.back[k].Pix[y*w.edge:(y+1)*w.edge])
		}
	}
	w.beside(func(x int, distance float32) {
		in := w.inward(distance)
		if x > w.from {
			in = float32(w.edge) - in
		}
		for y := range w.edge {
			for k := range 3 {
				whole[k].Pix[y*width+x] = w.back[k].Sample(in, float32(y)+0.5)
			}
		}
	})
	most := softest * float32(w.edge)
	soft := newSoft(whole[:], most)
	w.beside(func(x int, distance float32) {
		for y := range w.edge {
			for k := range 3 {
				w.out[k].Pix[y*width+x] = soft.at(k, float32(x)+0.5, float32(y)+0.5, min(softening*distance, most))
			}
		}
	})
	w.grain()
}

// grain gives the sides the fine texture of the square's border, canvas or noise, in tiles from here and there: without it they look
// smeared, and mirrored it would be an ornament.
func (w *wide) grain() {
	const radius = 3
	var fine planar.Picture
	for k := range 3 {
		fine[k] = w.back[k].Blur(radius)
		for o, v := range fine[k].Pix {
			d := w.back[k].Pix[o] - v
			fine[k].Pix[o] = d * (1 - num.Smoothstep(5, 12, num.Abs(d))) // not the fragments of edges
		}
	}
	deep := max(int(reach*float32(w.edge))-tile, 1)
	w.beside(func(x int, distance float32) {
		share := num.Smoothstep(0, 0.05*float32(w.edge), distance) // as what is blurred loses its own
		for y := range w.edge {
			h := scatter(x/tile, y/tile)
			in := int(h%uint32(deep)) + x%tile
			if x > w.from {
				in = w.edge - 1 - in
			}
			from := min(max(y+int(h>>16%tile)-tile/2, 0), w.edge-1)
			for k := range 3 {
				w.out[k].Pix[y*w.out[k].W+x] += share * fine[k].Pix[from*w.edge+in]
			}
		}
	})
}

// tile is the edge of a tile of grain, pixels.
const tile = 24

// scatter is a number that looks random, always the same for a place.
func scatter(x, y int) uint32 {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	h *= 0x297a2d39
	return h ^ h>>15
}

// soft is a few planes of one size at several radii of blur, each twice the one before, the first 0.
type soft struct {
	levels [][]*planar.Plane
}

// firstRadius is that of the second level, pixels.
const firstRadius = 2

func newSoft(planes []*planar.Plane, most float32) *soft {
	s := &soft{levels: [][]*planar.Plane{planes}}
	for r := float32(firstRadius); ; r *= 2 {
		var blurred []*planar.Plane
		for _, p := range planes {
			blurred = append(blurred, p.Blur(int(r)))
		}
		if s.levels = append(s.levels, blurred); r >= most {
			return s
		}
	}
}

// at is plane k at (x, y), blurred by radius pixels, bilinear.
func (s *soft) at(k int, x, y, radius float32) float32 {
	level := radius / firstRadius // 0..1 between the first two
	if level > 1 {
		level = 1 + float32(math.Log2(float64(level)))
	}
	i := min(int(level), len(s.levels)-2)
	f := num.Clamp01(level - float32(i))
	a := s.levels[i][k].Sample(x, y)
	if f == 0 {
		return a
	}
	return a + (s.levels[i+1][k].Sample(x, y)-a)*f
}
