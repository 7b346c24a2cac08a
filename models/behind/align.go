package behind

import (
	"math"
	"slices"

	"github.com/gioconda-live/gioconda/models/mesh/planar"
	"github.com/gioconda-live/gioconda/pipeline/num"
)

const (
	mostShift  = 0.015 // of the edge: how far a camera may have slipped
	still      = 0.15  // pixels below which it stood still
	slack      = 0.5   // squared gradient that a wall without structure has by its noise
	unlike     = 10    // levels from which on two backgrounds differ
	closeTo    = 4     // levels by which they may differ in the median
	leastAlike = 0.85  // share of the common background that must be alike, on either side
	leastSide  = 0.02  // of the square, that must be common on either side
	fineness   = 24    // fine detail is what is not smooth over this part of the edge
	leastFine  = 0.75  // its correlation
	structure  = 4     // squared level from which on there is detail to correlate
	mostGain   = 1.5
	mostTint   = 1.15 // of a channel's gain over another's
	leastTrust = 0.8  // share that must be alike near what is taken
	mostOffset = 12   // levels that are taken out smoothly
)

// shift is by how many pixels of the square the background of a picture lies to the right and below the portrait's: Gauss-Newton
// on fine luma, from coarse to fine (Lucas and Kanade 1981), held at 0 where there is no structure.
func (c *Collector) shift(next *look) (x, y float64, err error) {
	both := next.clear.Clone()
	both.AtMost(c.base.clear)
	a, b := luma(c.base.colour), luma(next.colour)
	for n := 64; n <= min(c.edge, 512); n *= 2 {
		step := float64(c.edge) / float64(n)
		small := func(p *planar.Plane) *planar.Plane { return p.Resample(n, n, 0, 0, step) }
		mask := small(both).Erode(2)
		p, q := fine(small(a), n/16), fine(small(b), n/16)
		x, y = slide(p, q, mask, x/step, y/step)
		x, y = x*step, y*step
		if !(math.Hypot(x, y) <= mostShift*float64(c.edge)) {
			return 0, 0, ErrMoved
		}
	}
	if math.Hypot(x, y) < still {
		return 0, 0, nil
	}
	return x, y, nil
}

// slide betters (x, y), by which q lies beside p.
func slide(p, q, mask *planar.Plane, x, y float64) (float64, float64) {
	for range 6 {
		var xx, xy, yy, xe, ye, total float64
		for j := 1; j < p.H-1; j++ {
			for i := 1; i < p.W-1; i++ {
				o := j*p.W + i
				if mask.Pix[o] < 0.99 {
					continue
				}
				gx, gy := float64(p.Pix[o+1]-p.Pix[o-1])/2, float64(p.Pix[o+p.W]-p.Pix[o-p.W])/2
				e := float64(q.Sample(float32(i)+0.5+float32(x), float32(j)+0.5+float32(y)) - p.Pix[o])
				w := 1 / (1 + e*e/36)
				xx, xy, yy = xx+w*gx*gx, xy+w*gx*gy, yy+w*gy*gy
				xe, ye, total = xe+w*gx*e, ye+w*gy*e, total+w
			}
		}
		// Towards 0 as strongly as noise would have it.
		xx, yy = xx+slack*total, yy+slack*total
		xe, ye = xe+slack*total*x, ye+slack*total*y
		det := xx*yy - xy*xy
		if !(det > 1e-9) {
			return x, y
		}
		dx, dy := (yy*xe-xy*ye)/det, (xx*ye-xy*xe)/det
		x, y = x-dx, y-dy
		if math.Hypot(dx, dy) < 0.01 {
			break
		}
	}
	return x, y
}

// luma is what colours weigh together.
func luma(c [3]*planar.Plane) *planar.Plane {
	out := planar.New(c[0].W, c[0].H)
	for o := range out.Pix {
		out.Pix[o] = 0.299*c[0].Pix[o] + 0.587*c[1].Pix[o] + 0.114*c[2].Pix[o]
	}
	return out
}

// fine is p without noise and without what is smooth over r pixels.
func fine(p *planar.Plane, r int) *planar.Plane {
	out, smooth := p.Blur(1), p.Blur(max(r, 2))
	for o, v := range smooth.Pix {
		out.Pix[o] -= v
	}
	return out
}

