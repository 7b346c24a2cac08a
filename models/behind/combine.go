package behind

import (
	"image"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/models/persona"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	agreed    = 14    // levels around the middle of what pictures show that count as the same: noise
	sure      = 128   // weight that one picture must have at least: near a person strands of hair pass for background in all
	majority  = 0.6   // share of pictures that must
	feather   = 0.012 // of the edge: how softly what was seen goes over into what is guessed
	leastSeen = 0.005 // of what the person covers, margin and all: below that a persona keeps nothing
	around    = 0.05  // of the edge: how much of the portrait's own background is kept with it, so that there is no seam
)

// Found is what came of it.
type Found struct {
	Pictures int // that were taken
	Covered  int // pixels of the crop that the person covers
	Seen     int // of them, in pictures
}

// Finish is what all pictures say together; nil where that is nothing.
func (c *Collector) Finish() (*persona.Behind, Found) {
	found := Found{Pictures: len(c.shown), Covered: c.person}
	var out [3]*planar.Plane
	for k := range out {
		out[k] = c.base.colour[k].Clone()
	}
	known := c.base.clear.Clone()
	c.vote(&out, known)
	known = c.cleaned(known)
	ring, revealed := c.ring(known)
	for _, o := range revealed {
		if c.matte.Pix[o] >= opaque {
			found.Seen++
		}
	}
	if float64(len(revealed)) < leastSeen*float64(len(c.covered)) {
		found.Seen = 0
		return nil, found
	}
	planar.PushPull(out[:], certain(ring))
	b := &persona.Behind{Picture: image.NewRGBA(image.Rect(0, 0, c.edge, c.edge)), Seen: image.NewGray(image.Rect(0, 0, c.edge, c.edge))}
	copy(b.Seen.Pix, ring.Bytes(255))
	for o := range c.edge * c.edge {
		for k := range 3 {
			b.Picture.Pix[4*o+k] = byte(min(max(out[k].Pix[o]+0.5, 0), 255))
		}
		b.Picture.Pix[4*o+3] = 255
	}
	return b, found
}

// certain is 1 where p is not 0.
func certain(p *planar.Plane) *planar.Plane {
	out := planar.New(p.W, p.H)
	for o, v := range p.Pix {
		if v > 0 {
			out.Pix[o] = 1
		}
	}
	return out
}

// vote gives each covered pixel the mean of the pictures that are near the middle of all that show it, if those are most.
func (c *Collector) vote(out *[3]*planar.Plane, known *planar.Plane) {
	least := 1
	if len(c.shown) > 2 || 2*len(c.shown) < c.tried { // one alone may show what is not always there, or by a camera in a hand
		least = 2
	}
	var values [3][MostPictures]byte
	var weights [MostPictures]byte
	for i, o := range c.covered {
		n, best := 0, byte(0)
		for s := range c.shown {
			if one := &c.shown[s]; one.weight[i] > 0 {
				weights[n] = one.weight[i]
				best = max(best, one.weight[i])
				for k := range 3 {
					values[k][n] = one.colour[3*i+k]
				}
				n++
			}
		}
		if n < least || best < sure {
			continue
		}
		mean, near := consensus(&values, weights[:n])
		if near < least || float32(near) < majority*float32(n) {
			continue
		}
		known.Pix[o] = 1
		for k := range 3 {
			out[k].Pix[o] = mean[k]
		}
	}
}

// consensus is the weighted mean of those colours that are near their middle, and how many they are.
func consensus(values *[3][MostPictures]byte, weights []byte) (mean [3]float32, near int) {
	n := len(weights)
	var middle [3]float32
	for k := range 3 {
		sorted := values[k]
		slices.Sort(sorted[:n])
		middle[k] = (float32(sorted[(n-1)/2]) + float32(sorted[n/2])) / 2
	}
	limit := float32(agreed)
	if n == 2 { // both are as far from their middle
		limit /= 2
	}
	var total float32
	for s, w := range weights {
		far := false
		for k := range 3 {
			far = far || num.Abs(float32(values[k][s])-middle[k]) > limit
		}
		if far {
			continue
		}
		near++
		total += float32(w)
		for k := range 3 {
			mean[k] += float32(w) * float32(values[k][s])
		}
	}
	for k := range 3 {
		mean[k] /= max(total, 1)
	}
	return mean, near
}

// cleaned is known without specks and without its rim towards what is not, where it fades; holes of single pixels stay holes.
func (c *Collector) cleaned(known *planar.Plane) *planar.Plane {
	r := max(c.edge/200, 1)
	whole := known.Dilate(r).Erode(2 * r).Dilate(r) // holes closed, then specks removed
	soft := max(int(feather*float64(c.edge)), 2)
	fade := whole.Erode(soft / 2).Blur(soft / 2)
	for o, v := range known.Pix {
		if v == 0 {
			fade.Pix[o] = 0
		}
	}
	return fade
}

// ring is how much is known of what the person may cover, and of a ring of background around that; revealed are the pixels of the former
// that are known.
func (c *Collector) ring(known *planar.Plane) (ring *planar.Plane, revealed []int32) {
	ring = planar.New(c.edge, c.edge)
	for _, o := range c.covered {
		if ring.Pix[o] = known.Pix[o]; known.Pix[o] >= 0.5 {
			revealed = append(revealed, o)
		}
	}
	near := ring.Dilate(int(around * float64(c.edge)))
	for o, clear := range c.base.clear.Pix {
		if clear == 1 && near.Pix[o] > 0 {
			ring.Pix[o] = known.Pix[o]
		}
	}
	return ring, revealed
}