// agree brings next into the portrait's light, or tells why its background is none of the portrait's. What it returns is how much of
// the background is alike near each pixel, 0..1.
func (c *Collector) agree(next *look) (trust *planar.Plane, err error) {
	both := next.clear.Clone()
	both.AtMost(c.base.clear)
	if err := c.exposed(next, both); err != nil {
		return nil, err
	}
	var apart [3]*planar.Plane
	for k := range apart {
		apart[k] = c.soft[k].Clone()
		for o, v := range next.colour[k].Blur(1).Pix {
			apart[k].Pix[o] -= v
		}
	}
	trust = planar.New(c.edge, c.edge)
	for o := range trust.Pix {
		if worst(&apart, o) < unlike {
			trust.Pix[o] = 1
		}
	}
	if err := c.alike(next, both, trust, &apart); err != nil {
		return nil, err
	}
	c.harmonise(next, both, trust, &apart)
	weight := both.Clone()
	planar.PushPull([]*planar.Plane{trust}, weight)
	return trust.Blur(c.edge / 128), nil
}

func worst(apart *[3]*planar.Plane, o int) float32 {
	return max(num.Abs(apart[0].Pix[o]), num.Abs(apart[1].Pix[o]), num.Abs(apart[2].Pix[o]))
}

// exposed multiplies each channel of next by the one factor that brings what both show to the portrait.
func (c *Collector) exposed(next *look, both *planar.Plane) error {
	const toe = 4 // a factor of black says nothing
	var gains [3]float32
	for k := range gains {
		var ratios []float32
		for o, m := range both.Pix {
			if m == 1 && o%3 == 0 {
				ratios = append(ratios, (c.base.colour[k].Pix[o]+toe)/(next.colour[k].Pix[o]+toe))
			}
		}
		if len(ratios) < 100 {
			return ErrLittle
		}
		slices.Sort(ratios)
		gains[k] = ratios[len(ratios)/2]
	}
	lo, hi := min(gains[0], gains[1], gains[2]), max(gains[0], gains[1], gains[2])
	if !(hi <= mostGain && lo >= 1/mostGain && hi <= mostTint*lo) {
		return ErrDiffers
	}
	for k, g := range gains {
		for o := range next.colour[k].Pix {
			next.colour[k].Pix[o] = g*(next.colour[k].Pix[o]+toe) - toe
		}
	}
	return nil
}

// alike judges what both show: same tells of each pixel whether it is alike, apart by how much it differs.
func (c *Collector) alike(next *look, both, same *planar.Plane, apart *[3]*planar.Plane) error {
	var count, good [2]float64
	var off []float32
	for o, m := range both.Pix {
		if m == 1 {
			side := o % c.edge * 2 / c.edge
			count[side]++
			good[side] += float64(same.Pix[o])
			off = append(off, worst(apart, o))
		}
	}
	for side := range count {
		if count[side] < leastSide*float64(c.edge*c.edge) {
			return ErrLittle
		}
		if good[side] < leastAlike*count[side] {
			return ErrDiffers
		}
	}
	slices.Sort(off)
	if off[len(off)/2] > closeTo {
		return ErrDiffers
	}
	reach := c.edge / fineness
	p, q := c.fine, fine(luma(next.colour), reach)
	sure := both.Erode(reach)
	var pp, pq, qq, n float64
	for o, m := range sure.Pix {
		if m == 1 {
			a, b := float64(p.Pix[o]), float64(q.Pix[o])
			pp, pq, qq, n = pp+a*a, pq+a*b, qq+b*b, n+1
		}
	}
	if max(pp, qq) > structure*n && pq < leastFine*math.Sqrt(pp*qq) {
		return ErrMoved
	}
	return nil
}

// harmonise takes out of next what its light differs by from the portrait's, which is smooth: told where both are alike, continued from
// there.
func (c *Collector) harmonise(next *look, both, same *planar.Plane, apart *[3]*planar.Plane) {
	weight := both.Clone()
	weight.AtMost(same)
	offset := [3]*planar.Plane{apart[0].Clone(), apart[1].Clone(), apart[2].Clone()}
	planar.PushPull(offset[:], weight.Clone())
	for k := range offset {
		smooth := offset[k].Blur(c.edge / 64)
		for o, v := range smooth.Pix {
			next.colour[k].Pix[o] += min(max(v, -mostOffset), mostOffset)
		}
	}
}
